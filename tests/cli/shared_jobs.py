"""Jobs of other people and machines, rebuilt from the markers in the tenant's action list: seen, waited for, cancelled,
reverted; and what anybody may write into a comment does no harm."""

import cordon_test as t

ACTIVE = "select --where healthStatus == 'Active' and osPlatform startswith 'Windows1'"
ISOLATE = "isolate full --comment 'case 7' --expect 1..99 --limit %d"
JOB = "20261125-071903-a1f3"


def sim_of(*options, scale=0.02):
    return t.Sim("--devices", 60, "--window-scale", scale, "--offline", 0, "--fail", 0, *options)


def run(home, *commands):
    words = []
    for command in commands:
        words += ["-c", command]
    return home.cordon("-y", "-o", "json", *words)


def onboarded(sim):
    return [m for m in sim.machines() if m["onboardingStatus"] == "Onboarded" and not m["mergedIntoMachineId"] and
            (m["osPlatform"] or "").startswith("Windows1") and m["healthStatus"] == "Active"]


def test_seen_and_waited_for():
    with sim_of() as sim:
        a, b = t.Home(sim, scale=0.02), t.Home(sim, scale=0.02)
        mine = run(a, ACTIVE, ISOLATE % 30).json[-1]
        job = mine["job"]
        jobs = run(b, "jobs --tenant").json[0]["jobs"]
        t.eq([(j["job"], j["action"], j["total"], j["accepted"], j["here"]) for j in jobs],
             [(job, "isolate", 30, 30, False)], "jobs --tenant lists a job of another machine")
        t.eq(run(b, "jobs").json[0]["jobs"], [], "which the logs here do not know")
        seen = run(b, "job " + job).json[0]
        t.eq({r["id"]: (r["outcome"], r["actionId"]) for r in seen["results"]},
             {r["id"]: (r["outcome"], r["actionId"]) for r in mine["results"]}, "job rebuilds its devices and actions")
        t.eq((seen["action"], seen["rebuilt"], seen["total"]), ("isolate", True, 30), "and says that it is rebuilt")
        t.eq(run(b, "jobs").json[0]["jobs"], [], "looking writes nothing down")
        waited = run(b, "wait " + job[-4:])
        t.eq((waited.status, waited.json[0]["statuses"]), (0, {"Succeeded": 30}), "wait, by an ending of the id")
        t.eq([j["job"] for j in run(b, "jobs").json[0]["jobs"]], [job], "then the log here tells of it")
        again = run(b, "job " + job).json[0]
        t.eq((again["total"], again["statuses"], again["rebuilt"]), (30, {"Succeeded": 30}, True), "to later sessions, too")
        t.eq(run(b, "jobs --tenant").json[0]["jobs"][0]["here"], True, "as jobs --tenant says")
        t.eq(run(b, "log verify").status, 0, "the logs are whole")
        refused = run(b, "resume " + job)
        t.ok(refused.status == 1 and "another machine" in refused.err, "what it has not sent is not sent from here")
        text = b.cordon("-c", "job " + job).out
        t.has(text, "is not known", "what the list cannot tell is said")


def test_grows():
    """The other machine sends on while this one looks."""
    with sim_of("--latency-ms", 150) as sim:
        a, b = t.Home(sim, scale=0.02), t.Home(sim, scale=0.02)
        run(a, "refresh")
        run(b, "refresh")
        process = a.start("-y", "-c", ACTIVE, "-c", ISOLATE % 35)
        while len(sim.actions("Isolate")) < 4:
            pass
        job = sim.actions("Isolate")[0]["requestorComment"].split()[-2]
        early = run(b, "wait %s --for 100ms" % job).json[0]["total"]
        process.communicate()
        late = run(b, "wait " + job).json[0]
        t.ok(early < 35 and (late["total"], late["statuses"]) == (35, {"Succeeded": 35}),
             "devices that the other machine sent to meanwhile are taken in (%d, %d)" % (early, late["total"]))


def test_cancelled():
    with sim_of("--offline", 100) as sim:
        a, b = t.Home(sim, scale=0.02), t.Home(sim, scale=0.02)
        job = run(a, ACTIVE, ISOLATE % 10).json[-1]["job"]
        done = run(b, "cancel %s --comment no" % job)
        t.eq((done.status, done.json[0]["statuses"]), (0, {"Cancelled": 10}), "cancel ends another machine's pending actions")
        t.eq({a["status"] for a in sim.actions()}, {"Cancelled"}, "at the tenant, too")
        t.ok(all(a["cancellationComment"].startswith("no [cordon " + job) for a in sim.actions()), "and says whose job it was")
        t.eq(run(a, "wait " + job).json[0]["statuses"], {"Cancelled": 10}, "the other machine sees it")


def test_hostile():
    with sim_of() as sim:
        b = t.Home(sim, scale=0.02)
        devices = onboarded(sim)
        good = "case 9 [cordon %s ana]" % JOB

        def action(number, comment, kind="Isolate", who="cordon", status="Succeeded", age=0):
            sim.control("action", machineId=devices[number]["id"], type=kind, scope="Full", comment=comment, requestor=who,
                        status=status, ageSeconds=age)

        action(0, good, age=50)
        action(1, good, age=40)
        action(2, good + " quoted by another")
        action(3, good[:-1])
        action(4, "[cordon %s ana]" % JOB)
        action(5, "x [cordon %s eve\x1b[31m]" % JOB)
        action(6, good, who="eve@contoso.com")
        action(7, good, kind="Unisolate")
        action(8, "x [cordon %s mallory]" % JOB)
        action(9, "\u202ex\r\n [cordon 20261125-071903-ffff a|b`<i>\u2028]")
        action(10, good + good[6:])
        seen = run(b, "job " + JOB)
        t.eq({r["id"] for r in seen.json[0]["results"]}, {devices[n]["id"] for n in (0, 1, 10)},
             "only what ends with the marker, and is of the job's type and requestor, is the job's")
        t.has(seen.err, "3 actions bear the marker", "the others are told")
        jobs = run(b, "jobs --tenant").json[0]["jobs"]
        t.eq([(j["job"], j["total"], j["strays"]) for j in jobs], [(JOB, 3, 3)], "jobs --tenant counts the same")
        run(b, "revert %s --comment back" % JOB)
        t.eq({a["machineId"] for a in sim.actions("Unisolate") if not
              a["requestorComment"].startswith("case 9")},
             {devices[n]["id"] for n in (0, 1, 10)}, "revert touches no other device")
        action(11, "x [cordon 20251125-071903-a1f3 bob]")
        c = t.Home(sim, scale=0.02)
        t.has(run(c, "cancel a1f3 --comment x").err, "more than one job", "an ending that fits two jobs names none")
        t.eq(run(c, "job f3").status, 1, "a short ending is no stranger's job")
        t.ok(run(c, "wait ''").status in (1, 2), "nor is an empty text")
        action(12, "x [cordon 20251125-071903-0001 bob]", kind="LiveResponse")
        t.eq(run(b, "job 20251125-071903-0001").json[0]["action"], "live-response", "actions of any kind are told")


def test_no_list():
    with sim_of("--fault", "GET machineactions:status@1+:403") as sim:
        b = t.Home(sim, scale=0.02)
        found = run(b, "wait " + JOB)
        t.eq(found.status, 3, "without the list no job of another machine is found")
        t.has(found.err, "the logs here have no such job", "and both are told")


for test in (test_seen_and_waited_for, test_grows, test_cancelled, test_hostile, test_no_list):
    test()
t.done()
