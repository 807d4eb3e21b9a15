"""The prompt of the program: Ctrl-C, Ctrl-D, completion, history, width, signals, the editor."""
import os
import signal
import stat
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import CTRL_C, CTRL_D, UP, Terminal, cordon, pause, t  # noqa: E402


def typed(shell, *keys):
    """Each as typed: a TAB with more right behind it counts as pasted."""
    for key in keys:
        shell.send(key)
        pause(0.1)


def commands(home):
    return [line["text"] for line in home.logs() if line["type"] == "command"]


def prompt(sim):
    home = t.Home(sim, scale=0)
    shell = cordon(home)
    t.has(shell.before(), "Type \"help\"", "start: the first line says how to go on")
    t.has(shell.before(), ".jsonl", "start: and where the log is")
    shell.send("select --all")
    pause(0.2)
    shell.send(CTRL_C)
    shell.wait_for("> ")
    shell.send("count\r")
    shell.seen("0", "Ctrl-C drops the line")
    shell.send("select --all\r")
    shell.seen("[37*]> ", "the prompt counts the set")
    shell.send("save morning\r")
    shell.seen("[37]> ", "a saved set is not marked")
    typed(shell, "sel", "\t", "--al", "\t", "\r")
    shell.seen("[37", "completion: a command and its option")
    typed(shell, "keep --set m", "\t", "\r")
    shell.seen("[37", "completion: a saved set")
    typed(shell, "no", "\t", "wks", "\t", "\t", CTRL_C)
    shell.wait_for("> ")
    typed(shell, "device ", "\t", "\t")
    shell.seen("printsrv", "completion: devices are listed")
    typed(shell, CTRL_C)
    shell.wait_for("> ")
    calls = len(sim.requests())
    typed(shell, "list computerD", "\t", ",osPl", "\t", "\r")
    shell.seen("computerDnsName", "completion: a column, and a second one after a comma")
    shell.wait_for("> ")
    t.eq(len(sim.requests()), calls, "completion: asks the tenant nothing")
    typed(shell, "note a\tb", "\r")
    shell.wait_for("> ")
    shell.send("nosuchcommand\r")
    shell.seen("nosuchcommand", "an error")
    shell.wait_for("> ")
    shell.send(CTRL_D)
    shell.seen("quit", "Ctrl-D leaves by quit")
    shell.ended(0, "Ctrl-D: status 0")
    t.ok(any(line["type"] == "session.end" for line in home.logs()), "the log is ended")
    t.eq([text.rstrip() for text in commands(home)],
         ["count", "select --all", "save morning", "select --all", "keep --set morning",
          "list computerDnsName ,osPlatform", "note a\tb", "nosuchcommand", "quit"], "commands as they were completed")


def remembered(sim):
    home = t.Home(sim, scale=0)
    shell = cordon(home)
    shell.send("note remembered\r")
    shell.wait_for("> ")
    shell.send(" note private\r")
    shell.wait_for("> ")
    shell.send("note %s\r" % t.SECRET)
    shell.wait_for("> ")
    shell.kill()
    path = os.path.join(home.env["XDG_STATE_HOME"], "cordon", "history")
    text = open(path).read()
    t.has(text, "note remembered", "history: survives a kill")
    t.ok("private" not in text, "history: a line with a leading blank is not kept")
    t.ok(t.SECRET not in text, "history: nor is a secret")
    t.eq(stat.S_IMODE(os.stat(path).st_mode), 0o600, "history: private")
    shell = cordon(home)
    shell.send(UP + UP + "\r")
    shell.wait_for("> ")
    t.eq(commands(home).count("note remembered"), 2, "history: recalled by the next session")
    shell.signal(signal.SIGTERM)
    shell.ended(128 + signal.SIGTERM, "SIGTERM: ends with its status")
    t.eq(sum(line["type"] == "session.end" for line in home.logs()), 1, "SIGTERM: and ends the log")


def narrow(sim):
    home = t.Home(sim, scale=0)
    shell = cordon(home)
    for command in ("help", "help select", "select --all", "list"):
        shell.send(command + "\r")
        shell.wait_for("> ")
        while not shell.before().endswith("]"):
            shell.wait_for("> ")
        wide = [line for line in shell.before().splitlines() if len(line) > 80]
        t.ok(not wide, "80 columns: " + command)
        if wide:
            t.note("\n".join(wide[:3]))
    shell.resize(24, 50)
    pause(0.2)
    shell.send("note " + "x" * 60 + "\r")
    shell.wait_for("> ")
    shell.send(CTRL_D)
    shell.ended(0, "resize: end")
    t.ok(any(line.get("text") == "note " + "x" * 60 for line in home.logs()), "resize: a line longer than the window")


def edited(sim):
    home = t.Home(sim, scale=0)
    home.env["EDITOR"] = "sed -i -e '$d'"
    shell = cordon(home)
    shell.send("select --all\r")
    shell.wait_for("[37*]> ")
    home_set = len(home.logs())
    shell.send("pick\r")
    shell.seen("[36*]> ", "pick: a line that was deleted drops its device")
    t.ok(len(home.logs()) > home_set, "pick: is in the log")
    shell.send(CTRL_D)
    shell.ended(0, "pick: end")
    home.env["EDITOR"] = "sed -i -e '$s/^/x/'"
    shell = cordon(home)
    shell.send("select --all\r")
    shell.wait_for("[37*]> ")
    shell.send("pick\r")
    shell.seen("is not a device of", "pick: a line that is no device of the set is an error")
    shell.seen("[37*]> ", "pick: and changes nothing")
    shell.send(CTRL_D)
    shell.ended(0, "wrong line: end")
    home.env["EDITOR"] = "false"
    shell = cordon(home)
    shell.send("select --all\r")
    shell.wait_for("[37*]> ")
    shell.send("pick\r")
    shell.seen("false", "pick: a failing editor is an error")
    shell.seen("[37*]> ", "pick: and changes nothing")
    shell.send(CTRL_D)
    shell.ended(0, "failing editor: end")


def started(sim):
    home = t.Home(sim, scale=0)
    home.write("config/cordon/cordonrc", "let day monday\nset prompt \"%n devices: \"\n")
    os.chmod(os.path.join(home.dir, "config/cordon/cordonrc"), 0o600)
    shell = Terminal([t.program("cordon")], env=home.env, cwd=home.dir)
    shell.seen("0 devices: ", "cordonrc: the prompt it sets")
    shell.send("let\r")
    shell.seen("monday", "cordonrc: the variable it sets")
    shell.send(CTRL_D)
    shell.ended(0, "cordonrc: end")
    shell = cordon(home, "-X")
    t.ok("cordon (not connected) [0]" in shell.before(), "-X: cordonrc is not run")
    shell.send(CTRL_D)
    shell.ended(0, "-X: end")
    os.chmod(os.path.join(home.dir, "config/cordon/cordonrc"), 0o622)
    shell = cordon(home)
    t.has(shell.before(), "is not run", "cordonrc: not run if others may write to it")
    shell.send(CTRL_D)
    shell.ended(0, "cordonrc of others: end")
    shell = cordon(home, "-X", "-i", "-n", "--read-only", "-c", "select --all")
    t.has(shell.before(), "[37*] (dry) (read-only)", "-i: stays after -c; modes stand in the prompt")
    shell.send(CTRL_D)
    shell.ended(0, "-i: end")


with t.Sim("--devices", "40", "--window-scale", "0") as simulator:
    prompt(simulator)
    remembered(simulator)
    narrow(simulator)
    edited(simulator)
    started(simulator)
t.done()
