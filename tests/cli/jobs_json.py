"""The JSON of acts and of the commands on jobs: each member and its type (contract, section 7), also of what fails early;
what stands in files and on one command line."""

import os
import signal
import time

import cordon_test as t

COUNTS = ("total", "accepted", "already", "skipped", "refused", "unsent", "unknown")
ACTIVE = "select --where healthStatus == 'Active' and osPlatform startswith 'Windows1'"
RESULT = {"id": str, "name": str, "outcome": str, "actionId": (str, type(None)), "status": (str, type(None)),
          "reason": (str, type(None)), "error": (dict, type(None))}


def whole(answer, name, command, ok=True, job=True):
    """All members of a job's object, with their types; counts add up."""
    faults = []
    if (answer.get("command"), answer.get("ok")) != (command, ok):
        faults.append("command %r, ok %r" % (answer.get("command"), answer.get("ok")))
    for member, kind in (("partial", bool), ("ms", int), ("action", (str, type(None))), ("statuses", dict),
                         ("results", list), ("job", str if job else type(None))):
        if not isinstance(answer.get(member), kind) or member not in answer:
            faults.append("%s: %r" % (member, answer.get(member, "missing")))
    faults += [c for c in COUNTS if not isinstance(answer.get(c), int) or isinstance(answer.get(c), bool)]
    if not faults:
        further = answer.get("planned", 0) + answer.get("pending", 0)
        if sum(answer[c] for c in COUNTS[1:]) + further != answer["total"] or len(answer["results"]) != answer["total"]:
            faults.append("counts")
        for result in answer["results"]:
            if list(result) != list(RESULT) or not all(isinstance(result[k], RESULT[k]) for k in RESULT):
                faults.append("result %r" % result)
    t.eq(faults, [], name)


def test_members():
    with t.Sim("--devices", 40, "--window-scale", 0.02, "--fail", 0, "--offline", 0) as sim:
        home = t.Home(sim, scale=0.02)
        run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan quick --comment x --limit 4", "-c", "job", "-c", "wait",
                          "-c", "scan full --comment x --dry-run", "-c", "job", "-c", "wait", "-c", "jobs",
                          "-c", "tag add A --limit 2 &", "-c", "wait", "-c", "isolate full --comment x --limit 2 --expect 1..99",
                          "-c", "cancel --comment y --dry-run", "-c", "cancel --comment y", "-c", "jobs")
        names = ("scan", "job", "wait", "scan", "job", "wait", None, "tag add", "wait", "isolate", "cancel", "cancel")
        t.eq(run.status, 0, "a batch")
        for i, command in enumerate(names):
            if command:
                whole(run.json[i + 1], "members of %s (%d)" % (command, i), command, job=i not in (3, 4, 5, 10))
        dry = run.json[4]
        t.eq((dry["planned"], dry["total"]), (len([r for r in dry["results"] if r["outcome"] == "planned"]),) +
             (len(dry["results"]),), "a dry run counts what is planned")
        scan, tag = run.json[1], run.json[8]
        t.eq((tag["pending"] + tag["accepted"], tag["results"][0]["outcome"] in ("pending", "accepted")), (2, True),
             "a running job tells what is pending")
        t.eq(run.json[9]["statuses"], {"Succeeded": 2}, "a tag's status is Succeeded once accepted")
        t.eq([(j["job"], j["action"], j["total"], j["open"]) for j in run.json[13]["jobs"]][0],
             (scan["job"], "scan", 4, False), "jobs")
        job = run.json[13]["jobs"][0]
        t.eq([m for m in ("job", "action", "started") + COUNTS + ("open",) if m not in job], [], "members of jobs")

        run = home.cordon("-y", "-o", "json", "-c", "job " + scan["job"][-4:], "-c", "resume %s" % scan["job"])
        whole(run.json[0], "a job of an earlier session", "job")
        whole(run.json[1], "resume of a job that is over", "resume", ok=False, job=False)
        t.eq(run.json[1]["error"]["message"], "job %s has nothing left to send" % scan["job"], "and why")
        run = home.cordon("-y", "-o", "json", "-c", "revert %s --comment z" % tag["job"])
        whole(run.json[0], "revert", "revert")
        t.eq(len(sim.tagged("A")), 0, "the tags are gone")


def test_early():
    with t.Sim("--devices", 40, "--window-scale", 0) as sim:
        home = t.Home(sim, scale=0)
        selecting = {"count": 0, "added": 0, "removed": 0, "unresolved": [], "ambiguous": [], "chosen": [], "truncated": False}
        for text, command in (("select --csv nosuch.csv", "select"), ("add", "add"), ("remove --where x ==", "remove"),
                              ("filter nosuch == 1", "filter"), ("query @nosuch.kql", "query"), ("keep --frob", "keep"),
                              ("query DeviceInfo | frob", "query")):
            run = home.cordon("-o", "json", "-c", text)
            t.eq(len(run.json), 1, "%s: one object" % text)
            got = run.json[-1]
            t.eq((got["command"], got["ok"], {k: got.get(k) for k in selecting}), (command, False, selecting),
                 "%s: its command, and all members" % text)
        for text, command in (("isolate full --comment x", "isolate"), ("tag add", "tag add"), ("wait nosuch", "wait"),
                              ("job %9", "job"), ("revert", "revert"), ("scan quick", "scan"), ("resume", "resume")):
            run = home.cordon("-y", "-o", "json", "-c", text)
            whole(run.json[-1], "%s: all members" % text, command, ok=False, job=False)
        run = home.cordon("-o", "json", "-c", "frobnicate")
        t.eq((run.status, run.json[0]["command"]), (2, ""), "no command, no name")
        run = home.cordon("-o", "json", "-c", "count", "-c", "add")
        t.eq((run.status, len(run.json), run.json[0]["command"], run.json[0]["error"]["file"]), (2, 1, "add", "-c 2"),
             "the command at fault, and where")
        run = home.cordon("-c", "query DeviceInfo | where OnboardingStatus == 'Onboarded' > devices.csv")
        t.has(run.err, "|> tee FILE", "> FILE after KQL: the way is told")
        run = home.cordon("-c", "select --all", "-c", "filter healthStatus == 'Active' >> out/list.txt")
        t.has(run.err, "|> tee FILE", "also after a predicate")
        run = home.cordon("-c", "filter riskScore > nosuch")
        t.ok("tee" not in run.err, "a comparison is none")


def test_files():
    with t.Sim("--devices", 40, "--window-scale", 0) as sim:
        home = t.Home(sim, scale=0)
        home.write("a.cordon", "param TAG one\nselect fin-lt-001\ntag add $TAG\n")
        home.write("b.cordon", "param TAG two\nselect fin-lt-002\ntag add $TAG\n")
        home.write("c.cordon", "select fin-lt-003\ntag add $TAG\n")
        t.eq(home.cordon("-y", "-f", "a.cordon", "-f", "b.cordon").status, 0, "two files with a parameter of one name")
        t.eq((len(sim.tagged("one")), len(sim.tagged("two"))), (1, 1), "each has its own default")
        t.eq(home.cordon("-y", "-f", "a.cordon", "-f", "c.cordon").status, 2, "which is not the next file's")
        t.eq(home.cordon("-y", "-c", "let TAG three", "-f", "a.cordon", "-f", "c.cordon").status, 0, "a variable is")
        t.eq(len(sim.tagged("three")), 2, "and wins over both defaults")


def test_background():
    """A batch waits for its jobs, tells how they ended, and their outcomes count."""
    with t.Sim("--devices", 40, "--window-scale", 0, "--latency-ms", 30, "--fail", 0, "--offline", 0) as sim:
        home = t.Home(sim, scale=0)
        gone = sim.machines()
        gone = [m["id"] for m in gone if m["computerDnsName"].startswith("fin-lt-00")][:1]
        home.write("p.cordon", "select fin-lt-001 fin-lt-002\nscan quick --comment x &\nset background on\ntag add B\n"
                               "isolate full --comment y --expect 2\n")
        run = home.cordon("-y", "-f", "p.cordon")
        t.eq(run.status, 0, "jobs in the background of a file")
        t.eq((len(sim.actions("RunAntiVirusScan")), len(sim.tagged("B")), len(sim.actions("Isolate"))), (2, 2, 2), "all was sent")
        t.eq(len([line for line in run.err.splitlines() if line.startswith("[%")]), 3, "the end of each is told")
        sim.control("vanish", ids=gone)
        run = home.cordon("-y", "-c", "select " + gone[0], "-c", "scan quick --force --comment x &")
        t.eq((run.status, len(gone)), (4, 1), "a device that is refused counts in the exit status")
        t.has(run.err, "refused: fin-lt-00", "and is named")
        t.eq(home.cordon("-y", "-c", "select fin-lt-001", "-c", "scan quick --force --comment x &", "-c", "wait --for 20s").status, 0,
             "a job that ended well, and was waited for")
        t.eq(home.cordon("-y", "-c", "select fin-lt-003", "-c", "count &").status, 2, "only acts run in the background")


def test_interrupted():
    with t.Sim("--devices", 60, "--window-scale", 0, "--latency-ms", 400) as sim:
        home = t.Home(sim, scale=0)
        process = home.start("-y", "-c", ACTIVE, "-c", "scan quick --comment x &")
        while len(sim.actions()) < 5:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        sent = len(sim.actions())
        t.eq(process.returncode, 130, "Ctrl-C while a batch waits for its jobs")
        t.ok(b"next: resume " in err and 0 < sent < 36, "stops them, and tells how to go on")
        run = home.cordon("-y", "-o", "json", "-c", "resume")
        t.eq(run.json[0]["total"], len({a["machineId"] for a in sim.actions()}), "resume sends the rest")


def test_looking():
    """Who is not sent to, and why; a list that cannot be read does not hold up containment."""
    with t.Sim("--devices", 120, "--window-scale", 1, "--fail", 0, "--offline", 0) as sim:
        home = t.Home(sim, scale=1)
        ids = {m["computerDnsName"]: m["id"] for m in sim.machines()}
        device = {n: ids["fin-lt-00%d.corp.contoso.com" % n] for n in (1, 2, 3, 4, 5)}
        for n, kind, scope, status in ((1, "Isolate", "Full", "Pending"), (2, "Isolate", "Full", "Succeeded"),
                                       (3, "Isolate", "Selective", "Succeeded"), (4, "Isolate", "Full", "Succeeded"),
                                       (4, "Unisolate", None, "Pending"), (5, "RunAntiVirusScan", "Full", "Pending")):
            members = {"scope": scope} if scope else {}
            sim.control("action", machineId=device[n], type=kind, comment="theirs", status=status, **members)
        select = "select " + " ".join(device.values())
        dry = home.cordon("-n", "-o", "json", "-c", select, "-c", "isolate full --comment x")
        got = {r["id"]: (r["outcome"], (r["reason"] or "")[:19], r["actionId"] is not None) for r in dry.json[1]["results"]}
        t.eq([got[device[n]] for n in (1, 2, 3, 4, 5)],
             [("already", "the same action is ", True), ("already", "in that state (Full", False), ("planned", "", False),
              ("planned", "", False), ("planned", "", False)], "recognised by type and scope, and with no opposite action open")
        t.ok("analyst@contoso.com since 20" in [r["reason"] for r in dry.json[1]["results"] if r["id"] == device[2]][0],
             "with whose and since when")
        t.has(dry.err, "on 1 device a 'Unisolate' is still open", "an opposite action that is open is told")
        run = home.cordon("-n", "-o", "json", "-c", select, "-c", "isolate full --comment x --force",
                          "-c", "isolate full --comment x --limit 2", "-c", "release --comment x",
                          "-c", "isolate full --comment x --order computerDnsName")
        t.eq([j["planned"] for j in run.json[1:]], [5, 2, 4, 3], "--force sends to all, --limit to the first")
        t.eq((run.json[2]["total"], run.json[2]["already"]), (4, 2), "what is beyond --limit is outside the job")
        t.has(run.err, "a 'Isolate' is still open", "a release tells of isolations that are pending")
        names = [r["name"] for r in run.json[4]["results"] if r["outcome"] == "planned"]
        t.eq(names, sorted(names), "--order")
        run = home.cordon("-n", "-o", "json", "-c", "select --all --unmanaged", "-c", "isolate full --comment x")
        reasons = {r["reason"].split(" (")[0] for r in run.json[1]["results"] if r["outcome"] == "skipped"}
        t.ok({"not onboarded", "not supported on mobile devices", "not supported before Windows 10"} <= reasons,
             "not onboarded and unsupported ones are skipped, with the reason")
        t.has(run.err, "not active: what is sent there may take days, or never happen", "inactive ones are warned about")
        t.has(run.err, "no protection is configured", "no protection: the plan says so")
        t.ok("no protection is configured: no device is held back" in run.json[1]["warnings"], "in JSON, too")
        sim.fault("GET machineactions:status@1+:403")
        run = home.cordon("-y", "-o", "json", "-c", select, "-c", "isolate full --comment x --limit 2 --expect 5")
        t.has(run.err, "which devices are so already is not known", "a list that cannot be read is told")
        t.ok(run.json[1]["accepted"] + run.json[1]["unknown"] == 2, "and containment goes on")


def test_canary():
    with t.Sim("--devices", 60, "--window-scale", 0, "--fail", 0, "--offline", 0) as sim:
        home = t.Home(sim, scale=0)
        run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan quick --comment x --canary 2 --limit 6")
        t.eq((run.status, run.json[1]["accepted"]), (0, 6), "a canary that went well lets the rest go under -y")
    with t.Sim("--devices", 60, "--window-scale", 0, "--fail", 100, "--offline", 0) as sim:
        home = t.Home(sim, scale=0)
        run = home.cordon("-y", "-o", "json", "-c", ACTIVE, "-c", "scan quick --comment x --canary 2 --limit 6")
        t.eq((run.status, run.json[1]["accepted"], run.json[1]["unsent"]), (1, 2, 4), "one that did not keeps it back")
        t.eq(len(sim.actions()), 2, "two were sent")
        run = home.cordon("-y", "-o", "json", "-c", "resume --dry-run", "-c", "resume")
        t.eq((run.json[0]["job"], run.json[0]["planned"], run.json[0]["accepted"]), (None, 4, 2), "resume: a dry run")
        whole(run.json[0], "resume: its members", "resume", job=False)
        t.eq((run.json[1]["accepted"], len(sim.actions())), (6, 6), "resume sends the rest all the same")


def test_demos():
    home = t.Home()
    first = home.start("--demo", "-c", "select --all", "-c", "! sleep 1", "-c", "add --all", "-c", "refresh")
    home.cordon("--demo", "-c", "select --all", "-c", "refresh")
    out, err = first.communicate()
    t.ok(first.returncode == 0 and b"cache" not in err, "two demonstrations at once do not share a cache")
    t.eq([name for _, _, names in os.walk(os.path.join(home.dir, "cache")) for name in names], [], "and leave none")


test_members()
test_early()
test_files()
test_background()
test_interrupted()
test_looking()
test_canary()
test_demos()
t.done()
