"""Ctrl-C and SIGTERM in a run: sending stops, what is done is kept, the job can be resumed; nothing twice."""
import json
import signal
import time

import cordon_test as t


def interrupted(sim, home, which, wanted):
    """Starts a scan and sends the signal when some devices are done; returns the ended run."""
    before = len(sim.actions())
    process = home.start("-y", "-o", "json", "-c", "select --where healthStatus == 'Active'",
                         "-c", "scan quick --comment 'to be stopped'")
    end = time.monotonic() + 30
    while len(sim.actions()) < before + 5 and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(which)
    out, err = process.communicate(timeout=60)
    run = t.Run(process.returncode, out.decode(), err.decode())
    t.eq(run.status, wanted, "%s: exit status" % which.name)
    if run.status != wanted or (wanted > 0 and len(run.json) != 2):
        run.show()
    return run


def once_each(sim, name):
    devices = [a["machineId"] for a in sim.actions("RunAntiVirusScan")]
    t.eq(len(devices), len(set(devices)), name + ": no device twice")
    return set(devices)


for which in (signal.SIGINT, signal.SIGTERM):
    with t.Sim("--devices", "60", "--window-scale", "0", "--latency-ms", "300") as sim:
        home = t.Home(sim, scale=0)
        run = interrupted(sim, home, which, 130)
        job = run.json[1]
        t.ok(job["accepted"] > 0 and job["unsent"] > 0, "what is done and what is unsent is told: %d, %d" %
             (job["accepted"], job["unsent"]))
        t.eq(job["accepted"] + job["unsent"] + job["already"] + job["skipped"] + job["unknown"], job["total"],
             "every device has an outcome")
        t.eq(once_each(sim, "before"), {r["id"] for r in job["results"] if r["outcome"] == "accepted"},
             "the tenant has what was told")
        t.has(run.err, "resume", "and how to go on")
        t.eq(home.cordon("-c", "log verify").status, 0, "the log is whole")
        run = home.cordon("-y", "-o", "json", "-c", "resume")
        if not t.ok(run.status in (0, 4) and run.json[0]["unsent"] == 0, "resume sends the rest"):
            run.show()
        t.eq(len(once_each(sim, "after")), run.json[0]["accepted"], "each of them once")
        t.eq(home.cordon("-y", "-c", "resume").status, 1, "nothing is left to resume")

# Interrupted while it waits for a job that still sends: nothing is told that is of no command.
with t.Sim("--devices", "60", "--window-scale", "0", "--latency-ms", "2000") as sim:
    home = t.Home(sim, scale=0)
    for last in ((), ("-c", "wait")):
        process = home.start("-y", "-o", "json", "-c", "select --where healthStatus == 'Active'",
                             "-c", "scan quick --force --comment 'to be stopped' &", *last)
        before = len(sim.actions())
        end = time.monotonic() + 30
        while len(sim.actions()) < before + 5 and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        t.eq(process.returncode, 130, "a job in the background is interrupted")
        names = [json.loads(line)["command"] for line in out.decode().splitlines()]
        t.eq(names, ["select", "scan"] + [word for word in last if word != "-c"], "an object for each command, none more")

# Killed outright, then resumed.
with t.Sim("--devices", "60", "--window-scale", "0", "--latency-ms", "300") as sim:
    home = t.Home(sim, scale=0)
    interrupted(sim, home, signal.SIGKILL, -9)
    run = home.cordon("-y", "-o", "json", "-c", "resume")
    if not t.ok(run.status in (0, 4) and run.json[0]["unsent"] == 0, "resume after a kill"):
        run.show()
    t.eq(len(once_each(sim, "after a kill")), run.json[0]["accepted"], "each of them once")
    t.eq(home.cordon("-c", "log verify").status, 0, "the logs are whole")
t.done()
