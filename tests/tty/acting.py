"""Acting at the prompt: the question is answered by nobody but the person, Ctrl-C stops a run and tells how far it came."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import CTRL_C, CTRL_D, PASTE_BEGIN, PASTE_END, cordon, pause, t  # noqa: E402


ACTIVE = "healthStatus == 'Active' and osPlatform startswith 'Windows1'"


def tag_calls(sim):
    return len(sim.requests(ends="AddOrRemoveTagForMultipleMachines")) + len(sim.requests(ends="tags"))


def ahead(term):
    with t.Sim("--devices", "40", "--window-scale", "0") as sim:
        home = t.Home(sim, scale=0)
        shell = cordon(home, term=term)
        shell.send("select --all\r")
        shell.seen("*]> ", term + ": a set")
        shell.send("keep --newest nosuch\r")
        shell.wait_for("> ")
        shell.send("undo\r")
        shell.wait_for("> ")
        shell.send("select --where \"healthStatus == 'Active'\"\r")
        shell.seen("*]> ", term + ": active devices")
        for answer in ("yes", "y", "40"):
            shell.send("tag add Ahead\r" + answer + "\r")
            pause(1)
        shell.send(CTRL_C)
        shell.wait_for("> ")
        t.eq(tag_calls(sim), 0, term + ": what is typed ahead confirms nothing")
        shell.send(PASTE_BEGIN + "tag add Ahead\ryes" + PASTE_END + "\r" if term == "xterm" else "\r")
        pause(1)
        shell.send(CTRL_C)
        shell.wait_for("> ")
        t.eq(tag_calls(sim), 0, term + ": nor what is pasted")
        shell.send("select --none\r")
        shell.seen("[0", term + ": still at the prompt")
        shell.send(CTRL_D)
        shell.ended(0, term + ": end")
        t.eq(len(sim.tagged("Ahead")), 0, term + ": no device was tagged")


def interrupted():
    with t.Sim("--devices", "200", "--latency-ms", "400") as sim:
        home = t.Home(sim)
        shell = cordon(home)
        shell.send("select --where \"healthStatus == 'Active' and onboardingStatus == 'Onboarded'\"\r")
        shell.seen("*]> ", "run: a set")
        shell.send("scan quick --comment \"a test\"\r")
        shell.child.expect(r"Type (\d+) ")
        shell.send(shell.child.match.group(1) + "\r")
        pause(2)
        shell.send(CTRL_C)
        shell.child.expect(r"job \S+: scan, \d+ devices: (\d+) accepted.*?(\d+) unsent")
        accepted, unsent = (int(shell.child.match.group(i)) for i in (1, 2))
        t.ok(accepted > 0 and unsent > 0, "run: Ctrl-C tells what was done and what was not sent")
        shell.wait_for("> ")
        sent = len(sim.requests(ends="runAntiVirusScan"))
        pause(2)
        t.eq(len(sim.requests(ends="runAntiVirusScan")), sent, "run: and sends no more")
        t.eq(accepted, sent, "run: what is in flight is waited for and told")
        t.eq(len(sim.actions("RunAntiVirusScan")), sent, "run: one action a device")
        shell.send("resume\r")
        shell.child.expect(r"Type (\d+) ")
        t.eq(int(shell.child.match.group(1)), unsent, "run: the rest can be resumed")
        shell.send(CTRL_C)
        shell.wait_for("> ")
        shell.send(CTRL_D)
        shell.kill()


def background():
    """A job goes on while the user types, and tells its end above the line."""
    with t.Sim("--devices", "60", "--latency-ms", "50", "--window-scale", "0") as sim:
        home = t.Home(sim, scale=0)
        shell = cordon(home)
        shell.send("select srv*\r")
        shell.wait_for("*]> ")
        shell.send("scan quick --comment \"a test\" &\r")
        shell.child.expect(r"(yes|Type (\d+)) ")
        shell.send((shell.child.match.group(2) or "yes") + "\r")
        shell.wait_for("*]> ")
        shell.send("count")
        pause(0.2)
        shell.send(" --he")
        shell.seen("accepted", "background: its end is told while a line is typed")
        shell.seen("count --he", "background: and the line is whole again")
        shell.send("lp\r")
        shell.seen("count", "background: and runs")
        shell.wait_for("*]> ")
        t.ok(len(sim.actions("RunAntiVirusScan")) > 0, "background: the job acted")
        shell.send(CTRL_D)
        shell.ended(0, "background: end")


def long_thought():
    """What was found out a while ago is not acted on: neither a plan nor a resumed job's."""
    strike = t.program(os.path.join("tests", "faults", "strike.so"))
    with t.Sim("--devices", 100, "--window-scale", 0.02, "--offline", 0, "--fail", 0, "--fault", "isolate:slow@9+:3000") as sim:
        home = t.Home(sim, scale=0.02)
        first = home.start("-y", "-c", "select --where \"%s\"" % ACTIVE, "-c", "isolate full --comment x --expect 1..99")
        for _ in range(500):
            if len(sim.requests(ends="isolate", performed=True)) >= 8:
                break
            pause(0.02)
        first.kill()
        first.communicate()
        sent = len(sim.actions("Isolate"))
        clock = home.write("clock", "0,0,0")
        home.env.update(LD_PRELOAD=strike, STRIKE_CLOCK_FILE=clock, ASAN_OPTIONS=":".join(
            [os.environ[n] for n in ("ASAN_OPTIONS",) if n in os.environ] + ["verify_asan_link_order=0"]))
        shell = cordon(home, first="[no] ", term="dumb")
        shell.send("no\r")
        shell.wait_for("]> ")
        shell.send("resume\r")
        shell.wait_for("to go on: ")
        expected = shell.before().rsplit("Type ", 1)[1].split()[0]
        home.write("clock", "1000,1000,1000")
        shell.send(expected + "\r")
        shell.seen("old: nothing was sent", "a job is not resumed on what was found out a while ago")
        shell.wait_for("]> ")
        shell.kill()
        t.eq(len(sim.actions("Isolate")), sent, "and no device is sent to")


def gone():
    """The terminal goes away in the middle of a run."""
    with t.Sim("--devices", "100", "--latency-ms", "400") as sim:
        home = t.Home(sim)
        shell = cordon(home)
        shell.send("select --where \"healthStatus == 'Active' and onboardingStatus == 'Onboarded'\"\r")
        shell.wait_for("*]> ")
        shell.send("scan quick --comment \"a test\"\r")
        shell.child.expect(r"Type (\d+) ")
        shell.send(shell.child.match.group(1) + "\r")
        pause(1)
        shell.child.close(force=False)
        for _ in range(100):
            ends = [line for line in home.logs() if line["type"] == "session.end"]
            if ends:
                break
            pause(0.1)
        t.eq([line["status"] for line in ends], [129], "a terminal that goes away ends the session by SIGHUP")
        t.ok(any(line["type"] == "job.end" for line in home.logs()), "and its job orderly")
        sent = len(sim.requests(ends="runAntiVirusScan"))
        pause(1)
        t.eq(len(sim.requests(ends="runAntiVirusScan")), sent, "nothing more is sent")
        shell = cordon(home, first="[no] ")
        shell.said(r"earlier session is not finished:\s+scan", "the next session offers the job")
        shell.send("\r")
        shell.seen("Later: resume ", "and does not resume it for an empty answer")
        shell.wait_for("> ")
        shell.send(CTRL_D)
        shell.ended(0, "offer: end")
        t.eq(len(sim.requests(ends="runAntiVirusScan")), sent, "nothing was resumed")


ahead("xterm")
ahead("dumb")
interrupted()
background()
long_thought()
gone()
t.done()
