"""Jobs against cordon-sim: nothing twice, nothing lost, nothing called done that is not known. Asserts what was sent and
what the tenant has, not only what the client says."""

import collections
import glob
import json
import os
import resource
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cordon_test as t

SCALE = 0.02
PATHS = {"isolate": "isolate", "scan": "runAntiVirusScan", "release": "unisolate"}
TYPES = {"isolate": "Isolate", "scan": "RunAntiVirusScan", "release": "Unisolate"}
VALUES = {"isolate": "Full", "scan": "Quick", "release": "-"}
TAG_CALL = "AddOrRemoveTagForMultipleMachines"


def words(sim, folder, scale, args):
    return [t.program("tests/unit/engine/drive"), sim.url, folder, str(scale), str(max(int(30000 * scale), 1000 if
            scale == 0 else 0))] + [str(a) for a in args]


def drive(sim, folder, *args, scale=SCALE, timeout=300, **options):
    """Runs the driver; one object a command."""
    done = subprocess.run(words(sim, folder, scale, args), capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        t.note("the driver ended with %d\n%s" % (done.returncode, done.stderr))
    return [json.loads(line) for line in done.stdout.splitlines()]


def start(sim, folder, *args, scale=SCALE):
    return subprocess.Popen(words(sim, folder, scale, args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def records(folder):
    found = []
    for name in sorted(glob.glob(os.path.join(folder, "log", "*.jsonl"))):
        with open(name) as file:
            found += [json.loads(line) for line in file if line.endswith("\n")]
    return found


def outcomes(answer):
    return collections.Counter(r["outcome"] for r in answer.get("results", []))


def ids(answer, *wanted):
    return {r["id"] for r in answer["results"] if r["outcome"] in wanted}


def counts(sim, kind):
    return collections.Counter(a["machineId"] for a in sim.actions(TYPES[kind]))


def intents_precede(sim, folder, path, name):
    """Each request that arrived was written down before it did, under the id it bears."""
    times = {r["request"]: r["time"] for r in records(folder) if r["type"] == "action.intent"}
    sent = sim.requests(ends=path)
    t.ok(sent and all(r["client_request_id"] in times for r in sent), name + ": each request has an intent")
    t.ok(all(times.get(r["client_request_id"], "9") <= r["time"] for r in sent), name + ": intents precede requests")


# ---- one action a device, whatever fails

def faults(path):
    found = []
    for fault in ("drop-after%5", "500-before%5", "500-after%5", "truncated%3", "429@20", "429@90"):
        found += ["--fault", "%s:%s" % (path, fault)]
    return found


def test_faults(kind, seed, *options):
    name = "%s, seed %d" % (kind, seed)
    with t.Sim("--devices", 330, "--window-scale", SCALE, "--list-lag", 3, "--seed", seed, *options,
               *faults(PATHS[kind])) as sim:
        folder = t.temp_dir()
        act, verify = drive(sim, folder, "--devices", 200, "act", kind, VALUES[kind], "verify")
        has = counts(sim, kind)
        t.eq(act["total"], 200, name + ": 200 devices")
        t.eq([d for d, n in has.items() if n > 1], [], name + ": none twice")
        t.eq(ids(act, "accepted"), set(has), name + ": accepted is what the tenant has, none missing")
        t.ok(outcomes(act)["accepted"] >= 195 and not set(outcomes(act)) - {"accepted", "refused", "skipped"},
             name + ": nothing is left open")
        lost = [r for r in sim.requests(ends=PATHS[kind]) if r["fault"]]
        t.ok(len(lost) > 10, name + ": there were faults")
        t.eq(verify["faults"], [], name + ": the log verifies")
        intents_precede(sim, folder, PATHS[kind], name)


def test_killed(kind):
    """Killed in the middle, twice; then resumed."""
    # Slow enough to be killed in time: a window's hundred calls go within latency * 100 / 24.
    with t.Sim("--devices", 330, "--window-scale", SCALE, "--list-lag", 3, "--latency-ms", 200,
               *faults(PATHS[kind])) as sim:
        folder = t.temp_dir()
        for command in (["--devices", 200, "act", kind, VALUES[kind]], ["resume", "-"]):
            process = start(sim, folder, *command)
            before = len(sim.requests(ends=PATHS[kind]))
            end = time.monotonic() + 60
            while len(sim.requests(ends=PATHS[kind])) < before + 40 and time.monotonic() < end:
                time.sleep(0.01)
            process.kill()
            process.communicate()
        resumed, verify = drive(sim, folder, "resume", "-", "verify")
        has = counts(sim, kind)
        t.eq([d for d, n in has.items() if n > 1], [], kind + " killed twice: none twice")
        t.eq(ids(resumed, "accepted"), set(has), kind + " killed twice: accepted is what the tenant has")
        t.ok(outcomes(resumed)["accepted"] >= 195 and
             not set(outcomes(resumed)) - {"accepted", "refused", "skipped"}, kind + " killed twice: nothing is open")
        t.eq(verify["faults"], [], kind + " killed twice: the logs verify")
        again = drive(sim, folder, "resume", "-", "jobs")
        t.has(again[0]["error"]["text"], "no unfinished job", kind + " killed twice: then there is nothing to resume")
        t.eq([j["open"] for j in again[1]["jobs"]], [False], kind + " killed twice: the job is not open")


def test_interrupted():
    with t.Sim("--devices", 330, "--window-scale", SCALE, "--latency-ms", 100) as sim:
        folder = t.temp_dir()
        process = start(sim, folder, "--devices", 200, "act", "isolate", "Full")
        while len(sim.requests(ends="isolate")) < 20:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        act = json.loads(out.splitlines()[0])
        t.ok(20 <= act["accepted"] < 150 and act["unsent"] > 40 and act["unknown"] == 0,
             "Ctrl-C: what was in flight is waited for, the rest is unsent")
        t.eq(act["accepted"], len(sim.actions("Isolate")), "Ctrl-C: accepted is what the tenant has")
        t.eq(act["error"]["kind"], 5, "Ctrl-C: it says interrupted")
        process = start(sim, folder, "resume", "-")
        while len(sim.requests(ends="isolate")) < act["accepted"] + 20:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
        t.ok(json.loads(out.splitlines()[0])["unsent"] > 0, "SIGTERM does the same")
        resumed = drive(sim, folder, "resume", "-")[0]
        t.ok(resumed["unsent"] == 0 and resumed["accepted"] >= 195, "resume sends the rest")
        t.ok(max(counts(sim, "isolate").values()) == 1, "none twice")
        t.eq(os.listdir(os.path.join(folder, "jobs")), [], "a job that is over leaves no lock file")

        def seen():
            job, jobs = drive(sim, folder, "job", act["job"], "jobs")
            return outcomes(job), jobs["jobs"]
        before = seen()
        logs = sorted(glob.glob(os.path.join(folder, "log", "*.jsonl")))
        os.rename(logs[1], os.path.join(folder, "log", "20000101-000000.000-1.jsonl"))
        t.eq(seen(), before, "runs are put in order, whatever the age of the session that wrote them")


def test_two_processes():
    with t.Sim("--devices", 120, "--window-scale", SCALE, "--latency-ms", 300) as sim:
        folder = t.temp_dir()
        process = start(sim, folder, "--devices", 80, "act", "scan", "Quick")
        while len(sim.requests(ends=PATHS["scan"])) < 4:
            time.sleep(0.01)
        job = [r for r in records(folder) if r["type"] == "job.start"][0]["job"]
        other = drive(sim, folder, "resume", job)[0]
        process.communicate(timeout=60)
        t.has(other["error"]["text"], "being run by another process", "two processes never run one job")
        t.eq(max(counts(sim, "scan").values()), 1, "and nothing goes twice")


# ---- faults that would hit every device

def test_breaker():
    with t.Sim("--devices", 330, "--window-scale", SCALE, "--roles", "Machine.Read.All,Machine.ReadWrite.All") as sim:
        act = drive(sim, t.temp_dir(), "--devices", 100, "act", "isolate", "Full")[0]
        t.ok(act["error"]["kind"] == 3 and "Machine.Isolate" in act["error"]["text"],
             "a missing role: one message with its name")
        t.ok(act["unsent"] >= 98 and act["refused"] == 0 and len(sim.requests(ends="isolate")) <= 16,
             "and the rest is unsent")
    with t.Sim("--devices", 330, "--window-scale", SCALE, "--fault", "isolate:status@30+:418") as sim:
        act = drive(sim, t.temp_dir(), "--devices", 100, "act", "isolate", "Full")[0]
        t.ok(act["error"]["text"].startswith("stopped after 5 equal answers"), "five equal answers stop the job")
        # 29 that went well, the five, and what was in flight by then (24)
        sent = len(sim.requests(ends="isolate"))
        t.ok(sent <= 29 + 5 + 24 and act["unsent"] >= 100 - sent, "soon")
    with t.Sim("--devices", 330, "--window-scale", SCALE) as sim:
        folder = t.temp_dir()
        sim.fault("isolate:revoke@40")
        act = drive(sim, folder, "--devices", 100, "act", "isolate", "Full")[0]
        t.ok(act["accepted"] >= 98, "a token revoked in the middle costs nothing but a new one")
        t.eq(len(sim.requests(ends="token")), 2, "one new token")
        t.eq(max(counts(sim, "isolate").values()), 1, "and nothing goes twice")


def test_no_room():
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))

    with t.Sim("--devices", 330, "--window-scale", SCALE) as sim:
        folder = t.temp_dir()
        act = drive(sim, folder, "--devices", 100, "act", "isolate", "Full", preexec_fn=small)[0]
        intents = {r["request"] for r in records(folder) if r["type"] == "action.intent"}
        t.ok("cannot write log" in act["error"]["text"] and act["unsent"] > 0, "a full disk stops the job")
        t.ok(all(r["client_request_id"] in intents for r in sim.requests(ends="isolate")),
             "what is not written down is not sent")
        resumed, verify = drive(sim, folder, "resume", "-", "verify")
        t.ok(resumed["accepted"] >= 98 and verify["faults"] == [], "with room again, resume does the rest")
        t.eq(max(counts(sim, "isolate").values()), 1, "and nothing goes twice")


# ---- whose

def test_already():
    for what in ("error", "existing"):
        with t.Sim("--devices", 60, "--window-scale", 1, "--same-action", what) as sim:
            folder = t.temp_dir()
            machines = [m for m in sim.machines() if m["onboardingStatus"] == "Onboarded"
                        and not m["mergedIntoMachineId"] and m["osPlatform"].startswith("Windows1")]
            others = [m["id"] for m in machines[:3]]
            for device in others:
                sim.api("POST", "/api/machines/%s/isolate" % device, {"Comment": "by hand", "IsolationType": "Full"})
            lesser = machines[3]["id"]
            sim.api("POST", "/api/machines/%s/isolate" % lesser, {"Comment": "by hand", "IsolationType": "Selective"})
            plan, act = drive(sim, folder, "--platform", "Windows1", "plan", "isolate", "Full", "act", "isolate", "Full",
                              scale=1)
            t.eq(ids(plan, "already"), set(others), "open actions of others are seen in the plan (%s)" % what)
            t.eq(ids(act, "already"), set(others), "and not sent to")
            t.eq(ids(act, "refused"), {lesser}, "an open action of another scope is not the same: refused")
            t.ok(all("scope 'Selective'" in r["reason"] for r in act["results"] if r["outcome"] == "refused"),
                 "and it says why")
            t.ok(all("by cordon since" in r["reason"] for r in act["results"] if r["outcome"] == "already"),
                 "whose and since when is shown")
            forced = drive(sim, folder, "--platform", "Windows1", "--force", "act", "isolate", "Full", scale=1)[0]
            t.eq(forced["already"], len(machines) - 1, "--force sends, and the answers tell that they are open (%s)" % what)
            t.eq(len(sim.actions("Isolate")), len(machines), "nothing new came of it")


def test_cut_comment():
    with t.Sim("--devices", 330, "--window-scale", SCALE, "--fault", "isolate:cut-comment@1+:30") as sim:
        folder = t.temp_dir()
        act = drive(sim, folder, "--devices", 100, "--comment", "a comment of some length, for the cut", "act",
                    "isolate", "Full")[0]
        t.has(act["error"]["text"], "cut the comment short", "a comment that comes back cut stops the job")
        t.ok(len(sim.requests(ends="isolate")) <= 32 and act["unknown"] > 0 and act["accepted"] == 0,
             "what was sent is unknown, not accepted")
        watched = drive(sim, folder, "watch", act["job"], 20000)[0]
        tenant = {a["id"]: a["status"] for a in sim.actions("Isolate")}
        named = {r["actionId"]: r["status"] for r in watched["results"] if r["outcome"] == "unknown"}
        t.eq(watched["unknown"], act["unknown"], "looking does not make them this job's")
        t.eq(named, tenant, "but what has become of the actions that were answered is told")
        t.eq(set(tenant.values()) & {"Pending", "InProgress"}, set(), "to their end")


# ---- policy

def test_policy():
    with t.Sim("--devices", 200, "--window-scale", SCALE) as sim:
        folder = t.temp_dir()
        machines = sim.machines()
        tier0 = {m["id"] for m in machines if "tier0" in m["machineTags"]}
        isolate = ("plan", "isolate", "Full")

        plan = drive(sim, folder, "--protected", 'machineTags has "tier0"', *isolate)[0]
        skipped = {r["id"] for r in plan["results"] if r["outcome"] == "skipped" and "protected" in r["reason"]}
        t.ok(tier0 and skipped == tier0, "the protected are skipped, and only they")
        plan = drive(sim, folder, "--protected", 'osVersion > 5 or machineTags has "tier0"', *isolate)[0]
        t.eq(plan.get("error", {}).get("kind"), 2, "a predicate that does not compile: nothing disruptive is planned")
        plan = drive(sim, folder, "--protected", 'osBuild > 99999', *isolate)[0]
        null = {m["id"] for m in machines if m["osBuild"] is None and m["onboardingStatus"] == "Onboarded"
                and not m["mergedIntoMachineId"]}
        skipped = {r["id"] for r in plan["results"] if r["outcome"] == "skipped" and "cannot be judged" in r["reason"]}
        t.ok(skipped and skipped <= null <= ids(plan, "skipped"), "a predicate that is null for a device protects it")
        plan = drive(sim, folder, "--max", 10, *isolate)[0]
        t.eq(plan["error"]["code"], "max-devices", "max-devices refuses")
        plan = drive(sim, folder, "--max", 10, "--limit", 10, *isolate)[0]
        t.eq(plan["planned"], 10, "a limit comes below it")
        plan = drive(sim, folder, "--max", 10, "plan", "scan", "Quick")[0]
        t.ok(plan["planned"] > 100, "it is for disruptive actions only")
        missing = os.path.join(folder, "missing.txt")
        plan = drive(sim, folder, "--protected-list", missing, *isolate)[0]
        t.ok(plan.get("error", {}).get("kind") in (1, 2), "a list that cannot be read stops the act")
        some = [m for m in machines if m["onboardingStatus"] == "Onboarded" and not m["mergedIntoMachineId"]][:2]
        with open(os.path.join(folder, "list.txt"), "w") as file:
            file.write("# crown jewels\n%s\n%s\n" % (some[0]["id"], some[1]["computerDnsName"].upper()))
        plan = drive(sim, folder, "--protected-list", os.path.join(folder, "list.txt"), *isolate)[0]
        t.ok({m["id"] for m in some} <= ids(plan, "skipped"), "the devices of a list are protected")
        with open(os.path.join(folder, "list.txt"), "a") as file:
            file.write("no-such-device\n")
        plan = drive(sim, folder, "--protected-list", os.path.join(folder, "list.txt"), *isolate)[0]
        t.has(plan["error"]["text"], "no-such-device", "an entry that resolves to nothing stops the act")
        t.eq(sim.requests(method="POST", ends="isolate"), [], "nothing was sent by all this")


# ---- tags

def test_tags():
    with t.Sim("--devices", 1600, "--window-scale", 0) as sim:
        folder = t.temp_dir()
        act, plan = drive(sim, folder, "--devices", 1200, "act", "tag-add", "ring 1", "plan", "tag-add", "ring 1",
                          scale=0)
        t.eq(len(sim.requests(ends=TAG_CALL)), 3, "1,200 devices are tagged with 3 calls")
        t.eq(sim.tagged("ring 1"), ids(act, "accepted"), "all of them")
        t.eq(plan["already"], 1200, "the inventory knows at once")
        some = list(sim.tagged("ring 1"))
    for gone, listed in ((1, False), (10, False), (1, True), (10, True)):
        options = []
        for device in some[5::113][:gone]:
            options += ["--gone", device]
        if not listed:
            options = ["--vanish-after-list", 40 if gone > 1 else 4]
        with t.Sim("--devices", 1600, "--window-scale", 0, *options) as sim:
            act = drive(sim, t.temp_dir(), "--devices", 1200, "act", "tag-add", "ring 1", scale=0)[0]
            lost = set(some[5::113][:gone]) if listed else set(sim.vanished()) & {r["id"] for r in act["results"]}
            name = "%d gone, %s listed" % (len(lost), "still" if listed else "not")
            t.ok(lost, name + ": some are of the set")
            t.ok(len(sim.requests(ends=TAG_CALL)) <= 25, name + ": at most 25 tag calls")
            t.eq(ids(act, "refused"), lost, name + ": exactly those are reported")
            t.eq(len(sim.tagged("ring 1") - lost), 1200 - len(lost), name + ": all others are tagged")
            t.ok(all(r["error"]["code"] == "ResourceNotFound" for r in act["results"] if r["outcome"] == "refused"),
                 name + ": as ResourceNotFound")


def test_tag_faults():
    options = []
    for number, fault in enumerate(("drop-after", "500-after", "answer-lacks", "429", "tag-ignored", "truncated",
                                    "drop-before", "html"), 1):
        options += ["--fault", "%s:%s@%d" % (TAG_CALL, fault, number)]
    with t.Sim("--devices", 1600, "--window-scale", SCALE, *options) as sim:
        folder = t.temp_dir()
        act, verify = drive(sim, folder, "--devices", 1200, "act", "tag-add", "ring 1", "verify")
        t.eq((act["accepted"], len(sim.tagged("ring 1"))), (1200, 1200), "faults: all are tagged in the end")
        t.eq(verify["faults"], [], "faults: the log verifies")
        intents_precede(sim, folder, TAG_CALL, "tags")


# ---- limits

def test_limits():
    scale = 0.2
    with t.Sim("--devices", 600, "--window-scale", scale, "--latency-ms", 40) as sim:
        act = drive(sim, t.temp_dir(), "--devices", 350, "act", "scan", "Quick", scale=scale)[0]
        sent = sim.requests(ends=PATHS["scan"])
        span = max(r["answered_ms"] for r in sent) - min(r["t_ms"] for r in sent)
        best = (len(sent) - 1) // 100 * 60000 * scale
        t.ok(len(sent) > 345 and act["accepted"] > 340, "350 scans")
        t.eq([r for r in sent if r["status"] == 429], [], "draw no 429")
        t.ok(best <= span <= best * 1.03, "and take %d ms of at best %d" % (span, best))


def test_recalled():
    """What an earlier session used of the limits counts in the next."""
    with t.Sim("--devices", 400, "--window-scale", SCALE * 5) as sim:
        folder = t.temp_dir()
        drive(sim, folder, "--devices", 90, "act", "scan", "Quick", scale=SCALE * 5)
        drive(sim, folder, "--devices", 190, "act", "isolate", "Full", "act", "scan", "Full", scale=SCALE * 5)
        t.eq([r for r in sim.requests(ends=PATHS["scan"]) if r["status"] == 429], [], "no 429 after a restart")


# ---- the end

def test_watch():
    with t.Sim("--devices", 200, "--window-scale", SCALE, "--offline", 0, "--fail", 0) as sim:
        folder = t.temp_dir()
        act, watch = drive(sim, folder, "--devices", 60, "--platform", "Windows1", "act", "scan", "Quick", "watch", "-", 0)
        wanted = collections.Counter(a["status"] for a in sim.actions("RunAntiVirusScan"))
        t.eq(watch["statuses"], dict(wanted), "watch: each final state is the tenant's")
        t.ok(not set(wanted) & {"Pending", "InProgress"} and sum(wanted.values()) == act["accepted"], "all are final")
        t.eq(watch["succeeded"], set(wanted) == {"Succeeded"}, "and well only if all are")
        t.ok(len(sim.requests(path="/api/machineactions")) < 40, "with one list call an interval")
        again = drive(sim, folder, "job", act["job"][-4:])[0]
        t.eq(again["statuses"], watch["statuses"], "the log keeps the final states")
    with t.Sim("--devices", 200, "--window-scale", 1) as sim:
        watch = drive(sim, t.temp_dir(), "--devices", 5, "act", "scan", "Quick", "watch", "-", 300, scale=1)[1]
        t.ok(watch["error"]["kind"] == 4 and "pending" in watch["error"]["text"], "watch: the time is over, and told")


def test_revert():
    with t.Sim("--devices", 120, "--window-scale", 0, "--offline", 0, "--fail", 0) as sim:
        folder = t.temp_dir()
        act, _ = drive(sim, folder, "--devices", 20, "--platform", "Windows1", "act", "isolate", "Full", "watch", "-",
                       5000, scale=0)
        done = {a["machineId"] for a in sim.actions("Isolate") if a["status"] == "Succeeded"}
        revert, _, isolated = drive(sim, folder, "revert", act["job"], "watch", "-", 5000, "isolated", scale=0)
        t.ok(len(done) > 15 and ids(revert, "accepted") >= done, "revert releases what the job isolated")
        t.eq(isolated["isolated"], [], "nothing is isolated any more")
        closed = drive(sim, folder, "resume", act["job"], scale=0)[0]
        t.has(closed["error"]["text"], "was reverted by job", "a reverted job is closed")
        t.eq(len(isolated["jobs"]), 2, "both jobs are seen in the tenant's list")
    with t.Sim("--devices", 120, "--window-scale", 1) as sim:
        folder = t.temp_dir()
        act, cancel = drive(sim, folder, "--devices", 10, "act", "isolate", "Full", "cancel", "%1", scale=1)
        t.ok(cancel["cancelledActions"] == act["accepted"] and cancel["statuses"] == {"Cancelled": act["accepted"]},
             "cancel ends what is pending")
        t.eq({a["status"] for a in sim.actions("Isolate")}, {"Cancelled"}, "at the tenant, too")
        closed = drive(sim, folder, "resume", act["job"], scale=1)[0]
        t.has(closed["error"]["text"], "was cancelled", "a cancelled job is closed")
    with t.Sim("--devices", 120, "--window-scale", 0) as sim:
        folder = t.temp_dir()
        some = [m["id"] for m in sim.machines() if m["onboardingStatus"] == "Onboarded" and
                not m["mergedIntoMachineId"]][:20]
        sim.api("POST", "/api/machines/" + TAG_CALL, {"Value": "q", "Action": "Add", "MachineIds": some[:5]})
        act = drive(sim, folder, "act", "tag-add", "q", scale=0)[0]
        drive(sim, folder, "revert", act["job"], scale=0)
        t.eq(sim.tagged("q"), set(some[:5]), "tags that were there before stay")


def test_canary():
    with t.Sim("--devices", 300, "--window-scale", 0, "--offline", 0, "--fail", 0) as sim:
        drive(sim, t.temp_dir(), "--devices", 60, "--platform", "Windows1", "--canary", 5, "act", "tag-add", "x", scale=0)
        t.eq([len(r["body"]["MachineIds"]) for r in sim.requests(ends=TAG_CALL)], [5, 55], "a canary goes in its own call")
    with t.Sim("--devices", 300, "--window-scale", 0, "--offline", 0, "--fail", 100) as sim:
        folder = t.temp_dir()
        act = drive(sim, folder, "--devices", 60, "--platform", "Windows1", "--canary", 5, "act", "scan", "Quick", scale=0)[0]
        t.ok(act["error"]["code"] == "canary" and (act["accepted"], act["unsent"]) == (5, 55),
             "a canary that fails keeps the rest from being sent")
        resumed = drive(sim, folder, "resume", "-", scale=0)[0]
        t.eq(resumed["accepted"], 60, "resume sends the rest all the same")


TESTS = [
    lambda: test_faults("isolate", 1), lambda: test_faults("scan", 2, "--clock-skew", 200), lambda: test_killed("isolate"),
    lambda: test_killed("scan"), test_interrupted, test_two_processes, test_breaker, test_no_room, test_already,
    test_cut_comment, test_policy, test_tags, test_tag_faults, test_limits, test_recalled, test_watch, test_revert,
    test_canary,
]

if __name__ == "__main__":
    chosen = sys.argv[1:]
    for number, test in enumerate(TESTS, 1):
        if not chosen or str(number) in chosen:
            test()
    t.done()
