"""Several processes at once, heads in the system log, limits that count on after a restart."""

import fcntl
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab
import scenarios
import cordon_test as t


def start(room, *commands, **env):
    words = ["-o", "json", "-y", "-k"]
    for command in commands:
        words += ["-c", command]
    return room.home.start(*words, **env)


def finish(process, seconds=300):
    out, err = process.communicate(timeout=seconds)
    return t.Run(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


def close(room, name):
    room.judge_requests()
    room.judge_journal()
    t.eq(room.breaches, [], name + ": journal and tenant agree")
    room.close()


def test_one_job_two_processes():
    room = lab.Lab(scenarios.Isolate("two", "isolate full"))
    room.sim.fault("isolate:slow@1+:1500")
    first = start(room, *room.scenario.command(room))
    while not room.records("action.intent") and first.poll() is None:
        time.sleep(0.01)
    job = room.scenario.jobs(room)[0]["job"]
    for command in ("resume " + job, "cancel %s --comment x" % job):
        other = finish(start(room, command))
        t.has(other.err, "being run by another process", "'%s' of a running job is refused" % command.split()[0])
    t.eq(finish(first).status, 0, "the first process is not disturbed")
    t.eq(sorted(map(len, room.ours().values())), [1, 1, 1, 1], "and nothing went twice")
    close(room, "two processes")


def test_many_resume_at_once():
    """Of processes that take up a killed job together, one gets it, or they do so one after the other."""
    room = lab.Lab(scenarios.Isolate("race", "isolate full"))
    room.sim.fault("isolate:kill-after@2:" + room.pid_file)
    room.cordon(*room.scenario.command(room))
    runs = [finish(p) for p in [start(room, "resume --wait") for _ in range(6)]]
    told = [r.err for r in runs if r.status != 0]
    t.ok(len(told) < 6, "at least one resumes")
    t.ok(all("another process" in e or "no unfinished job" in e or "nothing left to send" in e for e in told),
         "the others are refused and told why")
    if not all("another process" in e or "no unfinished job" in e or "nothing left to send" in e for e in told):
        for run in runs:
            run.show()
    t.eq(sorted(map(len, room.ours().values())), [1, 1, 1, 1], "each device got one action")
    room.judge_end()
    close(room, "a race to resume")


def test_two_sessions():
    """Two sessions of one user act at once: each has its log, its job, its devices."""
    room = lab.Lab(scenarios.Isolate("sessions", "isolate full"))
    room.sim.fault("isolate:slow@1+:100")
    both = [start(room, "select " + " ".join(part), "isolate full --comment c --expect 2 --wait")
            for part in (room.targets[:2], room.targets[2:])]
    runs = [finish(p) for p in both]
    t.eq([r.status for r in runs], [0, 0], "both end well")
    jobs = [r.json[-1]["job"] for r in runs]
    t.ok(jobs[0] != jobs[1], "with a job each")
    logs = [path for path in room.log_files() if path.endswith(".jsonl")]
    t.eq(len(logs), 2, "and a log each")
    for path in logs:
        with open(path) as file:
            mine = {json.loads(line).get("job") for line in file} - {None}
        t.eq(len(mine), 1, "nothing of the other's in it")
    t.eq(sorted(map(len, room.ours().values())), [1, 1, 1, 1], "each device got one action")
    t.eq(room.home.cordon("-c", "log verify").status, 0, "the logs verify")
    close(room, "two sessions")


def heads_of(trace):
    """(occasion, file, head) of what went to the system log."""
    found = []
    with open(trace) as file:
        for line in file:
            if line.startswith("syslog "):
                _, identity, text = line.rstrip("\n").split(" ", 2)
                occasion, _, rest = text.partition(": log ")
                name, _, head = rest.partition(", head ")
                found.append((identity, occasion, name, head))
    return found


def test_heads():
    room = lab.Lab(scenarios.Isolate("heads", "isolate full"))
    room.sim.fault("isolate:kill-after@2:" + room.pid_file)
    room.cordon(*room.scenario.command(room), traced=True)
    room.cordon("resume", traced=True)
    heads = heads_of(room.trace)
    t.eq({h[0] for h in heads}, {"cordon"}, "heads go to the system log under the name cordon")
    t.eq([h[1] for h in heads], ["session start", "job start", "session start", "job resume", "job end", "session end"],
         "at the start and end of every job and session")
    whole = True
    for _, _, name, head in heads:
        path = os.path.join(room.home.dir, "state", "cordon", "log", name)
        whole &= room.home.cordon("-c", "log verify '%s' --head %s" % (path, head)).status == 0
    t.ok(whole, "and `log verify FILE --head` finds each of them")
    elsewhere = room.home.path("elsewhere", "copy.jsonl")
    with open(path, "rb") as file, open(elsewhere, "wb") as copy:
        copy.write(file.read())
    t.eq(t.Home().cordon("-c", "log verify '%s' --head %s" % (elsewhere, head)).status, 0,
         "another user verifies a copy of it elsewhere")
    quit = room.home.cordon("-c", "quit")
    t.ok(" head " in " " + quit.out.replace("\n", " ") + quit.err.replace("\n", " "), "`quit` prints the last head")
    close(room, "heads")


def test_held_lock():
    """A session that was stopped while it held the lock of the limits stops no other."""
    room = lab.Lab(scenarios.Isolate("held", "isolate full"))
    other = start(room, "connect", "! sleep 30")
    while not room.records("command"):
        time.sleep(0.01)
    folder = os.path.join(room.home.dir, "state", "cordon", t.TENANT)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "limits.lock"), "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = start(room, *room.scenario.command(room))
        try:
            run = finish(process, 15)
        except subprocess.TimeoutExpired:
            process.kill()
            run = finish(process)
        t.eq(run.status, 0, "a job goes on while another holds the lock of the limits")
    other.terminate()
    finish(other)
    t.eq(sorted(map(len, room.ours().values())), [1, 1, 1, 1], "each device got one action")
    close(room, "a held lock")


class Minute(scenarios.Scan):
    """More devices than a minute has calls."""

    count = 150
    sim = ("--devices", 600, "--window-scale", 0.05)


def test_limits():
    """A minute is three seconds here, and has a hundred calls."""
    room = lab.Lab(Minute("limits", "scan quick", wait=False))
    room.home.env["CORDON_WINDOW_SCALE"] = "0.05"
    room.sim.fault("runAntiVirusScan:kill-after@90:" + room.pid_file)
    room.cordon(*room.scenario.command(room))
    room.cordon("resume")
    times = [r["t_ms"] for r in room.sim.requests(ends="runAntiVirusScan")]
    t.eq(len(times), 150, "killed at the ninetieth call, resumed at once")
    t.eq(len(room.sim.requests(status=429)), 0, "no call is refused for its number")
    t.ok(times[-1] - times[0] < 3 * 3000, "and the wait is not longer than it must be")
    room.judge_end()
    close(room, "limits")


TESTS = [test_one_job_two_processes, test_many_resume_at_once, test_two_sessions, test_held_lock, test_heads,
         test_limits]

if __name__ == "__main__":
    if not lab.have_strike():
        t.skip_all(lab.STRIKE + " is not there")
    for test in TESTS:
        test()
    t.done()
