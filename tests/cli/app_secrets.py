"""No secret or token in log, history, output or the process list."""
import os
import threading
import time

import cordon_test as t


def files_below(path):
    for folder, _, names in os.walk(path):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                yield os.path.join(folder, name), file.read()


def command_lines(seen, stop):
    """Collects the words of all processes while the test runs."""
    while not stop.is_set():
        for pid in os.listdir("/proc"):
            if pid.isdigit():
                try:
                    with open("/proc/%s/cmdline" % pid, "rb") as file:
                        seen.add(file.read())
                except OSError:
                    pass
        time.sleep(0.005)


with t.Sim("--devices", "30", "--window-scale", "0") as sim:
    home = t.Home(sim, scale=0)
    token = sim.token()
    seen, stop = set(), threading.Event()
    watcher = threading.Thread(target=command_lines, args=(seen, stop))
    watcher.start()
    text = "\n".join(["connect", "select --all", "let SECRET '%s'" % t.SECRET, "note the secret is %s" % t.SECRET,
                      "note Bearer %s" % token, "set comment 'a reason'", "tag add x", "scan quick",
                      "wait", "profile", "set timing on", "log", "query --show DeviceInfo | take 2", "frobnicate"])
    runs = [home.cordon("-y", "-o", "json", "-f", home.write("all.cordon", text.rsplit("\n", 1)[0])),
            home.cordon("-y", "-c", "connect", "-c", "list", "-c", "log --all")]
    barred = [home.cordon("-y", stdin="select --all\nscan quick --comment 'key %s'\n" % t.SECRET),
              home.cordon("-y", stdin="select --all\ntag add '%s'\n" % t.SECRET)]
    for _ in range(2):
        runs.append(home.cordon("-c", "connect", AZURE_CLIENT_SECRET="wrong~secret-77"))
    secret_file = home.write("config/cordon/secret", "wrong~secret-88\n")
    os.chmod(secret_file, 0o600)
    home.config("[profile filed]\ntenant = %s\nclient = %s\nsecret-file = %s\n[profile ran]\ntenant = %s\nclient = %s\n"
                "secret-command = echo 'wrong~secret-99'\n" % (t.TENANT, t.APP, secret_file, t.TENANT, t.APP))
    runs.append(home.cordon("-p", "filed", "-c", "connect"))
    runs.append(home.cordon("-p", "ran", "-o", "json", "-c", "connect", "-c", "profile ran"))
    stop.set()
    watcher.join()

    if not t.ok(runs[0].status in (0, 4) and len(runs[0].json) == 13, "the commands ran"):
        runs[0].show()
    t.eq([r.status for r in runs[2:]], [3] * 4, "a wrong secret is status 3")
    t.eq([r.status for r in barred], [1, 1], "a comment or tag that holds a secret is refused")
    needles = {"secret": t.SECRET.encode(), "token": token.encode(), "part of the token": token.split(".")[1].encode(),
               "wrong secret": b"wrong~secret-77", "secret of a file": b"wrong~secret-88"}
    for name, needle in needles.items():
        found = [path for path, data in files_below(os.path.join(home.dir, "state")) if needle in data]
        t.eq(found, [], "%s in no state file" % name)
        found = [path for path, data in files_below(os.path.join(home.dir, "cache")) if needle in data]
        t.eq(found, [], "%s in no cache file" % name)
        t.ok(not any(needle in line for line in seen), "%s in no process list" % name)
    for name, needle in list(needles.items())[1:]:
        t.ok(not any(needle in (r.out + r.err).encode() for r in runs), "%s in no output" % name)
    t.ok(not any(b"wrong~secret-99" in (r.err + r.out.replace("echo 'wrong~secret-99'", "")).encode() for r in runs),
         "what a secret-command says is in no output")
    for path, _ in files_below(os.path.join(home.dir, "state")):
        t.eq(os.stat(path).st_mode & 0o777, 0o600, "private: " + os.path.basename(path))
t.done()
