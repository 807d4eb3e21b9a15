"""The contract's sections 4 and 5 under attack: each test is a sentence that was found broken once."""

import collections
import glob
import json
import os
import subprocess
import time

import cordon_test as t

ACTIVE = "select --where healthStatus == 'Active' and osPlatform startswith 'Windows1'"
ISOLATE = "isolate full --comment x --expect 1..99"
TAG_CALL = "AddOrRemoveTagForMultipleMachines"
COUNTS = ("total", "accepted", "already", "skipped", "refused", "unsent", "unknown")


def sim_of(*options, scale=0.02):
    return t.Sim("--devices", 60, "--window-scale", scale, "--offline", 0, "--fail", 0, *options)


def counts(answer):
    return {name: answer[name] for name in COUNTS if answer.get(name)}


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)


def job_of(home):
    return [line["job"] for line in home.logs() if line["type"] == "job.start"][-1]


def isolated(sim):
    return [m["id"] for m in sim.state()["machines"] if m["isolated"]]


def test_revert_of_killed_tags():
    with sim_of("--fault", TAG_CALL + ":slow@1:2000") as sim:
        home = t.Home(sim, scale=0.02)
        process = home.start("-y", "-c", ACTIVE, "-c", "tag add doubtful")
        until(lambda: sim.tagged("doubtful"))
        process.kill()
        process.communicate()
        t.ok(sim.tagged("doubtful"), "a tag call was in flight when the program was killed")
        run = home.cordon("-y", "-o", "json", "-c", "revert %s --comment back" % job_of(home))
        t.eq(sim.tagged("doubtful"), set(), "revert takes back what a killed run may have tagged")
        t.eq(run.status, 0, "and all is back")


def test_revert_of_what_cannot_be_cancelled():
    with sim_of("--fault", "cancel:status@1+:400", scale=0.05) as sim:
        home = t.Home(sim, scale=0.05)
        home.cordon("-y", "-c", ACTIVE, "-c", ISOLATE + " --limit 5")
        run = home.cordon("-y", "-o", "json", "-c", "revert %s --comment back" % job_of(home))
        t.eq(counts(run.json[-1]), {"total": 5, "accepted": 5}, "what cannot be cancelled is released all the same")
        t.eq((run.status, isolated(sim)), (0, []), "and none is isolated in the end")
    with sim_of("--fault", "cancel:status@1+:400", scale=1) as sim:
        home = t.Home(sim, scale=0)
        home.cordon("-y", "-c", ACTIVE, "-c", ISOLATE + " --limit 2")
        run = home.cordon("-y", "-o", "json", "-c", "cancel %s --comment back" % job_of(home))
        t.eq(run.status, 4, "a cancel that the tenant refuses is partial")
        t.has(run.json[-1]["error"]["message"], "2 actions", "and says how many are left")
        job = job_of(home)
        t.eq(home.cordon("-y", "-c", "resume %s" % job).status, 1, "the job is closed all the same")


def test_revert_in_background():
    with sim_of(scale=0.02) as sim:
        home = t.Home(sim, scale=0.02)
        home.cordon("-y", "-c", ACTIVE, "-c", ISOLATE + " --limit 5 --wait")
        run = home.cordon("-y", "-o", "json", "-c", "set background on", "-c", "revert %s --comment back" % job_of(home))
        t.eq(run.json[-1]["statuses"], {"Succeeded": 5}, "revert waits, even with background on")
        t.ok("not back" not in run.err, "and names none that is back")


def test_revert_overtaken():
    """The undone action takes effect after the release has: told, not called done."""
    with sim_of("--fault", "cancel:status@1+:400", scale=0) as sim:
        home = t.Home(sim, scale=0)
        home.cordon("-y", "-c", ACTIVE, "-c", ISOLATE + " --limit 1 --wait")
        device = sim.actions("Isolate")[0]["machineId"]
        sim.control("action", machineId=device, type="Isolate", scope="Full", status="Pending")
        run = home.cordon("-y", "-o", "json", "-c", "revert %s --comment back" % job_of(home))
        t.eq(run.status, 4, "a device with an isolation still open is not called back")
        t.has(run.err, "not back", "it is named")


def test_wait_without_list():
    with sim_of("--list-lag", 100000) as sim:
        home = t.Home(sim, scale=0.02)
        run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan quick --comment x --limit 12",
                          "-c", "wait --for 60s")
        t.eq((run.status, run.json[-1]["statuses"]), (0, {"Succeeded": 12}),
             "an action that the list never shows is read by its id")
        t.ok(len([r for r in sim.requests(method="GET") if "/api/machineactions/" in r["path"]]) < 200, "sparingly")


def test_log_taken_away():
    for what in ("removed", "shortened"):
        with sim_of("--latency-ms", 60) as sim:
            home = t.Home(sim, scale=0.02)
            home.cordon("-c", "refresh")
            process = home.start("-y", "-o", "json", "-c", ACTIVE, "-c", ISOLATE)
            until(lambda: len(sim.requests(ends="isolate")) >= 4)
            log = sorted(glob.glob(os.path.join(home.dir, "state/cordon/log/*.jsonl")))[-1]
            if what == "removed":
                os.remove(log)
            else:
                os.truncate(log, 500)
            err = process.communicate()[1].decode()
            t.ok(process.returncode == 1 and "by another hand" in err,
                 "a log that is %s while it is written stops the act" % what)
            t.ok(len(sim.actions("Isolate")) < 38, "nothing more is sent")


def test_result_shown_is_written():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        home.cordon("-c", "refresh")
        before = len(glob.glob(os.path.join(home.dir, "state/cordon/log/*.jsonl")))
        done = subprocess.run(["prlimit", "--fsize=16000", t.program("cordon"), "-y", "-o", "json", "-c", ACTIVE, "-c",
                               ISOLATE], env=home.env, cwd=home.dir, capture_output=True, text=True)
        t.eq(done.returncode, 1, "a full disk in the middle of a run is a failure")
        act = json.loads(done.stdout.splitlines()[-1])
        log = [line for line in home.logs() if line["type"] == "action.result" and line["outcome"] == "accepted"]
        t.eq({r["id"] for r in act["results"] if r["outcome"] == "accepted"}, {line["device"] for line in log},
             "no result is shown that the log does not hold")
        t.ok(act["unsent"] > 0 and act["unknown"] > 0 and before == 1, "the others are unknown or unsent")
        run = home.cordon("-y", "-o", "json", "-c", "resume")
        made = collections.Counter(a["machineId"] for a in sim.actions("Isolate"))
        t.eq((run.json[-1]["accepted"], len(made), max(made.values())), (38, 38, 1), "resume finds what was done")


def test_named_wait():
    with sim_of("--fault", "isolate:429@5:5000") as sim:
        home = t.Home(sim, scale=0.02)
        home.cordon("-y", "-c", ACTIVE, "-c", ISOLATE)
        sent = len(sim.requests(ends="isolate"))
        run = home.cordon("-y", "-o", "json", "-c", "resume")
        t.eq((run.status, len(sim.requests(ends="isolate"))), (1, sent),
             "a wait of over an hour that the service named is kept by another process, too")
        t.has(run.json[-1]["error"]["message"], "the job is paused", "and told")
        run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan quick --comment x --limit 2")
        t.eq(run.status, 0, "calls of another kind may go")


def test_list_that_fails():
    with sim_of("--fault", "machineactions:status@1+:500") as sim:
        home = t.Home(sim, scale=0)
        begun = time.monotonic()
        run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", ISOLATE)
        t.eq((run.status, run.json[-1]["accepted"]), (0, 38), "containment goes on without the action list")
        t.ok(time.monotonic() - begun < 10, "soon")
        t.has(run.err, "which devices are so already is not known", "and that is said")


def test_undo_names_revert():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        run = home.cordon("-y", "-c", ACTIVE, "-c", "tag add x", "-c", "undo")
        t.has(run.err, "`revert %s`" % job_of(home), "undo after an act names the revert to type, for tags, too")


def test_verify_torn():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        home.cordon("-c", "count")
        log = glob.glob(os.path.join(home.dir, "state/cordon/log/*.jsonl"))[0]
        os.truncate(log, os.path.getsize(log) - 30)
        size = os.path.getsize(log)
        run = home.cordon("-o", "json", "-c", "log verify")
        t.ok(run.status == 1 and "torn" in run.json[0]["faults"][0]["message"], "log verify reports a torn line")
        t.eq((os.path.getsize(log), os.path.exists(log + ".torn")), (size, False), "and repairs nothing")
        run = home.cordon("-c", "count")
        t.ok(os.path.exists(log + ".torn") and "was torn" in run.err, "the next session sets it aside and tells")
        t.eq(home.cordon("-c", "log verify").status, 0, "then all logs verify")
        os.truncate(log, 0)
        t.eq(home.cordon("-c", "log verify %s" % log).status, 1, "an emptied log is not whole")


TESTS = [test_named_wait, test_list_that_fails, test_undo_names_revert, test_verify_torn,
         test_revert_of_killed_tags, test_revert_of_what_cannot_be_cancelled, test_revert_in_background,
         test_revert_overtaken, test_wait_without_list, test_log_taken_away, test_result_shown_is_written]

if __name__ == "__main__":
    for test in TESTS:
        test()
    t.done()
