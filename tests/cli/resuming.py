"""Resume: tells the age, plans again what rested over 15 minutes, however often it was looked at; one process at a time."""

import csv
import time

import cordon_test as t

ACTIVE = "select --where healthStatus == 'Active' and osPlatform startswith 'Windows1'"
COUNTS = ("total", "planned", "accepted", "already", "skipped", "refused", "unsent", "unknown")


def counts(answer):
    return {name: answer[name] for name in COUNTS if answer.get(name)}


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)


def begun(sim, home, command, performed=16, options=()):
    """A job of a process that was killed after some requests; returns its record."""
    path = command.split()[0]
    process = home.start("-y", *options, "-c", ACTIVE, "-c", command)
    until(lambda: len(sim.requests(ends=path, performed=True)) >= performed)
    process.kill()
    process.wait()
    return [line for line in home.logs() if line["type"] == "job.start"][-1]


def sim_of():
    # Slow enough to be killed with most devices unsent; the second run is quick.
    return t.Sim("--devices", 100, "--window-scale", 0.02, "--fail", 0, "--offline", 0, "--fault", "isolate:slow@1-16:100",
                 "--fault", "isolate:slow@17-40:2500")


def test_rested():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        job = begun(sim, home, "isolate full --comment x --expect 1..99")
        done = {a["machineId"] for a in sim.actions("Isolate")}
        rest = [d["id"] for d in job["devices"] if d["id"] not in done]
        free, opened, theirs, kept, gone = rest[:5]
        names = {d["id"]: d["name"] for d in job["devices"]}
        for kind, device in (("Isolate", theirs), ("Isolate", free), ("Unisolate", free), ("Isolate", opened)):
            sim.control("action", machineId=device, type=kind, scope="Full", comment="theirs", status="Succeeded")
        sim.control("action", machineId=opened, type="Unisolate", comment="theirs")
        sim.vanish(gone)
        home.config("[policy]\nprotected = computerDnsName == '%s'\n" % names[kept])
        run = home.cordon("-o", "json", "-c", "resume --dry-run")
        t.ok("planned again" not in run.err, "what rested for a moment is not planned again")
        home.age_logs(20 * 60)
        before = len(sim.actions())
        home.cordon("-c", "job " + job["job"], "-c", "wait --for 1s " + job["job"])
        run = home.cordon("-o", "json", "-c", "refresh", "-c", "resume --dry-run")
        t.has(run.err, "begun 20 min ago", "resume tells the job's age")
        t.has(run.err, "planned again", "and plans again after 20 minutes, also if somebody looked at it meanwhile")
        dry = run.json[1]
        t.eq((run.status, dry["job"], len(sim.actions())), (0, None, before), "a dry run sends nothing")
        run = home.cordon("-y", "-o", "json", "-c", "resume")
        got = run.json[0]
        outcome = {r["id"]: (r["outcome"], r["reason"] or "") for r in got["results"]}
        for device, wanted, reason, name in ((free, "skipped", "Unisolate since the job began", "released by others"),
                                             (opened, "skipped", "Unisolate since the job began", "a release is open"),
                                             (theirs, "already", "in that state (Full)", "isolated by others"),
                                             (kept, "skipped", "protected", "protected now"),
                                             (gone, "skipped", "not in the tenant's device list", "gone")):
            t.ok(outcome[device][0] == wanted and reason in outcome[device][1], "planned again: " + name)
            if not (outcome[device][0] == wanted and reason in outcome[device][1]):
                t.note(outcome[device])
        planned = {r["id"]: r["outcome"] for r in dry["results"] if r["outcome"] != "unknown"}
        t.eq({i: o.replace("planned", "accepted") for i, o in planned.items()},
             {i: outcome[i][0] for i in planned}, "the dry run is exactly the plan")
        made = [a["machineId"] for a in sim.actions("Isolate") if "[cordon" in a["requestorComment"]]
        t.eq((len(made), len(set(made)), set(made) & {free, opened, theirs, kept, gone}), (len(made), len(made), set()),
             "no device twice, none of those taken out")
        t.eq(home.cordon("-c", "log verify").status, 0, "the log is whole")
        t.eq(home.cordon("-y", "-c", "resume").status, 1, "then nothing is left")


def test_closed():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        job = begun(sim, home, "isolate full --comment x --expect 1..99")["job"]
        run = home.cordon("--read-only", "-y", "-c", "resume")
        t.ok(run.status != 0 and "--read-only" in run.err, "--read-only resumes nothing")
        sim.fault("isolate:slow@1+:1500")
        first = home.start("-y", "-c", "resume " + job)
        until(lambda: len([line for line in home.logs() if line["type"] == "job.resume"]) > 0)
        run = home.cordon("-y", "-o", "json", "-c", "resume " + job)
        t.eq(run.status, 1, "two processes never run one job")
        t.has(run.json[0]["error"]["message"], "being run by another process", "the second is told")
        t.eq(home.cordon("-y", "-c", "resume").status, 1, "nor is it the last unfinished one")
        first.communicate()
        made = [a["machineId"] for a in sim.actions("Isolate")]
        t.eq(len(made), len(set(made)), "one action a device")
        home.cordon("-y", "-c", "cancel %s --comment no" % job)
        run = home.cordon("-y", "-o", "json", "-c", "resume " + job)
        t.eq((run.status, run.json[0]["error"]["message"]), (1, "job %s was cancelled" % job), "a cancelled job is closed")


def test_older_session():
    """A session that is older than the job resumes it: its log, the older file, holds the later run."""
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        older = home.start("-y", "-c", "connect", "-c", "! while ! test -e go; do sleep 0.05; done", "-c", "resume --wait",
                           "-c", "log export mine.csv")
        until(lambda: any("while" in line.get("text", "") for line in home.logs()))
        job = begun(sim, home, "isolate full --comment x --expect 1..99")
        home.write("go", "")
        older.communicate()
        t.eq(older.returncode, 0, "an older session resumes a job")
        told = home.cordon("-o", "json", "-c", "log export all.csv --all", "-c", "job " + job["job"]).json[-1]
        for name in ("mine.csv", "all.csv"):
            with open(home.path(name), newline="") as file:
                rows = {row["id"]: (row["outcome"], row["status"]) for row in csv.DictReader(file)}
            t.eq(rows, {r["id"]: (r["outcome"], r["status"]) for r in told["results"]}, name + ": as `job` tells")


test_rested()
test_closed()
test_older_session()
t.done()
