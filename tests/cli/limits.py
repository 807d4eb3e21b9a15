#!/usr/bin/env python3
"""Rate limits, seen from the service: no 429, hardly slower than the limits allow, also after a kill and with two sessions
at once; the hour's limit makes a job sleep, and says until when.

Short by default. `limits.py full` runs the long forms (make check-limits)."""
import os
import re
import sys
import time

import cordon_test as t

FULL = "full" in sys.argv[1:]
FINANCE = "computerDnsName startswith 'f'"
SCALE = 0.05 if FULL else 0.01
DEVICES = 1000 if FULL else 250
SLACK = 0.97 if FULL else 0.5  # a short run on a busy machine shows that it is not one at a time, no more


def select(more="true"):
    return ("select --where healthStatus == 'Active' and onboardingStatus == 'Onboarded' and osPlatform == 'Windows11' "
            "and %s\n" % more)


def isolate(count, *more):
    return "isolate full --limit %d --comment 'a test' --expect 1..9000 %s\n" % (count, " ".join(more))


def home_of(sim, scale=SCALE):
    home = t.Home(sim, scale=scale)
    home.config("[policy]\nmax-devices = 5000\n")
    return home


def calls(sim, path="isolate"):
    return sim.requests(ends=path)


def best_ms(count, scale=SCALE):
    """From the first call to the last, at best: a hundred a minute, 1,500 an hour."""
    hours, rest = divmod(count - 1, 1500)
    return (hours * 60 + rest // 100) * 60000 * scale


def check_calls(name, sim, count, path="isolate", slack=SLACK, away_ms=0):
    sent = calls(sim, path)
    t.eq([r["status"] for r in sent if r["status"] != 201], [], name + ": no 429, nothing refused")
    t.eq(len({r["path"] for r in sent}), count, name + ": %d devices were sent to" % count)
    t.eq(len(sent), count, name + ": each once")
    span = max(r["answered_ms"] for r in sent) - min(r["t_ms"] for r in sent)
    best = best_ms(count) + away_ms
    t.ok(span * slack <= best, name + ": %d ms of at best %d, %.1f %%" % (span, best, 100 * best / max(span, 1)))


def rss(process):
    with open("/proc/%d/status" % process.pid) as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


def watch_memory(process):
    """Resident kilobytes while it runs, each half second."""
    sizes = []
    while process.poll() is None:
        try:
            sizes.append(rss(process))
        except (OSError, AttributeError):
            break
        time.sleep(0.2)
    return sizes


def whole():
    """A job at the limit, waited for to its end: one list call a poll, memory flat."""
    with t.Sim("--devices", DEVICES * 6, "--window-scale", SCALE, "--offline", 0, "--fail", 0) as sim:
        home = home_of(sim)
        process = home.start("-y", "-c", select() + isolate(DEVICES, "--wait"))
        sizes = watch_memory(process)
        process.communicate()
        t.eq(process.returncode, 0, "whole: every action succeeded")
        check_calls("whole", sim, DEVICES)
        # The plan reads the list once, then each poll is one call.
        polls = [r["t_ms"] for r in sim.requests(path="/api/machineactions")]
        gaps = [b - a for a, b in zip(polls[1:], polls[2:])]
        t.ok(gaps == [] or min(gaps) >= 100, "whole: one list call a poll (%d in all, gaps %s)" % (len(polls), gaps))
        singles = [r for r in sim.requests(method="GET") if r["path"].startswith("/api/machineactions/")]
        t.eq(len(singles), 0, "whole: and no call for a single action")
        if b"__asan_init" in open(t.program("cordon"), "rb").read():
            t.note("the sanitizer keeps what was freed: memory is not measured")
            return
        start = sizes[len(sizes) // 4]
        t.ok(max(sizes) <= start * 1.1 + 2048, "whole: memory is flat (%d KiB after a quarter, %d at most)" %
             (start, max(sizes)))


def killed():
    """Killed in the middle of a burst and resumed at once: the log tells what was used of the limits."""
    with t.Sim("--devices", DEVICES * 6, "--window-scale", SCALE, "--offline", 0, "--fail", 0) as sim:
        home = home_of(sim)
        process = home.start("-y", "-c", select() + isolate(DEVICES))
        while len(calls(sim)) < DEVICES // 2:
            time.sleep(0.02)
        process.kill()
        process.wait()
        dead = time.monotonic()
        run = home.cordon("-y", "-o", "json", "-c", "resume")
        t.eq(run.status, 0, "killed: resumed to its end")
        t.note("rested %.1f s" % (time.monotonic() - dead))
        sent = calls(sim)
        gaps = [b["t_ms"] - a["t_ms"] for a, b in zip(sent, sent[1:])]
        check_calls("killed", sim, DEVICES, away_ms=min(max(gaps), 1500) if max(gaps) > 60000 * SCALE * 1.1 else 0)
        t.eq(run.json[-1]["accepted"], DEVICES, "killed: all are accepted")


def in_flight():
    """Killed while answers are awaited: what was on its way counts, though no answer is in the log."""
    with t.Sim("--devices", 1200, "--window-scale", 0.1, "--latency-ms", 400, "--offline", 0, "--fail", 0) as sim:
        home = home_of(sim, 0.1)
        process = home.start("-y", "-c", select() + isolate(130))
        while not [line for line in home.logs() if line["type"] == "action.intent"]:
            time.sleep(0.02)
        time.sleep(0.2)
        process.kill()
        process.wait()
        flying = len([line for line in home.logs() if line["type"] == "action.intent"])
        answered = len([line for line in home.logs() if line["type"] == "action.result"])
        t.ok(flying > 0 and answered == 0, "in flight: %d sent, none answered" % flying)
        run = home.cordon("-y", "-o", "json", "-c", "resume")
        t.eq(run.json[-1]["accepted"], 130, "in flight: all are accepted")
        sent = calls(sim)
        t.eq([r["status"] for r in sent if r["status"] != 201], [], "in flight: no 429")
        t.eq(len(sim.actions("Isolate")), 130, "in flight: each once")


def two_jobs():
    """Two jobs of one session share the limit."""
    with t.Sim("--devices", DEVICES * 6, "--window-scale", SCALE, "--offline", 0, "--fail", 0) as sim:
        home = home_of(sim)
        half = DEVICES // 2
        run = home.cordon("-y", "-c", select(FINANCE) + isolate(half, "&") + select("not(%s)" % FINANCE) + isolate(half))
        if run.status != 0:
            run.show()
        sent = calls(sim)
        check_calls("two jobs", sim, len({r["path"] for r in sent}))
        t.ok(len(sent) > half, "two jobs: both sent")


def two_sessions():
    """Two sessions on one state directory see in each other's logs what is used of the limit."""
    with t.Sim("--devices", DEVICES * 6, "--window-scale", SCALE, "--offline", 0, "--fail", 0) as sim:
        home = home_of(sim)
        half = DEVICES // 2
        home.cordon("-c", "count")
        runs = [home.start("-y", "-c", select(which) + isolate(half))
                for which in (FINANCE, "not(%s)" % FINANCE)]
        statuses = [process.wait() for process in runs]
        t.eq(statuses, [0, 0], "two sessions: both come to their end")
        sent = calls(sim)
        check_calls("two sessions", sim, len({r["path"] for r in sent}), slack=0.9 if FULL else 0.4)


def hour():
    """More than an hour allows: the job sleeps, says until when, and the plan said how long it would take."""
    scale = 0.01 if FULL else 0.001
    with t.Sim("--devices", 8000, "--window-scale", scale, "--offline", 0, "--fail", 0) as sim:
        home = home_of(sim, scale)
        run = home.cordon("-y", "-c", select() + isolate(1600))
        t.eq(run.status, 0, "hour: all is sent in the end")
        sent = calls(sim)
        t.eq([r["status"] for r in sent if r["status"] != 201], [], "hour: no 429")
        t.eq(len(sent), 1600, "hour: each once")
        t.has(run.err, "the hour's calls are used up: job ", "hour: the job sleeps")
        t.ok(re.search(r"sleeps until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", run.err), "hour: and says until when")
        span = max(r["answered_ms"] for r in sent) - min(r["t_ms"] for r in sent)
        best = 3600000 * scale
        t.ok(span >= best, "hour: the 1,501st waits for the first to be an hour old (%d of %d ms)" % (span, best))
        t.ok(span * SLACK <= best, "hour: and not much longer")
        told = re.search(r"calls +1600 +about (\d+) s", run.err)
        t.ok(told and abs(int(told.group(1)) * 1000 - best) <= 1000, "hour: the plan told how long it takes (%s)" %
             (told and told.group(0)))


whole()
killed()
in_flight()
two_jobs()
two_sessions()
hour()
t.done()
