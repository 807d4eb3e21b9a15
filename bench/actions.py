#!/usr/bin/env python3
"""A job against a one-at-a-time loop of curl, in one run and at the same simulated tenant: 0.2 s of latency, no limits.

usage: actions.py [ACTIONS [CURL_CALLS]]     1,000 and as many; fewer curl calls are extrapolated, and told so
Programs are found by the environment variable `builddir`."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "cli"))
import cordon_test as t  # noqa: E402

ACTIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
CALLS = int(sys.argv[2]) if len(sys.argv) > 2 else ACTIONS
LATENCY_MS = 200
WANTED = 15
WHERE = "osPlatform in ('Windows10', 'Windows11') and healthStatus == 'Active' and onboardingStatus == 'Onboarded'"

LOOP = """while read id; do
curl -s -o /dev/null -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
-d '{"Comment":"bench","ScanType":"Quick"}' "$URL/api/machines/$id/runAntiVirusScan" || exit 1
done"""


def fail(text):
    print("bench: " + text, file=sys.stderr)
    sys.exit(1)


def cordon(sim, home):
    start = time.monotonic()
    run = home.cordon("-y", "-o", "json", "-c", "select --where %s" % WHERE,
                      "-c", "scan quick --comment bench --limit %d" % ACTIONS)
    whole = time.monotonic() - start
    if run.json[-1].get("accepted") != ACTIONS or len(sim.actions()) != ACTIONS:
        fail("not all actions were accepted: " + run.err)
    sent = sim.requests(ends="runAntiVirusScan")
    if len(sent) != ACTIONS:
        fail("%d requests for %d actions" % (len(sent), ACTIONS))
    job = (max(r["answered_ms"] for r in sent) - min(r["t_ms"] for r in sent)) / 1000
    return whole, job, {r["path"].split("/")[3] for r in sent}


def curl(sim, used):
    ids = [m["id"] for m in sim.machines() if m["id"] not in used and m["healthStatus"] == "Active" and
           m["onboardingStatus"] == "Onboarded" and m["osPlatform"] in ("Windows10", "Windows11")][:CALLS]
    if len(ids) < CALLS:
        fail("too few devices")
    start = time.monotonic()
    subprocess.run(["/bin/sh", "-c", LOOP], input="\n".join(ids) + "\n", text=True, check=True,
                   env={"PATH": os.environ["PATH"], "TOKEN": sim.token(), "URL": sim.url})
    seconds = time.monotonic() - start
    if len(sim.actions()) != ACTIONS + CALLS:
        fail("curl did not get all its actions")
    return seconds


def main():
    with t.Sim("--devices", 6 * max(ACTIONS, 20), "--window-scale", "0", "--latency-ms", LATENCY_MS) as sim:
        whole, job, used = cordon(sim, t.Home(sim, scale=0))
        seconds = curl(sim, used)
    loop = seconds * ACTIONS / CALLS
    print("actions:   cordon: %d scans in %.1f s, sign-in, inventory and plan included (the calls alone %.1f s)" %
          (ACTIONS, whole, job))
    print("           a loop of curl: %s in %.1f s%s" % (
        "%d" % CALLS, seconds, "" if CALLS == ACTIONS else ", so %.0f s for %d (extrapolated)" % (loop, ACTIONS)))
    print("           cordon is %.1f times faster (at least %d wanted)" % (loop / whole, WANTED))


main()
