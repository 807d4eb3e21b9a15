"""A device list that changes while it is read is read again, and never used in part."""

import cordon_test as t

for fault, times in (("short-page@1", 2), ("repeat-page@1", 2), ("short-page@1+", 3), ("repeat-page@1+", 3)):
    with t.Sim("--window-scale", 0, "--devices", 20000, "--fault", "machines:" + fault) as sim:
        home = t.Home(sim, scale=0)
        run = home.cordon("-o", "json", "-c", "select --all", "-c", "count")
        if times < 3:
            t.eq(run.status, 0, fault + ": a list that settles is used")
            t.ok(run.json[0]["count"] > 19000, fault + ": whole")
        else:
            t.eq(run.status, 1, fault + ": a list that does not settle is an error")
            t.has(run.err, "changed during each of 3 readings", fault + ": which is told")
        t.eq(len(sim.requests(path="/api/machines")), 3 * times, fault + ": three pages a reading")

with t.Sim("--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    run = home.cordon("-c", "query --show --via mde DeviceInfo | take 1")
    t.has(run.err, "2027-02-01", "a hunting endpoint that ends is told when it is used")
    run = home.cordon("-o", "csv", "-c", "select red*", "-c", "list")
    t.ok("\x1b" not in run.out and "\\x1b" in run.out, "control characters are written out in CSV")
t.done()
