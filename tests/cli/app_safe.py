"""Nothing wider than meant: each doubt keeps devices out of an action."""
import cordon_test as t

ACTS = ("isolate", "unisolate", "runAntiVirusScan", "AddOrRemoveTagForMultipleMachines")


def sent(sim):
    return [r for r in sim.requests(method="POST") if any(r["path"].lower().endswith("/" + a.lower()) for a in ACTS)]


def nothing_sent(sim, run, name, status=1):
    t.eq(run.status, status, name + ": status %d" % status)
    t.eq(len(sent(sim)), 0, name + ": nothing was sent")
    if run.status != status or sent(sim):
        run.show()


def names(home):
    run = home.cordon("-o", "json", "-c", "select --all", "-c", "list")
    return [d["computerDnsName"] for d in run.json[1]["devices"]]


with t.Sim("--devices", "40", "--window-scale", "0") as sim:
    home = t.Home(sim, scale=0)
    all_names = names(home)
    tag = "tag add marked"

    run = home.cordon("-y", "-c", tag)
    nothing_sent(sim, run, "an empty set")

    run = home.cordon("-y", "-k", "-c", "select --all", "-c", "remove no-such-device-xyz", "-c", tag)
    nothing_sent(sim, run, "a remove with an unresolved entry, under -k")
    t.has(run.err, "no-such-device-xyz", "and the entry is named")

    run = home.cordon("-y", "-k", "-c", "select --all", "-c", "query DeviceNope | take 1", "-c", tag)
    nothing_sent(sim, run, "a failed query, under -k")

    run = home.cordon("-y", "-c", "select --all", "-c", "isolate full --comment x")
    nothing_sent(sim, run, "a disruptive act without --expect", 2)

    run = home.cordon("-y", "-c", "select --all", "-c", "isolate full --comment x --expect 3")
    nothing_sent(sim, run, "another number than expected")

    run = home.cordon("-y", "-k", "-c", "select --all", "-c", "expect 3", "-c", tag)
    nothing_sent(sim, run, "a failed expect, under -k")

    run = home.cordon("-y", "-c", "select --all", "-c", tag, "-c", "filter nonsense ==")
    nothing_sent(sim, run, "a later command that does not parse", 2)

    run = home.cordon("-c", "select --all", "-c", tag)
    nothing_sent(sim, run, "nobody to confirm", 2)

    run = home.cordon("-y", "--read-only", "-c", "select --all", "-c", tag)
    nothing_sent(sim, run, "--read-only")

    home.write("star.csv", "DeviceName\n*\n")
    run = home.cordon("-y", "-c", "select --csv star.csv", "-c", tag)
    nothing_sent(sim, run, "a cell * is no pattern")

    home.config("[profile other]\ntenant = %s\nclient = %s\n" % (t.TENANT2, t.APP2))
    run = home.cordon("-y", "-p", "other", "-c", "select --all", "-c", tag)
    nothing_sent(sim, run, "two tenants named at once", 2)
    run = home.cordon("-y", "-c", "connect other", "-c", "select --all", "-c", tag)
    nothing_sent(sim, run, "two tenants named at once, by connect", 2)

    home.config("[policy]\nprotected = machineTgs has 'tier0'\n")
    run = home.cordon("-y", "-c", "select --all", "-c", "isolate full --comment x --expect 1..1000")
    nothing_sent(sim, run, "a broken protected predicate", 2)

    home.config("[policy]\nprotected = tobool(rbacGroupName) or bool(null)\n")
    run = home.cordon("-y", "-c", "select --all", "-c", "isolate full --comment x --expect 1..1000")
    t.eq(len(sent(sim)), 0, "a protected predicate that is null protects")
    t.eq(run.status, 4, "and the devices are told as skipped")

    home.config("[policy]\nprotected-list = gone.txt\n")
    run = home.cordon("-y", "-c", "select --all", "-c", "isolate full --comment x --expect 1..1000")
    t.eq((len(sent(sim)), run.status != 0), (0, True), "a protected list that cannot be read")

    home.config("[policy]\nmax-devices = 5\n[policy other]\nmax-devices = 9\n[profile other]\n")
    run = home.cordon("-y", "-c", "select --all", "-c", "isolate full --comment x --expect 1..1000")
    nothing_sent(sim, run, "max-devices")
    t.has(run.err, "to be sent", "a plan above max-devices is shown, then refused")
    run = home.cordon("-y", "-n", "-o", "json", "-c", "select --all", "-c", "isolate full --comment x --expect 1..1000")
    nothing_sent(sim, run, "max-devices in a dry run")
    t.eq((run.json[1]["error"]["code"], run.json[1]["planned"] > 5), ("max-devices", True), "its counts are told in JSON, too")

    home.config("[policy]\nmax-devises = 5\n")
    run = home.cordon("-y", "-c", "select --all", "-c", tag)
    nothing_sent(sim, run, "a slip in the configuration", 2)
    t.has(run.err, "config:2", "and its line is named")

    home.config("")
    home.write("config/cordon/config", "")
    # The log's directory cannot be made: a file is in its place.
    broken = t.Home(sim, scale=0)
    broken.write("state/cordon/log", "not a directory")
    run = broken.cordon("-y", "-c", "select %s" % all_names[0], "-c", tag)
    nothing_sent(sim, run, "a log that cannot be written")
    t.eq(broken.cordon("-c", "select --all", "-c", "list").status, 0, "but looking goes on")

with t.Sim("--devices", "120", "--window-scale", "0") as sim:
    home = t.Home(sim, scale=0)
    run = home.cordon("-o", "json", "-c", "select eng-ws-900")
    t.eq((run.status, run.json[0]["count"], len(run.json[0]["ambiguous"])), (4, 0, 1), "an ambiguous name takes nothing")
    run = home.cordon("-o", "json", "-c", "select eng-ws-900 --all-matches", "-c", "remove eng-ws-900", "-c", "count")
    t.ok(run.json[0]["count"] > 1, "a name of several records")
    t.eq(run.json[2]["count"], 0, "remove takes every record that an ambiguous name could mean")
t.done()
