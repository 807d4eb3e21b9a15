"""A paused pager, and a terminal that was stopped by Ctrl-S, stall no job."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import Terminal, cordon, pause, t  # noqa: E402

COUNT = 150
ACTIVE = "healthStatus == 'Active' and onboardingStatus == 'Onboarded' and osPlatform startswith 'Windows1'"
CTRL_S, CTRL_Q = "\x13", "\x11"


def scans(sim):
    return len(sim.requests(ends="runAntiVirusScan"))


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def start(home, ending):
    """A job of many devices that just began: its first requests are under way."""
    shell = cordon(home)
    shell.send("select --where %s\r" % '"%s"' % ACTIVE)
    shell.wait_for("*]> ")
    shell.send("scan quick --comment x --limit %d%s\r" % (COUNT, ending))
    shell.wait_for("to go on: ")
    shell.send("%d\r" % COUNT)
    return shell


def sim_of():
    return t.Sim("--devices", 3000, "--window-scale", 0, "--latency-ms", 200)


def test_pager():
    with sim_of() as sim:
        home = t.Home(sim, scale=0)
        home.env["PAGER"] = "sleep 600; true"
        shell = start(home, " &")
        shell.wait_for("*]> ")
        shell.send("list\r")
        pause(0.3)
        before = scans(sim)
        t.ok(before < COUNT, "the pager was opened while the job had devices to send to")
        t.ok(until(lambda: scans(sim) == COUNT, 20), "all are sent to while nobody reads the pager")
        shell.unseen("]> ", "which is still open", 0.2)
        shell.send("\x03")
        shell.seen("*]> ", "and is left by Ctrl-C")
        shell.said("%d accepted" % COUNT, "with the job's end above the prompt")
        shell.kill()


def test_stopped():
    with sim_of() as sim:
        shell = start(t.Home(sim, scale=0), "")
        t.ok(until(lambda: scans(sim) > 0, 10), "a job in the foreground sends")
        shell.send(CTRL_S)
        t.ok(until(lambda: scans(sim) == COUNT, 20), "Ctrl-S does not stop it")
        shell.send(CTRL_Q)
        shell.seen("%d accepted" % COUNT, "and its end is told")
        shell.kill()


def test_modes():
    """The terminal is given back as it was."""
    with sim_of() as sim:
        home = t.Home(sim, scale=0)
        shell = Terminal(["/bin/sh"], env=dict(home.env, PS1="sh: "), cwd=home.dir)
        shell.send("stty -a | tr ' ' '\\n' | grep -x -e '-*ixon'; %s; stty -a | tr ' ' '\\n' | grep -x -e '-*ixon'\r" %
                   t.program("cordon"))
        shell.seen("]> ", "a session in a shell")
        shell.said(r"\nixon\r", "flow control was on")
        shell.send("quit\r")
        shell.seen("sh: ", "which ends")
        shell.said(r"\nixon\r", "and flow control is on again")
        shell.kill()


for test in (test_pager, test_stopped, test_modes):
    test()
t.done()
