"""Local KQL at the prompt: completion by position, charts within the window, Ctrl-C, the ways to enter a pipeline."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import CTRL_C, CTRL_D, cordon, pause, t  # noqa: E402

CHART = "show Selected | summarize count() by osPlatform | render barchart\r"


def output(shell):
    """What came up to the next prompt, line by line, without the command itself."""
    shell.match(r"row(s?)\r")
    text = re.sub(r"\x1b\[[0-9?]*[a-z]|\r", "", shell.before())
    return [line.rstrip() for line in text.split("\n")[1:]]


def typed(shell, *keys):
    for key in keys:
        shell.send(key)
        pause(0.1)


def charts(sim):
    home = t.Home(sim, scale=0)
    shell = cordon(home)
    shell.send("select --all\r")
    shell.wait_for("[37*]> ")
    shell.send(CHART)
    lines = output(shell)
    t.ok(any("█" in line for line in lines) and max(map(len, lines)) <= 80, "a chart within 80 columns")
    shell.wait_for("]> ")
    shell.resize(24, 50)
    pause(0.2)
    shell.send(CHART)
    lines = output(shell)
    t.ok(any("█" in line for line in lines) and max(len(line) for line in lines if "█" in line) <= 50,
         "and within a window of 50 columns")
    shell.wait_for("]> ")
    shell.resize(24, 80)
    shell.send("show range x from 1 to 3000000 step 1 | extend y = strcat('x', x % 100) | where y contains '9'"
               " | summarize dcount(y) by x\r")
    pause(0.7)
    shell.send(CTRL_C)
    shell.seen("interrupted", "Ctrl-C ends a pipeline", timeout=5)
    shell.seen("[37*]> ", "and the session goes on")
    shell.send("show\r")
    pause(0.2)
    for line in ("Selected", "| where osPlatform == 'Linux'", "| count", ";"):
        shell.send(line + "\r")
        pause(0.2)
    shell.seen("1 row", "a bare show reads lines up to ';'")
    shell.wait_for("]> ")
    shell.send(CTRL_D)
    shell.ended(0, "charts: end")
    shell = cordon(home, term="vt100")
    shell.send("show print x = 'a', n = 3 | render barchart\r")
    lines = output(shell)
    t.ok(any(line.startswith("a ####") for line in lines) and all(line.isascii() for line in lines), "an old terminal gets ASCII")
    shell.send(CTRL_D)
    shell.ended(0, "ASCII: end")


def completed(sim):
    home = t.Home(sim, scale=0)
    home.write("report.csv", "Host,Owner\nwks-01,ann\n")
    shell = cordon(home)
    shell.send("load Report report.csv\r")
    shell.wait_for("> ")
    shell.send("select --all\r")
    shell.wait_for("[37*]> ")
    calls = len(sim.requests())
    typed(shell, "show Rep", "\t", "| proj", "\t", "\t", "\t")
    shell.seen("project-rename", "completion: operators behind a bar")
    typed(shell, " Ow", "\t", "\r")
    shell.seen("ann", "completion: a loaded table, its column")
    shell.wait_for("]> ")
    typed(shell, "show Selected | summarize n = count() by osPl", "\t", "| where os", "\t", "startswith 'W' | project n\r")
    shell.seen("rows", "completion: the columns that summarize left")
    shell.wait_for("]> ")
    typed(shell, "filter osPlatform star", "\t", "\t", "\t")
    shell.seen("startswith_cs", "completion: operators behind a value")
    typed(shell, CTRL_C)
    shell.wait_for("]> ")
    t.eq(len(sim.requests()), calls, "completion: asks the tenant nothing")
    home.env["EDITOR"] = "sed -i -e 's/count/getschema/'"
    shell.send(CTRL_D)
    shell.ended(0, "completion: end")
    shell = cordon(home)
    shell.send("show -e Selected | count\r")
    shell.seen("machineTags", "show -e: the editor has the last word")
    shell.wait_for("> ")
    shell.send(CTRL_D)
    shell.ended(0, "editor: end")


with t.Sim("--devices", "40", "--seed", "1", "--window-scale", "0") as sim:
    charts(sim)
    completed(sim)
t.done()
