"""The request rooms alone against cordon-sim: limits, faults, paging, hunting; checked by what the simulator logged."""
import json
import os
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("builddir", ".")
CLIENT = os.path.join(BUILD, "tests/unit/net/client")
SIM = os.path.join(BUILD, "cordon-sim")
TENANT = "11111111-1111-4111-8111-111111111111"
APP = "22222222-2222-4222-8222-222222222222"
SECRET = "sim~secret.1_+/=&%x"

count = failures = 0


def ok(passed, name, got=None):
    global count, failures
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}")
    if not passed:
        failures += 1
        print(f"# got {got!r}")
    sys.stdout.flush()


class Sim:
    def __init__(self, directory, *options, scale="0.02"):
        self.scale = scale
        self.directory = directory
        self.log = os.path.join(directory, "requests.jsonl")
        port_file = os.path.join(directory, "port")
        for path in (self.log, port_file):
            if os.path.exists(path):
                os.unlink(path)
        self.process = subprocess.Popen(
            [SIM, "--port-file", port_file, "--log", self.log, "--window-scale", scale, "--until-eof", "--quiet",
             *options], stdin=subprocess.PIPE)
        while not os.path.exists(port_file) or not open(port_file, encoding="utf-8").read().strip():
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{open(port_file, encoding='utf-8').read().strip()}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def run(self, *words, secret=SECRET):
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environment["SECRET"] = secret
        done = subprocess.run([CLIENT, self.url, self.url, TENANT, APP, self.scale, *words], env=environment,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0 or done.stderr:
            ok(False, "the driver runs clean", (done.returncode, done.stderr[-2000:]))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def requests(self, path_end):
        with open(self.log, encoding="utf-8") as log:
            lines = [json.loads(line) for line in log if line.endswith("\n")]
        return [line for line in lines if line["path"].split("?")[0].endswith(path_end)]

    def device_file(self, number):
        """Ids of onboarded devices, one a line."""
        return device_file(self, number)


def device_file(sim, number):
    import urllib.parse
    import urllib.request
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": APP, "client_secret": SECRET,
                                   "scope": "https://api.securitycenter.microsoft.com/.default"}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    token = json.load(opener.open(f"{sim.url}/{TENANT}/oauth2/v2.0/token", form))["access_token"]
    request = urllib.request.Request(f"{sim.url}/api/machines", headers={"Authorization": "Bearer " + token})
    machines = json.load(opener.open(request))["value"]
    ids = [m["id"] for m in machines if m["onboardingStatus"] == "Onboarded" and not m.get("mergedIntoMachineId")
           and m["osPlatform"].startswith("Windows1")]
    path = os.path.join(sim.directory, "ids")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(ids[:number]) + "\n")
    return path, min(number, len(ids))


def main(directory):
    with Sim(directory, "--devices", "1200", "--latency-ms", "5") as sim:
        path, number = sim.device_file(350)
        start = time.monotonic()
        got = sim.run("pump", "scan", path, "")
        took = time.monotonic() - start
        ok(number == 350, "enough devices for the run", number)
        ok(got[0]["throttled"] == 0 and got[0]["done"] == 350, "350 scans at the limits: all done, none throttled", got)
        statuses = {r["status"] for r in sim.requests("/runAntiVirusScan")}
        ok(statuses == {201}, "the simulator saw no other status", statuses)
        ok(took < 3 * 1.2 * 1.25, "near the fastest that the limits allow", took)
        ok(len(sim.requests("/token")) == 2, "one token for all", len(sim.requests("/token")))

    with Sim(directory, "--devices", "12000", scale="0") as sim:
        got = sim.run("read", "machines", "", "")
        ok(got[0]["fate"] == "done" and got[0]["rows"] == 12000 and got[0]["pages"] == 3,
           "12,000 machines in two pages, and the empty one that ends the list",
           got)
        for way in ("graph", "xdr", "mde"):
            got = sim.run("hunt", way, "DeviceInfo | take 3", "")
            ok(got[0]["fate"] == "done" and got[0]["rows"] == 3, f"hunting by {way}", got)
        got = sim.run("hunt", "graph", "NoSuchTable | take 3", "")
        ok(got[0]["fate"] == "refused" and got[0]["status"] == 400, "a query that the service refuses", got)

    with Sim(directory, "--devices", "600", "--fault", "isolate:drop-after%10", "--fault", "isolate:500-before%5",
             "--fault", "isolate:500-after%5", "--fault", "isolate:truncated%5", scale="0") as sim:
        path, number = sim.device_file(200)
        got = sim.run("pump", "isolate", path, "")
        ok(got[0]["lost"] > 0 and got[0]["done"] + got[0]["lost"] == number, "faults: done or lost", got)
        sent = [r["path"] for r in sim.requests("/isolate")]
        ok(len(sent) == len(set(sent)) == number, "and no device was asked twice", (len(sent), len(set(sent))))

    with Sim(directory, "--roles", "Machine.Read.All", scale="0") as sim:
        path, _ = sim.device_file(1)
        with open(path, encoding="utf-8") as file:
            device = file.read().strip()
        got = sim.run("act", "isolate", device, "Full")
        ok(got[0]["error"]["kind"] == 3 and "Machine.Isolate" in got[0]["error"]["text"], "a missing role is named", got)
        got = sim.run("sign-in", "", "", "", secret="wrong")
        ok(got[0]["error"]["code"] == "AADSTS7000215", "a wrong secret", got)
        got = sim.run("sign-in", "", "", "", secret="expired")
        ok(got[0]["error"]["code"] == "AADSTS7000222", "an expired secret", got)

    with Sim(directory, "--clock-skew", "-3600", scale="0") as sim:
        got = sim.run("sign-in", "", "", "")
        ok(got[0]["error"]["code"] == "WrongClock", "a wrong clock", got)


with tempfile.TemporaryDirectory() as work:
    main(work)
print(f"1..{count}")
sys.exit(1 if failures else 0)
