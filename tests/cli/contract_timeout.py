"""--timeout holds for the whole of a query, the reading of the inventory that it needs included."""
import time

import cordon_test as t


def timed(home, *words):
    start = time.monotonic()
    run = home.cordon(*words, timeout=20)
    return run, time.monotonic() - start


with t.Sim("--devices", "30", "--window-scale", "0") as sim:
    home = t.Home(sim)
    t.eq(home.cordon("-c", "select --all").status, 0, "an inventory is there")
    sim.fault("machines:status:503")
    run, took = timed(home, "-c", "set inventory-age 0s", "-c", "query --timeout 2s DeviceInfo | project DeviceId")
    t.eq(run.status, 4, "it serves a query when a new one cannot be had, as partial")
    t.ok(took < 8, "and soon (%.1f s)" % took)
    t.has(run.err, "using the one read ", "its age is told")

    run, took = timed(t.Home(sim), "-c", "query --timeout 2s DeviceInfo | project DeviceId")
    t.eq(run.status, 1, "without one the query fails")
    t.ok(took < 8, "in time (%.1f s)" % took)

t.done()
