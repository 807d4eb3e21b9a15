"""A token revoked in the middle of a run costs one new token; a missing role is one message and exit status 3."""

import cordon_test as t

with t.Sim("--devices", 300, "--window-scale", 0, "--fault", "runAntiVirusScan:revoke@40") as sim:
    home = t.Home(sim, scale=0)
    run = home.cordon("-y", "-o", "json", "-c", "select --where onboardingStatus == \"Onboarded\" and "
                      "osPlatform == \"Windows11\"", "-c", "scan quick --comment check --limit 100")
    tokens = sim.requests(ends="token")
    scans = [a for a in sim.actions("RunAntiVirusScan")]
    t.ok(run.json[-1]["accepted"] > 50, "many devices are scanned")
    t.eq(len(scans), run.json[-1]["accepted"], "one action a device")
    t.eq(len({a["machineId"] for a in scans}), len(scans), "none twice")
    t.eq(len(tokens), 2, "one new token")
    t.eq(run.status, 0, "and nothing else happened")
    if run.status != 0:
        run.show()

with t.Sim("--roles", "Machine.Read.All,Machine.Scan", "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    run = home.cordon("-y", "-c", "select fin-lt-001 fin-lt-002 fin-lt-004", "-c", "expect 3",
                      "-c", "isolate full --comment check")
    t.eq(run.status, 3, "a missing role is exit status 3")
    t.has(run.err, "Machine.Isolate", "the role is named")
    t.eq(run.err.count("Machine.Isolate"), 1, "in one message")
    t.eq(sim.actions(), [], "and nothing was done")
    if run.err.count("Machine.Isolate") != 1:
        run.show()
    run = home.cordon("-o", "json", "-c", "connect")
    t.eq(run.status, 0, "connect works")
    t.eq(sorted(run.json[0]["roles"]), ["Machine.Read.All", "Machine.Scan"], "and shows the roles held")
    disabled = {d["command"]: d["role"] for d in run.json[0]["disabled"]}
    t.ok("isolate" in disabled and "tag add" in disabled and "scan" not in disabled, "and what the missing ones disable")
t.done()
