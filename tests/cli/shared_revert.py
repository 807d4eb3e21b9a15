"""Reverts against everything that can come between: actions that are pending, that cannot be cancelled, that others do; a
revert that is killed, given twice, or reverted itself. Asserts what the tenant has."""

import collections
import sys
import time

import cordon_test as t

WINDOWS = "select --where osPlatform startswith 'Windows1' and onboardingStatus == 'Onboarded' and isempty(mergedIntoMachineId)"
ACTIVE = WINDOWS + " and healthStatus == 'Active'"
ISOLATE = "isolate full --comment x --expect 1..99"


def sim_of(*options, scale=0.02):
    return t.Sim("--devices", 80, "--window-scale", scale, "--offline", 0, "--fail", 0, *options)


def run(home, *commands, **options):
    words = []
    for command in commands:
        words += ["-c", command]
    return home.cordon("-y", "-o", "json", *words, **options)


def isolated(sim):
    return {m["id"]: m["isolated"] for m in sim.state()["machines"] if m["isolated"]}


def ids(answer, *outcomes):
    return {r["id"] for r in answer["results"] if not outcomes or r["outcome"] in outcomes}


def most(sim, kind, after=0):
    """The most actions of a kind that a device got."""
    return max(collections.Counter(a["machineId"] for a in sim.actions(kind)[after:]).values(), default=0)


def posts(sim):
    return len([r for r in sim.requests(method="POST") if "/machine" in r["path"] and "/token" not in r["path"]])


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)


def test_half_pending():
    """Acceptance: isolate, then revert at once while half are pending (they are offline)."""
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        job = run(home, WINDOWS, ISOLATE).json[-1]
        offline = {m["id"] for m in sim.machines() if m["healthStatus"] == "Inactive"} & ids(job)
        until(lambda: len(isolated(sim)) >= 5)
        back = run(home, "revert %s --comment back" % job["job"])
        answer = back.json[-1]
        t.ok(len(offline) > 3 and job["accepted"] == job["total"], "some are offline")
        t.eq((back.status, isolated(sim), answer["notBack"]), (0, {}, []), "in the end no device is isolated")
        t.eq(ids(answer), ids(job), "none is left out of the report")
        t.eq((answer["reverts"], answer["action"], answer["total"]), (job["job"], "release", job["total"]), "which is one job's")
        t.ok(offline <= ids(answer, "already"), "what was cancelled in time is not released")
        t.ok(all("cancelled in time" in r["reason"] for r in answer["results"] if r["id"] in offline), "and that is said")
        t.eq({a["status"] for a in sim.actions("Isolate") if a["machineId"] in offline}, {"Cancelled"}, "at the tenant, too")
        t.eq(most(sim, "Unisolate"), 1, "none is released twice")
        count = posts(sim)
        again = run(home, "revert %s --comment back" % job["job"])
        t.eq((again.status, again.json[-1]["already"], posts(sim)), (0, job["total"], count), "a second revert sends nothing")
        t.eq(ids(again.json[-1]), ids(job), "and reports all the same")


def test_uncancellable():
    """Cancels are refused, isolations run on: some take effect after their release."""
    with sim_of("--fault", "cancel:status@1+:400", "--fault", "isolate:drop-after%20", scale=0.1) as sim:
        home = t.Home(sim, scale=0)
        job = run(home, ACTIVE, ISOLATE + " --limit 20").json[-1]
        back = run(home, "revert %s --comment back --for 30s" % job["job"])
        t.eq((back.status, isolated(sim), back.json[-1]["notBack"]), (0, {}, []), "what cannot be cancelled is released")
        t.eq(ids(back.json[-1]), ids(job), "and reported")
        last = {}
        for action in sorted(sim.actions(), key=lambda a: a["lastUpdateDateTimeUtc"]):
            if action["status"] == "Succeeded":
                last[action["machineId"]] = action["type"]
        t.eq(set(last.values()), {"Unisolate"}, "also by the order in which actions took effect")
    with sim_of("--fault", "cancel:status@1+:400") as sim:
        home = t.Home(sim, scale=0.02)
        job = run(home, WINDOWS + " and healthStatus == 'Inactive'", ISOLATE).json[-1]
        back = run(home, "revert %s --comment back --for 500ms" % job["job"])
        t.eq(back.status, 4, "devices that are offline, and whose isolation cannot be cancelled, are not back")
        t.eq({r["id"] for r in back.json[-1]["notBack"]}, ids(job), "each is named")
        t.ok(all("tried until" in r["reason"] for r in back.json[-1]["notBack"]), "with what is open, and until when")
        t.eq((back.err.count("not back: "), most(sim, "Unisolate")), (job["total"], 1), "on standard error, too")


def test_killed():
    with sim_of("--latency-ms", 30) as sim:
        home = t.Home(sim, scale=0.02)
        job = run(home, ACTIVE, ISOLATE + " --limit 20", "wait").json[1]
        for stage, path in (("releasing", "unisolate"), ("releasing again", "unisolate")):
            before = len(sim.requests(ends=path))
            process = home.start("-y", "-c", "revert %s --comment back" % job["job"])
            until(lambda: len(sim.requests(ends=path)) >= before + 4)
            process.kill()
            process.communicate()
        back = run(home, "revert %s --comment back" % job["job"])
        t.eq((back.status, isolated(sim), ids(back.json[-1])), (0, {}, ids(job)), "a revert that was killed is given again")
        t.eq(most(sim, "Unisolate"), 1, "and releases none twice")
        t.eq([j["open"] for j in run(home, "jobs").json[0]["jobs"]].count(True), 0, "no job is left open")
    with sim_of("--latency-ms", 30) as sim:
        home = t.Home(sim, scale=0.02)
        job = run(home, WINDOWS + " and healthStatus == 'Inactive'", ISOLATE).json[-1]
        process = home.start("-y", "-c", "revert %s --comment back" % job["job"])
        until(lambda: len(sim.requests(ends="cancel")) >= 3)
        process.kill()
        process.communicate()
        back = run(home, "revert %s --comment back" % job["job"])
        t.eq((back.status, {a["status"] for a in sim.actions()}), (0, {"Cancelled"}), "killed while it cancels: the same")


def test_killed_job():
    """The job itself was killed in the middle: unknown ones are settled, unsent ones are told."""
    with sim_of("--latency-ms", 100, "--list-lag", 3) as sim:
        home = t.Home(sim, scale=0.02)
        run(home, "refresh")
        process = home.start("-y", "-c", ACTIVE, "-c", ISOLATE)
        until(lambda: len(sim.requests(ends="isolate")) >= 3)
        process.kill()
        process.communicate()
        job = [line for line in home.logs() if line["type"] == "job.start"][-1]
        back = run(home, "revert %s --comment back" % job["job"])
        t.eq((back.status, isolated(sim)), (0, {}), "what a killed run sent is undone")
        t.eq(ids(back.json[-1]), {d["id"] for d in job["devices"]}, "and what it did not send is in the report")
        made = {a["machineId"] for a in sim.actions("Isolate")}
        t.ok({a["machineId"] for a in sim.actions("Unisolate")} <= made < ids(back.json[-1]), "but not released")


def test_scopes():
    """What a release lifted comes back as it was; so does what a revert lifted."""
    with sim_of() as sim:
        home, other = t.Home(sim, scale=0.02), t.Home(sim, scale=0.02)
        run(home, ACTIVE, "isolate full --comment x --expect 1..99 --limit 3 --wait")
        full = isolated(sim)
        run(home, ACTIVE, "isolate selective --comment x --expect 1..99 --limit 6 --wait")
        mixed = {d: full.get(d, s) for d, s in isolated(sim).items()}
        sim_mixed = isolated(sim)
        t.ok(len(mixed) >= 5 and set(sim_mixed.values()) >= {"Selective"}, "devices are isolated in two ways")
        release = run(home, ACTIVE, "release --comment x --wait").json[1]
        t.eq(isolated(sim), {}, "all are released")
        logged = [line for line in home.logs() if line["type"] == "job.start" and line["action"] == "release"][-1]
        t.eq({d["id"]: d["before"] for d in logged["devices"] if "before" in d}, sim_mixed, "the log holds how each was")
        count = len(sim_mixed)
        dry = run(other, "revert %s --comment x --dry-run" % release["job"])
        t.eq((dry.status, dry.json[-1]["planned"], isolated(sim)), (0, count, {}), "another machine: a dry run plans it")
        back = run(other, "revert %s --comment x --expect %d" % (release["job"], count))
        t.eq((back.status, isolated(sim)), (0, sim_mixed), "a revert of a release restores the scopes")
        again = run(other, "revert %s --comment y" % back.json[-1]["job"])
        t.eq((again.status, isolated(sim)), (0, {}), "and a revert of that lifts them")
        third = run(other, "revert %s --comment z --expect %d" % (again.json[-1]["job"], count))
        t.eq((third.status, isolated(sim)), (0, sim_mixed), "and a revert of that one restores them")
        run(home, ACTIVE, "release --comment x --wait")
        back = run(home, "revert %s --comment x --expect 0..99" % release["job"])
        t.eq((back.status, isolated(sim)), (4, {}), "what others did since is not undone")


def test_others():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        job = run(home, ACTIVE, ISOLATE + " --limit 6 --wait").json[1]
        some = sorted(ids(job))

        def action(device, kind, status="Succeeded", scope="Full"):
            sim.control("action", machineId=device, type=kind, scope=scope, status=status, comment="by hand")

        action(some[0], "Unisolate")
        action(some[1], "Unisolate")
        action(some[1], "Isolate")
        action(some[2], "Isolate", scope="Selective")
        action(some[3], "Unisolate", status="Pending")
        action(some[4], "Isolate", status="Pending")
        count = len(sim.requests(ends="unisolate"))
        back = run(home, "revert %s --comment back --for 500ms" % job["job"])
        left = {r["id"]: r["reason"] for r in back.json[-1]["notBack"]}
        t.eq(back.status, 4, "a revert that finds others' actions is partial")
        t.eq(set(left), set(some[1:5]), "each device that is not back is named")
        t.ok("anew" in left[some[1]] and "anew" in left[some[2]], "what another did anew is left alone")
        t.ok("Unisolate is Pending" in left[some[3]], "a release that is open is not sent again, and waited for")
        t.ok("Isolate is Pending" in left[some[4]], "an isolation still open is told")
        t.eq(len(sim.requests(ends="unisolate")) - count, 2, "only what is the job's own is sent")


def test_before():
    """What was so before the job is left so."""
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        first = run(home, ACTIVE, "isolate full --comment x --expect 1..99 --limit 3 --wait").json[1]
        forced = run(home, ACTIVE, "isolate full --comment x --expect 1..99 --limit 6 --force --wait").json[1]
        back = run(home, "revert %s --comment back" % forced["job"])
        t.eq((back.status, set(isolated(sim))), (0, ids(first)), "devices that were isolated before stay isolated")
        t.eq(ids(back.json[-1], "already"), ids(first), "and are told")
        back = run(home, "revert %s --comment back" % first["job"])
        t.ok(set(isolated(sim)) <= ids(first) and ids(back.json[-1]) == ids(first), "each job's own")


def test_refused():
    """A device that left the tenant is refused once, and named."""
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        job = run(home, ACTIVE, "isolate full --comment x --expect 1..99 --limit 4 --wait").json[-1]
        gone = sorted(ids(job))[0]
        sim.vanish(gone)
        back = run(home, "revert %s --comment back" % job["job"])
        sent = [r["path"].split("/")[3] for r in sim.requests(ends="unisolate")]
        t.eq((back.status, sorted(sent)), (4, sorted(ids(job))), "each device is sent its release once")
        t.eq([d["id"] for d in back.json[-1]["notBack"]], [gone], "the one that is not back is named")


def test_release_tells():
    with sim_of() as sim:
        home = t.Home(sim, scale=0.02)
        device = [m for m in sim.machines() if m["healthStatus"] == "Active" and m["osPlatform"] == "Windows11" and
                  m["onboardingStatus"] == "Onboarded"][0]
        sim.control("action", machineId=device["id"], type="Isolate", scope="Full", status="Succeeded", ageSeconds=900)
        sim.control("action", machineId=device["id"], type="Isolate", scope="Full", status="Pending", ageSeconds=600,
                    requestor="eve\x1b[31m@contoso.com")
        done = run(home, "select " + device["id"], "release --comment x --wait")
        t.has(done.err, "an older 'Isolate' is still Pending, by eve\\x1b[31m@contoso.com", "after release, older isolates are told")
        t.eq([(a["machineId"], a["type"]) for a in done.json[1]["stillOpen"]], [(device["id"], "Isolate")], "in JSON, too")


def test_kinds():
    with sim_of("--latency-ms", 100) as sim:
        home = t.Home(sim, scale=0.02)
        scan = run(home, ACTIVE, "scan quick --comment x --limit 3").json[1]
        back = run(home, "revert %s --comment back" % scan["job"])
        t.eq((back.status, len(sim.requests(ends="cancel"))), (1, 0), "what has no inverse is refused, before anything is done")
        t.has(back.err, "`cancel %s`" % scan["job"], "and what can be done is said")
        sim.fault("cancel:status@1:403")
        held = run(home, WINDOWS + " and healthStatus == 'Inactive'", ISOLATE, "case C-9").json[1]
        run(home, "case C-9", "cancel %s --comment no" % held["job"])
        back = run(home, "case C-9", "cancel %s --comment no" % held["job"])
        t.ok(all(a["cancellationComment"].startswith("C-9 no [cordon ") for a in sim.actions("Isolate")),
             "a cancel's comment has the case before it")
        for comment in ("'  '", "'%s'" % ("y" * 500)):
            back = run(home, "cancel %s --comment %s" % (held["job"], comment))
            t.eq(back.status, 2, "a comment that is blank or too long cancels nothing")


if __name__ == "__main__":
    for test in (test_half_pending, test_uncancellable, test_killed, test_killed_job, test_scopes, test_others, test_before,
                 test_refused, test_release_tells, test_kinds):
        if len(sys.argv) > 1 and test.__name__ not in sys.argv:
            continue
        start = time.monotonic()
        test()
        t.note("%s: %.1f s" % (test.__name__, time.monotonic() - start))
    t.done()
