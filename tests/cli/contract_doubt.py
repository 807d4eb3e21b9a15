"""Sentences of the contract's sections 4 to 6, each tried against faults, edits and other people's actions."""

import json
import os
import resource
import subprocess
import time

import cordon_test as t

ACTIVE = "select --where healthStatus == 'Active' and osPlatform startswith 'Windows1'"
TAG_CALL = "AddOrRemoveTagForMultipleMachines"


def isolate(home, *more, limit=30, comment="x", **options):
    return home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "isolate full --expect 1..1000 --limit %d --comment '%s'" %
                       (limit, comment), *more, **options)


def active(home):
    return [d["id"] for d in home.cordon("-o", "json", "-c", ACTIVE, "-c", "list").json[1]["devices"]]


def doubled(sim):
    seen = [(a["machineId"], a["type"]) for a in sim.actions()]
    return len(seen) - len(set(seen))


def log_files(home):
    folder = os.path.join(home.dir, "state", "cordon", "log")
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".jsonl"))


# "Comment with case and marker are at most 500 characters; one that comes back cut stops the job."
for bytes_left, comment in ((5, "abcdefghij"), (7, "\u00e9" * 10), (10, "abcdefghij"), (11, "abcdefghij")):
    with t.Sim("--devices", 60, "--window-scale", 0, "--fault", "isolate:cut-comment@1+:%d" % bytes_left) as sim:
        run = isolate(t.Home(sim, scale=0), comment=comment)
        name = "a comment cut to %d bytes of %d" % (bytes_left, len(comment.encode()))
        t.eq(run.status, 1, name + " stops the job")
        t.has(run.err, "cut the comment short", name + ": and says why")
        t.eq((run.json[1]["already"], run.json[1]["unknown"]), (0, len(sim.actions())), name + ": ours are not another's")

# A colleague's comment that ours begins with tells nothing: neither a person's of just now nor an old one of an application.
for requestor, age in (("bob@contoso.com", 0), ("playbook", 7200)):
    with t.Sim("--devices", 60, "--window-scale", 0, "--offline", 0, "--fail", 0) as sim:
        home = t.Home(sim, scale=0)
        ids = active(home)[:6]
        for kind in ("Isolate", "Unisolate"):
            for device in ids:
                sim.control("action", machineId=device, type=kind, comment="INC-7", requestor=requestor, status="Succeeded",
                            ageSeconds=age, **({"scope": "Full"} if kind == "Isolate" else {}))
        sim.fault("isolate:drop-before@1")
        run = home.cordon("-y", "-o", "json", "-c", "select " + " ".join(ids), "-c", "isolate full --comment 'INC-7 ransomware' --expect 6")
        name = "a comment of %s that ours begins with" % requestor
        t.eq((run.status, run.json[1]["accepted"]), (0, 6), name + ": all devices are isolated")
        t.eq(len([a for a in sim.actions("Isolate") if "ransomware" in a["requestorComment"]]), 6, name + ": once each")

# Only of isolations and releases is it documented how long an offline device is tried.
with t.Sim("--devices", 100, "--window-scale", 1, "--offline", 100) as sim:
    home = t.Home(sim)
    ids = active(home)[:4]
    for command, ends in (("scan quick", False), ("isolate full", True)):
        run = home.cordon("-y", "-c", "select " + " ".join(ids), "-c", command + " --comment x --expect 4", "-c", "job")
        t.eq(("4 pending" in run.out + run.err, "three days" in run.out + run.err), (True, ends), command + ": what is told of the end")

# An old action of another scope is not the state that was asked for, whatever the tenant answers.
for mode in ("error", "existing"):
    with t.Sim("--devices", 60, "--window-scale", 0.02, "--fail", 0, "--offline", 0, "--same-action", mode, "--action-life", 1000) as sim:
        home = t.Home(sim, scale=0.02)
        ids = active(home)[:3]
        sim.control("action", machineId=ids[2], type="Isolate", scope="Selective", comment="theirs", status="Pending", ageSeconds=7200)
        run = home.cordon("-y", "-o", "json", "-c", "select " + " ".join(ids), "-c", "isolate full --comment ours --expect 3 --force")
        name = "an old action of another scope, answered by '%s'" % mode
        held = [r for r in run.json[1]["results"] if r["id"] == ids[2]][0]
        t.eq((run.status, held["outcome"]), (4, "refused"), name + ": is told as refused")
        t.has(held["reason"], "with scope 'Selective'", name + ": with its scope")

# Another's action that was in the way and was cancelled is in the way no more.
with t.Sim("--devices", 60, "--window-scale", 0.02, "--fail", 0, "--offline", 0, "--same-action", "existing", "--action-life", 1000) as sim:
    home = t.Home(sim, scale=0.02)
    ids = active(home)[:2]
    sim.control("action", machineId=ids[1], type="Isolate", scope="Full", comment="theirs", status="Pending")
    theirs = sim.actions("Isolate")[0]["id"]
    sim.fault("GET machineactions:status@1:403")
    sim.fault("GET machineactions:slow@1:1500")
    job = home.start("-y", "-o", "json", "-c", "select " + " ".join(ids), "-c", "isolate full --comment ours --expect 2")
    end = time.monotonic() + 10
    while not sim.requests(ends="isolate") and time.monotonic() < end:
        time.sleep(0.005)
    sim.api("POST", "/api/machineactions/%s/cancel" % theirs, {"Comment": "x"})
    out = json.loads(job.communicate(timeout=60)[0].splitlines()[-1])
    t.eq((job.returncode, out["accepted"]), (0, 2), "one that was cancelled is not told as open: ours is sent again, and taken")

# "Nothing wider than meant": what cannot be told to be this job's is neither cancelled nor undone, and holds up nothing else.
for command in ("cancel", "revert"):
    with t.Sim("--devices", 60, "--window-scale", 0.02, "--offline", 100 if command == "cancel" else 0,
               "--fault", "isolate:cut-comment@3:4") as sim:
        home = t.Home(sim, scale=0.02)
        job = isolate(home, limit=6, comment="abcdefghij").json[1]["job"]
        acts = sim.actions("Isolate")
        cut = {a["machineId"] for a in acts if a["requestorComment"] == "abcd"}
        others = {a["machineId"] for a in acts} - cut
        run = home.cordon("-y", "-o", "json", "-c", "wait --for 20s " + job if command == "revert" else "count",
                          "-c", "%s %s --comment c" % (command, job), "-c", "jobs")
        name = command + " with a comment that came back cut"
        t.eq((run.status, len(cut), len(others) > 0), (4, 1, True), name + ": partial")
        if command == "cancel":
            t.eq({a["machineId"] for a in sim.actions("Isolate") if a["status"] == "Cancelled"}, others, name + ": the others")
            t.eq({r["id"] for r in run.json[1]["results"] if r["outcome"] == "unknown"}, cut, name + ": that one is unknown")
        else:
            t.eq({a["machineId"] for a in sim.actions("Unisolate")}, others, name + ": the others")
            t.eq({d["id"] for d in run.json[1]["notBack"]}, cut, name + ": that one is named")
        t.eq([j["open"] for j in run.json[2]["jobs"] if j["job"] == job], [False], name + ": the job is closed")

with t.Sim("--devices", 60, "--window-scale", 1, "--same-action", "existing") as sim:
    home = t.Home(sim, scale=0.02)
    ids = active(home)[:2]
    # Between plan and request: the plan reads no action list.
    sim.fault("GET machineactions:status@1:403")
    sim.control("action", machineId=ids[0], type="Isolate", scope="Full", comment="INC-7", status="Pending")
    run = home.cordon("-y", "-o", "json", "-c", "select " + " ".join(ids), "-c",
                      "isolate full --comment INC-7 --expect 2")
    t.eq({r["id"]: r["outcome"] for r in run.json[1]["results"]}, {ids[0]: "already", ids[1]: "accepted"},
         "a person's action of the same words is that person's")

with t.Sim("--devices", 60, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    run = isolate(home, comment="y" * 500)
    t.eq((run.status, sim.actions()), (2, []), "a comment too long with its marker is refused")
    for blank in ("", "   "):
        run = isolate(home, comment=blank)
        t.eq((run.status, run.out.count("select")), (2, 0), "a blank comment is missing: found before anything runs")

# "If the list cannot be read, containment goes on", and does not wait for a quarter of an hour.
with t.Sim("--devices", 60, "--window-scale", 0, "--fault", "GET machineactions:status@1+:503") as sim:
    start = time.monotonic()
    run = isolate(t.Home(sim, scale=0), limit=5, timeout=60)
    t.eq((run.status, len(sim.actions("Isolate"))), (0, 5), "an action list that cannot be read holds up nothing")
    t.has(run.err, "is not known", "but it is told")
    t.ok(time.monotonic() - start < 30, "and the wait for it is short")

# "No device gets an action twice from one job, whatever fails": logs that lost lines, or were changed.
with t.Sim("--devices", 160, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    sim.fault("runAntiVirusScan:429@20:4000")
    run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan quick --comment x --limit 40")
    t.eq((run.status, run.json[1]["unsent"] > 0), (1, True), "a wait of over an hour pauses the job")
    job = run.json[1]["job"]
    first = log_files(home)[-1]
    with open(first, "rb") as file:
        whole = file.read()
    at = whole.index(b'"outcome":"accepted"')
    with open(first, "r+b") as file:
        file.seek(at + 12)
        file.write(b"u")
    count = len(sim.requests(ends="runAntiVirusScan"))
    run = home.cordon("-y", "-o", "json", "-c", "resume " + job)
    t.eq((run.status, len(sim.requests(ends="runAntiVirusScan"))), (1, count), "a changed log is not gone on with")
    t.has(run.err, "was changed", "and that is told")

with t.Sim("--devices", 160, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    sim.fault("runAntiVirusScan:status@10+:403")
    run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan quick --comment x --limit 40")
    job, accepted = run.json[1]["job"], run.json[1]["accepted"]
    t.eq(run.status, 3, "a 403 in the middle stops the job")
    # The log as it was before its first request; the chain of what is left is sound.
    path = log_files(home)[-1]
    with open(path) as file:
        lines = file.readlines()
    kept = next(i for i, line in enumerate(lines) if '"action.intent"' in line)
    with open(path, "w") as file:
        file.writelines(lines[:kept])
    run = home.cordon("-y", "-o", "json", "-c", "resume " + job)
    t.eq(doubled(sim), 0, "what a shortened log does not know is found in the tenant's list")
    t.ok(run.json[0]["accepted"] >= accepted > 0, "and adopted")

# "If it cannot be written, looking goes on with a warning and acting is refused."
with t.Sim("--devices", 60, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    job = isolate(home, limit=3).json[1]["job"]

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    words = [t.program("cordon"), "-y", "-o", "json", "-c", "wait " + job, "-c", "log --all", "-c", "scan quick --comment x"]
    done = subprocess.run(words, cwd=home.dir, env=home.env, preexec_fn=small, capture_output=True, text=True, timeout=60)
    run = t.Run(done.returncode, done.stdout, done.stderr)
    t.eq(run.json[0]["statuses"], {"Succeeded": 3}, "without a log a job can be waited for")
    t.ok(run.json[1]["ok"] and any(line["type"] == "job.start" for line in run.json[1]["log"]), "and the log be read")
    t.eq((run.status, run.json[2]["ok"], sim.actions("RunAntiVirusScan")), (1, False, []), "but nothing acts")

# "`revert` does the inverse for what the job itself did."
with t.Sim("--devices", 60, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    ids = active(home)
    run = isolate(home, "-c", "wait", "-c", "release --comment r", "-c", "wait", limit=5)
    job = run.json[3]["job"]
    isolated = {r["id"] for r in run.json[1]["results"]}
    t.eq((run.status, run.json[3]["accepted"]), (0, len(ids)), "all are released")
    run = home.cordon("-y", "-o", "json", "-c", "revert --comment back " + job)
    t.eq(run.status, 2, "isolating again wants --expect")
    run = home.cordon("-y", "-o", "json", "-c", "revert --comment back --expect 5 " + job)
    t.eq((run.status, {r["id"] for r in run.json[0]["results"] if r["outcome"] == "accepted"}), (0, isolated),
         "a revert of a release isolates only what was isolated before")
    t.has(run.err, "left alone", "and tells the others")
    t.eq({m["id"] for m in sim.state()["machines"] if m["isolated"]}, isolated, "at the tenant, too")

with t.Sim("--devices", 60, "--window-scale", 0, "--fail", 50) as sim:
    home = t.Home(sim, scale=0)
    run = isolate(home, "-c", "wait", limit=20)
    failed = {r["id"] for r in run.json[2]["results"] if r["status"] == "Failed"}
    t.ok(0 < len(failed) < 20, "some isolations fail")
    run = home.cordon("-y", "-o", "json", "-c", "revert --comment back " + run.json[1]["job"])
    t.eq({a["machineId"] for a in sim.actions("Unisolate")} & failed, set(), "what failed is not undone")

# "Tokens, secrets and authorization headers never reach the log, the history, the screen."
with t.Sim("--devices", 40, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    run = home.cordon("-c", "! env", "-c", "connect", "-c", "! env")
    t.ok("AZURE_CLIENT_ID" in run.out and t.SECRET not in run.out, "programs that are started do not get the secret")
t.done()
