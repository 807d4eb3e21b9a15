"""What the next shift gets: handover, history, actions, isolated; cases and notes. By hostile names, too."""

import json
import os

import cordon_test as t

WINDOWS = "select --where osPlatform startswith 'Windows1' and onboardingStatus == 'Onboarded' and isempty(mergedIntoMachineId)"
ISOLATE = "isolate full --comment 'worm' --expect 1..99 --limit %d"
NASTY = "a|b`c<script>*_[x](http://evil.example/)\x1b[31m\u202e\n# h"


def sim_of(*options, scale=0.02):
    return t.Sim("--devices", 80, "--window-scale", scale, *options)


def run(home, *commands, **options):
    words = []
    for command in commands:
        words += ["-c", command]
    return home.cordon("-y", "-o", "json", *words, **options)


def text_of(home, name):
    with open(os.path.join(home.dir, name), encoding="utf-8") as file:
        return file.read()


def rows(text, job):
    """The table of a job in the last section: id -> cells."""
    part = text.split("### `%s`" % job)[1].split("###")[0]
    found = {}
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) > 3 and cells[1].startswith("`"):
            found[cells[1].strip("`")] = cells
    return found


def test_lost_laptop():
    """Acceptance: A isolates 30 devices and loses the laptop; B sees, waits, reverts, hands over."""
    with sim_of("--fail", 10, "--offline", 0) as sim:
        a, b = t.Home(sim, scale=0.02), t.Home(sim, scale=0.02)
        offline = "healthStatus == 'Inactive'"
        mine = run(a, WINDOWS + " and " + offline, "add --where osPlatform == 'Windows11' and healthStatus == 'Active'",
                   ISOLATE % 30).json[-1]
        job, ids = mine["job"], {r["id"] for r in mine["results"]}
        t.eq(len(ids), 30, "A isolates 30 devices")
        t.eq([j["job"] for j in run(b, "jobs --tenant").json[0]["jobs"]], [job], "B sees the job")
        waited = run(b, "wait %s --for 1s" % job)
        states = waited.json[0]["statuses"]
        t.ok(waited.status == 4 and set(states) == {"Succeeded", "Failed", "Pending"} and sum(states.values()) == 30,
             "B waits: some are done, some failed, some are offline (%s)" % states)
        handed = run(b, "handover one.md")
        t.eq((handed.status, handed.json[0]["jobs"], handed.json[0]["pending"]), (0, 1, states["Pending"]), "B hands over")
        text = text_of(b, "one.md")
        for part in ("1. `wait %s`" % job, "`revert %s --comment TEXT`" % job, "## Pending (%d)" % states["Pending"],
                     "## Refused or failed (%d)" % states["Failed"]):
            t.has(text, part, "with " + part)
        t.eq(set(rows(text, job)), ids, "all 30 are in it")
        for _ in range(3): # one in ten releases fails
            done = run(b, "revert %s --comment back" % job, "handover two.md")
            answer = done.json[0]
            if done.status == 0:
                break
        t.eq((done.status, {r["id"] for r in answer["results"]}, answer["notBack"]), (0, ids, []), "B reverts all")
        t.eq([m["id"] for m in sim.state()["machines"] if m["isolated"]], [], "at the tenant, too")
        text = text_of(b, "two.md")
        table, truth = rows(text, job), {x["machineId"]: x["status"] for x in sim.actions("Isolate")}
        t.eq({i: cells[3] for i, cells in table.items()}, truth, "B's handover says what happened to each of the 30")
        t.ok(all("not isolated" in cells[-1] for cells in table.values()), "and how each stands now")
        t.has(text, "undone by `%s`" % answer["job"], "and what undid it")
        t.eq(run(b, "log verify").status, 0, "B's logs are whole")


def test_hostile():
    with sim_of("--offline", 0, "--fail", 0) as sim:
        home = t.Home(sim, scale=0.02)
        device = [m for m in sim.machines() if m["osPlatform"] == "Windows11" and m["healthStatus"] == "Active" and
                  m["onboardingStatus"] == "Onboarded"][0]["id"]
        sim.control("machine", id=device, computerDnsName=NASTY)
        other = "x [cordon 20261125-071903-a1f3 a|b`c]"
        sim.control("action", machineId=device, type="Isolate", scope="Full|`", comment=other, status="Succeeded")
        run(home, "case 'IR|7'", "select %s 'no-such|device'" % device, "note a|b <img src=x> `x` @all\tz", "isolate full --force "
            "--expect 1 --comment 'see <b>|x|</b> http://evil.example'", "wait", "handover x.md")
        text = text_of(home, "x.md")
        for raw in ("<script>", "<b>", "<img", "http://evil", "\x1b", "\u202e", "\n# h", "`x`", "IR|7"):
            t.ok(raw not in text, "no raw %r in a handover" % raw)
        t.has(text, "a\\|b\\`c&lt;script&gt;\\*\\_\\[x\\](http&#58;//evil.example/)\\\\x1b", "a name shows as it is")
        widths = {line.count("|") - line.count("\\|") for line in text.split("\n### ")[1].split("\n## ")[0].splitlines() if line.startswith("|")}
        t.eq(len(widths), 1, "no cell breaks its table")
        t.has(text, "## Unresolved entries (1)", "unresolved entries are in it")


def test_file():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        home.write("mine.md", "# My notes\n")
        t.eq((run(home, "handover mine.md").status, text_of(home, "mine.md")), (1, "# My notes\n"),
             "a file that is no handover is not replaced")
        t.eq(run(home, "handover x.txt").status, 2, "a handover is a .md")
        t.eq(run(home, "handover x.md --all --case 7").status, 2, "--all and --case exclude each other")
        t.eq(run(home, "handover x.md").status, 0, "nothing was done: that is a handover, too")
        t.eq((run(home, "handover x.md").status, "Nothing is left" in text_of(home, "x.md")), (0, True), "it is replaced")
        t.eq(oct(os.stat(os.path.join(home.dir, "x.md")).st_mode & 0o777), "0o600", "a private file")
        t.eq(run(home, "handover nowhere/x.md").status, 1, "a folder that is not there is told")


def test_cases():
    with sim_of("--offline", 0, "--fail", 0) as sim:
        home, other = t.Home(sim, scale=0.02), t.Home(sim, scale=0.02)
        active = WINDOWS + " and healthStatus == 'Active'"
        one = run(home, "case C-1", "note first look", active, ISOLATE % 3).json[-1]["job"]
        two = run(home, "case C-2", "note second look", active, "tag add seen --limit 4").json[-1]["job"]
        run(home, "handover c1.md --case C-1", "handover all.md --all", "case C-2", "handover c2.md")
        c1, c2, everything = text_of(home, "c1.md"), text_of(home, "c2.md"), text_of(home, "all.md")
        t.ok(one in c1 and "first look" in c1 and two not in c1 and "second look" not in c1, "a handover of one case")
        t.ok(two in c2 and "second look" in c2 and "first look" not in c2, "the case in force is the one")
        t.ok(one in everything and two in everything and "first look" in everything and "second look" in everything,
             "--all has all")
        t.has(c1, "select --where", "selections are in it")
        t.ok(all(a["requestorComment"].startswith("C-1 worm") for a in sim.actions("Isolate")), "the case is before comments")
        run(other, "wait " + one, "handover c1.md --case C-1")
        t.has(text_of(other, "c1.md"), one, "a case is known by the comments of another machine's job")
        for bad in ("'a\tb'", "'[x]'", "' '", "'" + "y" * 65 + "'"):
            t.eq(run(home, "case " + bad).status, 2, "no case: %s" % bad[:10])
        with sim_of() as elsewhere:
            away = t.Home(elsewhere, scale=0.02, tenant=t.TENANT2, app=t.APP2, secret=t.SECRET2)
            away.env["XDG_STATE_HOME"] = home.env["XDG_STATE_HOME"]
            run(away, "handover away.md --all")
            t.ok("first look" not in text_of(away, "away.md") and one not in text_of(away, "away.md"),
                 "another tenant's notes and jobs stay there")


def test_history():
    with sim_of("--offline", 0, "--fail", 0) as sim:
        home, other = t.Home(sim, scale=0.02), t.Home(sim, scale=0.02)
        windows = [m for m in sim.machines() if m["osPlatform"] == "Windows11" and m["healthStatus"] == "Active" and
                   m["onboardingStatus"] == "Onboarded"]
        device = windows[0]["id"]
        sim.control("action", machineId=device, type="RunAntiVirusScan", scope="Quick", comment="by hand \x1b[31m",
                    status="Succeeded", ageSeconds=5000)
        run(home, "case C-1", "select " + device, "tag add seen", "isolate full --comment x --expect 1 --wait",
            "isolate full --comment again --expect 1")
        run(other, "select " + device, "release --comment y --wait")
        found = run(home, "history %s" % windows[0]["computerDnsName"])
        got = [(h["action"], h["from"], h["outcome"], h["status"]) for h in found.json[0]["history"]]
        t.eq(got, [("scan", "tenant", None, "Succeeded"), ("tag add", "log", "accepted", "Succeeded"),
                   ("isolate", "both", "accepted", "Succeeded"), ("isolate", "log", "already", None),
                   ("release", "tenant", None, "Succeeded")], "history merges the logs and the tenant's actions, by time")
        t.ok(found.status == 0 and [h["case"] for h in found.json[0]["history"]][1:4] == ["C-1"] * 3, "with the case")
        t.ok(all(h["actionId"] in {a["id"] for a in sim.actions()} for h in found.json[0]["history"] if h["from"] != "log"),
             "and action ids")
        t.eq(run(other, "history " + device).json[0]["history"][1]["comment"], "C-1 x", "another machine sees the tenant's part")
        sim.vanish(device)
        run(home, "refresh")
        for name in (device, device.upper(), windows[0]["computerDnsName"]):
            gone = run(home, "history " + name)
            t.eq((gone.status, len(gone.json[0]["history"])), (0, 5), "a device that is gone has a history (%s)" % name[:12])
        t.eq(run(home, "history no-such-device").status, 1, "a name that nobody knows is an error")
        t.eq(run(home, "history 0000000000000000000000000000000000000000").json[0]["history"], [], "an id without one has none")
        sim.fault("GET machineactions:status@1:403")
        part = run(home, "history " + device)
        t.eq((part.status, len(part.json[0]["history"])), (4, 3), "without the action list it is partial")
        home.cordon("-c", "history %s > h.csv" % device)
        t.ok("ACTION ID" in text_of(home, "h.csv") and "\x1b" not in text_of(home, "h.csv"), "history as a CSV")


def test_actions():
    with sim_of("--offline", 0, "--fail", 0) as sim:
        home = t.Home(sim, scale=0.02)
        device = sim.machines()[0]["id"]
        for kind, status, who, age in (("Isolate", "Succeeded", "Eve@contoso.com", 90000), ("Unisolate", "Pending", "bob", 60),
                                       ("RunAntiVirusScan", "Failed", "bob", 5), ("Isolate", "Cancelled", "bob", 700)):
            sim.control("action", machineId=device, type=kind, status=status, requestor=who, ageSeconds=age,
                        comment="x [cordon 20261125-071903-a1f3 bob]" if who == "bob" else "")

        def types(options):
            return [a["type"] for a in run(home, "actions " + options).json[0]["actions"]]

        for options, wanted in (
                ("", 4), ("--type isolate", 2), ("--type Isolate,scan", 3), ("--type nothing", 0), ("--status open", 1),
                ("--status succeeded,failed", 2), ("--requestor eve@CONTOSO.com", 1), ("--requestor ev", 0),
                ("--since 1h", 3), ("--since 1h --until 3m", 1), ("--since 2000-01-01", 4), ("--until 2000-01-01", 0),
                ("--job a1f3", 3), ("--type isolate --status Cancelled --requestor bob", 1)):
            t.eq(len(types(options)), wanted, "actions " + options)
        for bad in ("--status gone", "--since yesterday", "--until 1x"):
            t.eq(run(home, "actions " + bad).status, 2, "actions %s is a usage error" % bad)
        home.cordon("-c", "actions > a.csv", "-c", "actions --status open > a.json")
        t.ok(device in text_of(home, "a.csv") and text_of(home, "a.csv").count("\n") == 5, "actions as a CSV, with ids")
        t.eq(len(json.loads(text_of(home, "a.json"))["actions"]), 1, "and as JSON")
        isolated = run(home, "isolated").json[0]["isolated"]
        t.eq([(i["id"], i["pending"]) for i in isolated], [(device, "Unisolate")], "isolated tells what is pending")


for test in (test_lost_laptop, test_hostile, test_file, test_cases, test_history, test_actions):
    test()
t.done()
