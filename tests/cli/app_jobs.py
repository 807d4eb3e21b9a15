"""Jobs from start to revert: members of JSON, exit statuses, background, dry runs, cancel, revert."""
import json

import cordon_test as t

COUNTS = ("total", "accepted", "already", "skipped", "refused", "unsent", "unknown")
ACTIVE = "select --where healthStatus == 'Active' and osPlatform startswith 'Windows1'"


def counts(answer):
    return {name: answer[name] for name in COUNTS if answer[name]}


with t.Sim("--devices", "40", "--window-scale", "0") as sim:
    home = t.Home(sim, scale=0)

    run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "count", "-c", "scan quick --comment one --limit 3",
                      "-c", "wait", "-c", "job", "-c", "jobs")
    t.eq(run.status, 0, "scan and wait")
    selected, count, scan, wait, job, jobs = run.json
    t.eq(count["count"], selected["count"], "count")
    t.eq(counts(scan), {"total": 3, "accepted": 3}, "scan counts")
    t.eq(scan["action"], "scan", "the action by its name")
    t.eq(sorted(scan["results"][0]), ["actionId", "error", "id", "name", "outcome", "reason", "status"], "results")
    t.eq(wait["statuses"], {"Succeeded": 3}, "final states")
    t.eq((wait["job"], job["job"]), (scan["job"], scan["job"]), "the last job")
    t.eq([j["job"] for j in jobs["jobs"]], [scan["job"]], "jobs")
    t.eq((jobs["jobs"][0]["action"], jobs["jobs"][0]["total"], jobs["jobs"][0]["open"]), ("scan", 3, False), "a job")

    three = " ".join(d["id"] for d in scan["results"])
    run = home.cordon("-y", "-o", "json", "-c", "select " + three, "-c", "isolate full --comment two --expect 3",
                      "-c", "wait", "-c", "isolate full --comment again --expect 3", "-c", "isolated", "-c", "actions")
    t.eq(run.status, 0, "isolate twice")
    isolate, again, isolated, actions = run.json[1], run.json[3], run.json[4], run.json[5]
    t.eq(counts(again), {"total": 3, "already": 3}, "what is isolated is not isolated again")
    t.eq({d["id"] for d in isolated["isolated"]}, {d["id"] for d in isolate["results"]}, "isolated")
    t.eq(len([a for a in actions["actions"] if a["type"] == "Isolate"]), 3, "actions")
    t.ok(all(d["reason"] for d in again["results"]), "and says whose and since when")

    before = len(sim.actions())
    run = home.cordon("-y", "-o", "json", "-c", "revert %s" % isolate["job"][-4:])
    t.eq(run.status, 2, "revert in batch wants a comment")
    run = home.cordon("-y", "-o", "json", "-c", "revert %s --comment back" % isolate["job"][-4:], "-c", "isolated")
    t.eq(run.status, 0, "revert")
    if run.status:
        run.show()
    t.eq(counts(run.json[0]), {"total": 3, "accepted": 3}, "devices are released")
    t.eq(run.json[1]["isolated"], [], "none is isolated")
    t.eq(len(sim.actions()) - before, 3, "one release each")

    requests = len(sim.requests(method="POST"))
    run = home.cordon("-n", "-o", "json", "-c", ACTIVE, "-c", "isolate full --comment dry", "-c", "wait", "-c", "job")
    t.eq(run.status, 0, "a dry run")
    dry = run.json[1]
    t.eq(dry["job"], None, "has no job")
    t.ok(dry["planned"] > 0 and dry["results"][0]["outcome"] == "planned", "and names what is planned")
    t.eq(run.json[2]["job"], None, "wait says that nothing was sent")
    t.eq([r["path"] for r in sim.requests(method="POST")[requests:] if "token" not in r["path"]], [], "nothing was sent")

    run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "tag add later &", "-c", "list")
    t.eq(run.status, 0, "a job in the background")
    t.eq(len(sim.tagged("later")), run.json[0]["count"], "is waited for at the end of a batch")

    run = home.cordon("-y", "-c", "select lnx-web-000", "-c", "scan quick --comment x", "-c", "select --all --unmanaged",
                      "-c", "tag add seen")
    t.eq(run.status, 4, "skipped devices are partial")

    run = home.cordon("-y", "-c", "set on-partial stop", "-c", "select --all --unmanaged", "-c", "tag add two",
                      "-c", "note after")
    t.eq(run.status, 4, "on-partial stop")
    t.ok("note after" not in [l.get("text") for l in home.logs()], "stops the batch")

    path = home.path("export.csv")
    run = home.cordon("-c", "log export %s --all" % path, "-c", "log export %s.json --job %s" % (path, isolate["job"]),
                      "-c", "log verify")
    t.eq(run.status, 0, "log export")
    with open(path) as file:
        lines = file.read().splitlines()
    t.eq(lines[0], "time,job,case,action,id,name,outcome,status,actionId,comment,error", "its columns")
    t.ok(len(lines) > 10, "its rows")
    with open(path + ".json") as file:
        rows = json.load(file)
    t.eq([(r["action"], r["outcome"], r["status"], r["comment"]) for r in rows],
         [("isolate", "accepted", "Succeeded", "two")] * 3, "of one job, with the final states")

with t.Sim("--devices", "40", "--window-scale", "0.02", "--latency-ms", "5") as sim:
    home = t.Home(sim, scale=0.02)
    run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan full --comment x --limit 4",
                      "-c", "cancel --comment 'not needed'")
    t.eq(run.status in (0, 1), True, "cancel ends")
    states = [a["status"] for a in sim.actions()]
    t.ok("Pending" not in states, "no action is left pending: %s" % states)
    run = home.cordon("-y", "-c", "resume %s" % run.json[1]["job"])
    t.ok(run.status == 1, "a cancelled job is closed")
t.done()
