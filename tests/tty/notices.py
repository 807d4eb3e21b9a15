"""What a job in the background tells never disturbs: it stands above the line being typed, and waits for the end of a
question, a pager or another program. Signals end the session orderly."""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import CTRL_C, CTRL_D, PASTE_BEGIN, PASTE_END, cordon, pause, t  # noqa: E402

TAGS = "AddOrRemoveTagForMultipleMachines"
SLOW = ("--fault", TAGS + ":slow:1100")


def sim_of(*options):
    return t.Sim("--devices", 120, "--window-scale", 0.05, "--offline", 0, "--fail", 0, *options)


def tag(shell, limit=3):
    """A job in the background that ends in about a second; at the prompt again."""
    tag.count = getattr(tag, "count", 0) + 1
    shell.send("tag add T%d --limit %d &\r" % (tag.count, limit))
    shell.wait_for("to go on: ")
    shell.send("yes\r")
    shell.wait_for("*]> ")


def screen(text, columns=80, lines=24):
    """What a terminal shows after these bytes: enough of one for what Readline sends."""
    rows, row, column = [[]], 0, 0
    for part in re.findall(r"\x1b\[[?0-9;]*[A-Za-z]|\x1b.|[\s\S]", text):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
        elif part == "\b":
            column = max(column - 1, 0)
        elif part.startswith("\x1b["):
            count = int(re.sub(r"\D", "", part) or 0)
            kind = part[-1]
            if kind == "K":
                while len(rows) <= row:
                    rows.append([])
                rows[row] = [] if count == 2 else rows[row][:column]
            elif kind == "A":
                row = max(row - max(count, 1), 0)
            elif kind == "C":
                column += max(count, 1)
            elif kind == "D":
                column = max(column - max(count, 1), 0)
            elif kind == "J":
                while len(rows) <= row:
                    rows.append([])
                rows[row:] = [rows[row][:column]]
            elif kind == "P":
                rows[row][column:column + max(count, 1)] = []
        elif part >= " ":
            if column >= columns:
                row, column = row + 1, 0
            while len(rows) <= row:
                rows.append([])
            rows[row] += [" "] * (column - len(rows[row]))
            rows[row][column:column + 1] = [part]
            column += 1
        while len(rows) <= row:
            rows.append([])
    return ["".join(r).rstrip() for r in rows]


def drain(shell, end, seconds=8):
    """What comes until a job has told its end and the last row ends like this, or nothing more comes."""
    got, quiet = "", 0
    for _ in range(int(seconds * 10)):
        try:
            got += shell.child.read_nonblocking(65536, 0.1)
            quiet = 0
        except Exception:
            quiet += 1
        if " accepted" in got and quiet >= (2 if screen(got)[-1].endswith(end) else 20):
            break
    return got


def test_line():
    line = "filter riskScore == 'High' and osPlatform startswith 'Windows' and healthStatus == 'Active' and rbacGroupName has 'x'"
    with sim_of(*SLOW) as sim:
        home = t.Home(sim, scale=0.05)
        shell = cordon(home)
        shell.send("select fin-lt-001 fin-lt-002 fin-lt-003\r")
        shell.wait_for("*]> ")
        tag(shell)
        shell.send(line + "\x02" * 5)
        rows = screen(drain(shell, line[-4:]))
        told = [i for i, row in enumerate(rows) if row.startswith("[%1] tag add ")]
        shown = "".join(rows[told[-1] + 1:]) if told else ""
        t.ok(len(told) == 1 and shown.replace(" ", "").endswith(line.replace(" ", "")), "a line of two rows: the notice above, the line whole") or t.note("\n".join(rows))
        shell.send(CTRL_C)
        shell.wait_for("*]> ")
        tag(shell)
        shell.send("query\r")
        shell.wait_for("> ")
        shell.send("DeviceInfo\r| where true")
        rows = screen(drain(shell, "| where true"))
        t.ok(rows[-1].endswith("> | where true") and any(row.startswith("[%2] tag add ") for row in rows),
             "a block: the notice above its line")
        shell.send(CTRL_C)
        shell.wait_for("*]> ")
        tag(shell)
        shell.send(PASTE_BEGIN + "query DeviceInfo\n| where true\n| take 1" + PASTE_END)
        rows = screen(drain(shell, "| take 1"))
        t.ok("| take 1" in rows[-1] and any(row.startswith("[%3] tag add ") for row in rows), "a paste of three lines")
        shell.send(CTRL_C)
        shell.wait_for("*]> ")
        tag(shell)
        shell.send("\x12select")
        rows = screen(drain(shell, ""))
        t.ok("reverse-i-search" in rows[-1] and any(row.startswith("[%4] tag add ") for row in rows), "a search in the history")
        shell.send(CTRL_C)
        shell.wait_for("*]> ")
        tag(shell)
        shell.send("\x13")
        shell.seen("] tag add ", "Ctrl-S stops neither terminal nor job")
        shell.send(CTRL_C)
        shell.wait_for("*]> ")
        shell.send(CTRL_D)
        shell.ended(0, "line: end")


def test_waits():
    with sim_of("--fault", TAGS + ":slow@1-2:1300", "--fault", TAGS + ":slow@3+:4000") as sim:
        home = t.Home(sim, scale=0.05)
        shell = cordon(home)
        shell.send("select fin-lt-001 fin-lt-002 fin-lt-003\r")
        shell.wait_for("*]> ")
        tag(shell)
        shell.send("tag add T\r")
        shell.wait_for("to go on: ")
        shell.unseen("[%1]", "a question: the notice waits", 1.8)
        shell.send("no\r")
        shell.seen("[%1] tag add ", "and comes behind the answer")
        shell.wait_for("*]> ")
        tag(shell)
        shell.send("! sleep 2.2; echo the child ends $((1 + 1))\r")
        shell.wait_for("the child ends 2\r\n")
        t.ok("[%2]" not in shell.before(), "another program: the notice waits")
        shell.seen("[%2] tag add ", "and comes behind it")
        shell.wait_for("*]> ")
        t.eq(len(sim.requests(ends=TAGS)), 2, "the jobs themselves did not wait")
        # Two at once, and one of them is waited for by the end of its id.
        tag(shell, 1)
        tag(shell, 2)
        shell.send("jobs\r")
        shell.match(r"(\S{4}) +%3 +tag add T\d+ +1 +running")
        shell.match(r"%4 +tag add T\d+ +2 +running")
        shell.wait_for("*]> ")
        shell.send("wait %4 --for 1h\r")
        shell.seen("2 accepted", "two jobs at once: one is waited for")
        shell.wait_for("*]> ")
        shell.send("tag add T --yes\r")
        shell.seen("'--yes' is for batch mode", "--yes at the prompt is an error")
        shell.wait_for("*]> ")
        shell.send(CTRL_D)
        shell.ended(0, "waits: end")


def test_signal(number, status):
    with sim_of("--fault", "runAntiVirusScan:slow:400") as sim:
        home = t.Home(sim, scale=0.05)
        shell = cordon(home)
        shell.send("select --where \"healthStatus == 'Active' and osPlatform startswith 'Windows1'\"\r")
        shell.wait_for("*]> ")
        shell.send("scan quick --comment x &\r")
        count, = shell.match(r"Type (\d+) ")
        shell.send(count + "\r")
        shell.wait_for("*]> ")
        shell.send("half a li")
        pause(0.3)
        shell.signal(number)
        shell.ended(status, "signal %d: the session ends" % number)
        sent = len(sim.actions("RunAntiVirusScan"))
        logs = home.logs()
        t.ok(0 < sent < int(count), "signal %d: sending stopped" % number)
        t.eq([line["accepted"] for line in logs if line["type"] == "job.end"], [sent],
             "signal %d: what was in flight is waited for and in the log" % number)
        t.eq([line["status"] for line in logs if line["type"] == "session.end"], [status], "signal %d: the log ends" % number)
        shell = cordon(home, first="[no] ")
        shell.said("%d of %s devices" % (int(count) - sent, count), "signal %d: the rest is offered" % number)
        shell.kill()


test_line()
test_waits()
test_signal(signal.SIGTERM, 143)
test_signal(signal.SIGHUP, 129)
t.done()
