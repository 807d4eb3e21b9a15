"""Jobs at the prompt: what is seen of them, and the questions about them."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import CTRL_C, CTRL_D, cordon, pause, t  # noqa: E402

ACTIVE = "select --where \"healthStatus == 'Active' and osPlatform startswith 'Windows1'\"\r"


def sim_of(*options, scale=1):
    return t.Sim("--devices", 120, "--window-scale", scale, "--offline", 0, "--fail", 0, *options)


def begin(shell, command, selection=ACTIVE):
    """A set, an act, and its confirmation; returns how many are sent to."""
    if selection:
        shell.send(selection)
        shell.wait_for("*]> ")
    shell.send(command + "\r")
    number, = shell.match(r"Type (\S+) ")
    shell.send(number + "\r")
    return int(number) if number.isdigit() else number


def sent(sim):
    return len(sim.requests(ends="runAntiVirusScan"))


def test_told():
    """A job that only the tenant's list tells of is completed once it was seen."""
    with sim_of(scale=0) as sim:
        made = t.Home(sim, scale=0).cordon("-y", "-o", "json", "-c", "select --where healthStatus == 'Active'",
                                           "-c", "scan quick --limit 2 --comment x").json[1]["job"]
        shell = cordon(t.Home(sim, scale=0))
        shell.send("jobs --tenant\r")
        shell.wait_for("job in the tenant's action list")
        shell.wait_for("> ")
        shell.send("job " + made[:16] + "\t")
        shell.seen(made, "told: another machine's job is completed")
        shell.kill()


def test_quit():
    with sim_of("--fault", "runAntiVirusScan:slow@1-32:3000") as sim:
        home = t.Home(sim, scale=1)
        shell = cordon(home)
        total = begin(shell, "scan quick --comment x &")
        shell.wait_for("*]> ")
        shell.send(CTRL_D)
        shell.wait_for("(wait/leave/stay) [stay] ")
        shell.said(r"1 job is still sending:\s+%1 +\S+: scan \d+ of \d+, \d+ in flight", "quit: tells how far the job is")
        shell.send("\r")
        shell.seen("*]> ", "quit: the default is to stay")
        shell.send("quit\rleave\r")
        shell.wait_for("[stay] ")
        pause(0.5)
        shell.send("\r")
        shell.seen("*]> ", "quit: what was typed ahead is no answer")
        shell.send("quit\r")
        shell.wait_for("[stay] ")
        shell.send(CTRL_C)
        shell.seen("*]> ", "quit: Ctrl-C stays")
        shell.send("quit\r")
        shell.wait_for("[stay] ")
        shell.send("leave\r")
        job, = shell.match(r"next: resume (\S+)")
        shell.ended(0, "quit: left")
        done = sent(sim)
        t.ok(0 < done < total, "quit: the rest was not sent (%d of %d)" % (done, total))
        pause(0.5)
        t.eq(sent(sim), done, "quit: nothing more goes out")

        shell = cordon(home, "--read-only")
        shell.said(r"^((?!not finished)[\s\S])*$", "offer: none where nothing may be sent")
        shell.kill()
        shell = cordon(home, first="(yes/no) [no] ")
        shell.said(r"Job %s of an earlier session is not finished: scan Quick,\s+begun \d+ s ago, %d of %d devices\s+not sent\."
                   % (job, total - done, total), "offer: at the start, with age and what is left")
        shell.send("\r")
        shell.seen("Later: resume " + job, "offer: the default is no")
        shell.wait_for("> ")
        shell.send("jobs\r")
        shell.wait_for("1 job")
        shell.said(r"%s +scan Quick +%d +open" % (job, total), "offer: the job stays open")
        shell.send("resume\r")
        number, = shell.match(r"Type (\d+) ")
        t.eq(int(number), total - done, "resume: asks for the number that is left")
        shell.said(r"begun \d+ s ago", "resume: tells the age")
        shell.send(number + "\r")
        shell.seen("%d accepted" % total, "resume: sends the rest")
        t.eq((sent(sim), len(sim.actions("RunAntiVirusScan"))), (total, total), "resume: one action a device")
        shell.send(CTRL_D)
        shell.ended(0, "resume: end")


def test_wait():
    with sim_of("--latency-ms", 700) as sim:
        home = t.Home(sim, scale=1)
        shell = cordon(home)
        total = begin(shell, "scan quick --comment x --limit 60 &")
        shell.wait_for("*]> ")
        shell.send("wait\r")
        shell.match(r"scan \d+ of 60, \d+ in flight")
        shell.send(CTRL_C)
        shell.wait_for("*]> ")
        shell.send("quit\r")
        shell.wait_for("[stay] ")
        t.ok(sent(sim) < total, "wait: Ctrl-C does not end the job")
        shell.send("wait\r")
        shell.seen("60 accepted", "quit: waits for the job, and tells how it ended")
        shell.ended(0, "quit: then it ends")
        t.eq(sent(sim), 60, "quit: all was sent")


def test_canary():
    with sim_of(scale=0) as sim:
        home = t.Home(sim, scale=0)
        shell = cordon(home)
        shell.send(ACTIVE)
        shell.wait_for("*]> ")
        for answer in ("no", None):
            before = sent(sim)
            shell.send("scan quick --force --comment x --canary 2\r")
            number, = shell.match(r"Type (\d+) ")
            shell.said(r"canary +2  first, to their final state; then it asks", "canary: the plan tells")
            shell.send(number + "\r")
            shell.match(r"The canary, 2 devices, is over:")
            rest, = shell.match(r"Type (\d+) ")
            shell.said(r"Succeeded[\s\S]*Succeeded[\s\S]*scan the other %d devices" % (int(number) - 2),
                       "canary: tells the final states, and asks")
            t.eq((int(rest), sent(sim) - before), (int(number) - 2, 2), "canary: only the first were sent")
            shell.send((answer or rest) + "\r")
            if answer == "no":
                shell.seen("%s unsent" % rest, "canary: a no keeps the rest from being sent")
                shell.match(r"next: resume \S+")
            else:
                shell.seen("%s accepted" % number, "canary: a yes sends the rest")
            shell.wait_for("*]> ")
            t.eq(sent(sim) - before, 2 if answer else int(number), "canary: requests")
        shell.send("scan quick --force --comment x --canary 2 &\r")
        number, = shell.match(r"Type (\d+) ")
        shell.send(number + "\r")
        shell.seen("the canary is over", "canary: in the background the job stops there")
        shell.match(r"next: resume \S+")
        shell.send(CTRL_D)
        shell.ended(0, "canary: end")


def test_plan():
    with sim_of(scale=0) as sim:
        home = t.Home(sim, scale=0)
        home.config("[policy]\nprotected = machineTags has 'tier0'\n")
        shell = cordon(home)
        shell.send("select fin-lt-001 fin-lt-002 fin-lt-003\r")
        shell.wait_for("*]> ")
        begin(shell, "isolate full --comment x --limit 1", None)
        shell.wait_for("*]> ")
        shell.send("add srv-dc*\r")
        shell.wait_for("*]> ")
        shell.send("isolate full --comment 'so it is' --dry-run\r")
        shell.wait_for("dry run: nothing was sent")
        dry = shell.before().split("isolate Full in tenant", 1)[1]
        for pattern, what in ((r"DEVICES\s+to be sent +2\s", "how many will be hit"), (r"platform +2  Windows1", "by platform"),
                              (r"group +2  Finance", "by group"), (r"already +1  \S", "who is so already"),
                              (r"in that state \(Full\)|the same action is open", "and why"),
                              (r"skipped +\d+  protected", "who is skipped, and why"), (r"calls +2  ", "how many calls"),
                              (r"comment +so it is", "the comment"),
                              (r"fin-lt-00\d\S+ +planned +Windows1", "each device")):
            shell.said(pattern, "plan: " + what)
        t.eq([line for line in dry.replace("\r", "").split("\n")[1:] if len(re.sub(r"\x1b\[[0-9]*m", "", line)) > 80], [], "plan: no line is too wide")
        shell.wait_for("*]> ")
        shell.send("isolate full --comment 'so it is'\r")
        shell.wait_for("isolate 2 devices in")
        asked = shell.before().split("isolate Full in tenant", 1)[1]
        t.ok(re.sub(r"\x1b\[[0-9]*m", "", dry).split() == asked.split(), "plan: a dry run is exactly the plan")
        shell.send(CTRL_C)
        shell.wait_for("*]> ")
        shell.send(CTRL_D)
        shell.ended(0, "plan: end")


test_told()
test_quit()
test_wait()
test_canary()
test_plan()
t.done()
