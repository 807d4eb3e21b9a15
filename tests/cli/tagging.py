"""Tags in bulk: calls of 500, and devices that left the tenant since the inventory was read."""

import cordon_test as t


def tag_calls(sim):
    return [r for r in sim.requests("POST") if "tag" in r["path"].lower()]


def outcomes(run):
    return {r["id"]: r["outcome"] for r in run.json[-1]["results"]}


def select_1200(home, sim):
    """Ids of 1,200 onboarded devices, listed in a file."""
    ids = [m["id"] for m in sim.machines() if m["onboardingStatus"] == "Onboarded" and not m.get("mergedIntoMachineId")]
    home.write("ids.csv", "DeviceId\n" + "\n".join(ids[:1200]) + "\n")
    return ids[:1200]


with t.Sim("--devices", 1500, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)
    ids = select_1200(home, sim)
    run = home.cordon("-y", "-o", "json", "-c", "select --csv ids.csv", "-c", "tag add case-1")
    t.eq(run.status, 0, "1,200 devices are tagged")
    t.eq(len(tag_calls(sim)), 3, "with three calls")
    t.eq(sim.tagged("case-1") == set(ids), True, "exactly those bear the tag")
    t.eq(run.json[-1]["accepted"], 1200, "and count as accepted")
    if run.status != 0:
        run.show()

for gone in (1, 10):
    with t.Sim("--devices", 1500, "--window-scale", 0) as sim:
        home = t.Home(sim, scale=0)
        ids = select_1200(home, sim)
        read = home.cordon("-c", "refresh")
        lost = ids[7::1200 // gone][:gone]
        sim.vanish(*lost)
        run = home.cordon("-y", "-o", "json", "-c", "select --csv ids.csv", "-c", "tag add case-1")
        t.eq(sim.tagged("case-1") == set(ids) - set(lost), True, "all but the %d that are gone bear the tag" % gone)
        t.ok(len(tag_calls(sim)) <= 25, "in at most 25 calls (%d)" % len(tag_calls(sim)))
        t.eq({i for i, o in outcomes(run).items() if o != "accepted"} == set(lost), True, "exactly those are reported")
        t.eq({o for i, o in outcomes(run).items() if i in lost}, {"refused"}, "as refused")
        t.eq(run.status, 4, "which is partial")
        if run.status != 4:
            run.show()
t.done()
