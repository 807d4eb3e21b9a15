"""Pasting at the prompt: a query of three lines is one query, with bracketed paste and without; a block of commands runs up
to the first error; what acts is asked for."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import CTRL_C, CTRL_D, PASTE_BEGIN, PASTE_END, cordon, t  # noqa: E402

QUERY = ["query DeviceInfo", "| distinct DeviceId, DeviceName", "| take 3"]


def hunted(sim):
    return len(sim.requests(ends="runHuntingQuery"))


def commands(home):
    return [line["text"] for line in home.logs() if line["type"] == "command"]


def paste(sim, name, before, text, after, term="xterm"):
    """One query arrives, and one command is in the log."""
    home = t.Home(sim, scale=0)
    shell = cordon(home, term=term)
    asked = hunted(sim)
    shell.send(before + text + after)
    shell.seen("[3*]", name + ": three devices")
    t.eq(hunted(sim) - asked, 1, name + ": one query was sent")
    shell.send("count\r")
    shell.seen("3", name + ": they are selected")
    shell.send(CTRL_D)
    shell.ended(0, name + ": end")
    t.eq([text.splitlines()[0] for text in commands(home)], ["query DeviceInfo", "count", "quit"],
         name + ": one command in the log")
    t.eq(commands(home)[0], "\n".join(QUERY), name + ": with all its lines")


def queries():
    with t.Sim("--devices", "40", "--window-scale", "0") as sim:
        lines = "\r".join(QUERY)
        paste(sim, "bracketed", PASTE_BEGIN, lines, PASTE_END + "\r")
        paste(sim, "bare", "", lines, "\r")
        paste(sim, "bare, with line feeds", "", "\n".join(QUERY), "\n")
        paste(sim, "dumb", "", lines, "\r", term="dumb")

        bare_query(sim, "bare query, bracketed", PASTE_BEGIN, PASTE_END, "xterm")
        bare_query(sim, "bare query", "", "", "xterm")
        bare_query(sim, "bare query, dumb", "", "", "dumb")

        home = t.Home(sim, scale=0)
        shell = cordon(home)
        asked = hunted(sim)
        shell.send("query\r")
        shell.send("DeviceInfo\r| distinct DeviceId\r| take 2\r")
        shell.unseen("[2*]", "typed: waits for its end")
        shell.send(";\r")
        shell.seen("[2*]", "typed: runs at a line that holds only ;")
        t.eq(hunted(sim) - asked, 1, "typed: one query was sent")
        shell.send("query\rDeviceInfo\r")
        shell.wait_for("DeviceInfo")
        shell.send(CTRL_C)
        shell.wait_for("> ")
        shell.send("count\r")
        shell.seen("2", "typed: Ctrl-C gives the whole query up")
        shell.send(CTRL_D)
        shell.ended(0, "typed: end")
        t.eq(hunted(sim) - asked, 1, "typed: nothing else was sent")


def bare_query(sim, name, before, after, term):
    """A bare query, its end, and a command behind it."""
    home = t.Home(sim, scale=0)
    shell = cordon(home, term=term)
    shell.send(before + "query\rDeviceInfo\r| distinct DeviceId\r| take 2\r;\rcount" + after + "\r")
    shell.seen("[2*]", name + ": runs")
    shell.send(CTRL_D)
    shell.ended(0, name + ": end")
    t.eq([text.splitlines()[0] for text in commands(home)], ["query", "count", "quit"], name + ": two commands")


def blocks():
    with t.Sim("--devices", "40", "--window-scale", "0") as sim:
        home = t.Home(sim, scale=0)
        shell = cordon(home)
        shell.send(PASTE_BEGIN + "select --all\rcount\rnote done" + PASTE_END)
        shell.unseen("[37*]", "block: waits for Enter")
        shell.send("\r")
        shell.seen("note done", "block: shown")
        shell.wait_for("> ")
        shell.send(PASTE_BEGIN + "note one\rselect --set nosuch\rnote two" + PASTE_END + "\r")
        shell.seen("nosuch", "block: an error")
        shell.wait_for("> ")
        shell.send(PASTE_BEGIN + "note three\rnosuchcommand\rnote four" + PASTE_END + "\r")
        shell.seen("nosuchcommand", "block: all of it is checked first")
        shell.wait_for("> ")
        shell.send(PASTE_BEGIN + "note five\rtag add Pasted" + PASTE_END + "\r")
        shell.seen("2 commands were pasted, 1 of them act", "block: what acts is asked for")
        shell.send("no\r")
        shell.wait_for("> ")
        shell.send(CTRL_D)
        shell.ended(0, "block: end")
        ran = commands(home)
        t.ok("note one" in ran, "block: runs up to the error")
        t.ok("note two" not in ran, "block: and not beyond")
        t.ok("note three" not in ran, "block: nothing of one that does not parse")
        t.ok("note five" not in ran, "block: nothing of one that was not confirmed")
        t.eq(len(sim.tagged("Pasted")), 0, "block: nothing was sent")


queries()
blocks()
t.done()
