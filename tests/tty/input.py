"""Lines at a terminal: Ctrl-C, Ctrl-D, paste, notices, history. Uses the test program `lines`."""
import os
import signal
import stat
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import *  # noqa: E402,F403

LINES = os.path.join(os.environ.get("builddir", "."), "tests/tty/lines")


def editing(term):
    child = spawn([LINES], term=term)
    seen(child, "> ", term + ": a prompt")
    child.send("hello\r")
    seen(child, "line [hello]", term + ": a line")
    child.send("dangerous")
    pause(0.2)
    child.send(CTRL_C)
    seen(child, "interrupt", term + ": Ctrl-C drops the line at once")
    child.send("foo\r")
    seen(child, "line [foo]", term + ": nothing of the dropped line is left")
    child.send("abcd\x12")  # Ctrl-R: a search
    pause(0.2)
    child.send("hel")
    pause(0.2)
    child.send(CTRL_C)
    seen(child, "interrupt", term + ": Ctrl-C leaves a search")
    child.send("bar\r")
    seen(child, "line [bar]", term + ": the line after a search is clean")
    child.send("\x1b[A\x1b[A\r")
    seen(child, "line [foo]", term + ": arrow keys reach the history")
    child.send("ab" + "\x01" + CTRL_D + "\r")
    seen(child, "line [b]", term + ": Ctrl-D in a line deletes")
    child.send(CTRL_D)
    seen(child, "end of file", term + ": Ctrl-D on an empty line leaves")
    ended(child, 0, term + ": status 0")


def pasting():
    child = spawn([LINES])
    seen(child, "> ", "paste: prompt")
    child.send(PASTE_BEGIN + "one\rtwo\rthree" + PASTE_END)
    unseen(child, "line [", "paste: a block waits for Enter")
    child.send("\r")
    seen(child, "line [one\\ntwo\\nthree]", "paste: a block is one line")
    child.send(PASTE_BEGIN + "first\r")
    unseen(child, "line [", "paste: an unfinished block waits")
    child.send("second" + PASTE_END + "\r")
    seen(child, "line [first\\nsecond]", "paste: its rest joins it")
    child.send("\x1b[20")
    pause(0.2)
    child.send("0~cut" + PASTE_END + "\r")
    seen(child, "line [cut]", "paste: a mark cut in two")
    child.send(PASTE_BEGIN + "never ends\r")
    pause(0.2)
    child.send(CTRL_C)
    seen(child, "interrupt", "paste: Ctrl-C drops an unfinished block")
    child.send("clean\r")
    seen(child, "line [clean]", "paste: the line after it is clean")
    child.send(PASTE_BEGIN)
    for _ in range(80):
        child.send("x" * 4000)
    child.send("tail" + PASTE_END + "after\r")
    seen(child, "dropped", "paste: an endless one is dropped and told", 60)
    seen(child, "line [after]", "paste: what follows it is read")
    child.send(CTRL_D)
    ended(child, 0, "paste: end")


def gathering(term):
    child = spawn([LINES], term=term)
    seen(child, "> ", term + ": prompt before a bare paste")
    child.send("gather A\r| where B\r| take 3\rlast")
    seen(child, "last", term + ": an unfinished last line is shown")
    unseen(child, "line [", term + ": and waits for Enter")
    child.send("\r")
    seen(child, "line [gather A\\n| where B\\n| take 3\\nlast]", term + ": all pending input is one text")
    child.send("alone\r")
    seen(child, "line [alone]", term + ": what is typed later is not")
    child.send("gather\n" + "".join("line %d of a long paste, with some more text\n" % i for i in range(300)))
    seen(child, "line 299 of a long paste, with some more text]", term + ": a paste larger than the terminal's buffer")
    child.send(CTRL_D)
    ended(child, 0, term + ": end")


def ahead():
    child = spawn([LINES])
    seen(child, "> ", "typed ahead: prompt")
    child.send("sleep\rtyped\r")
    seen(child, "line [sleep]", "typed ahead: busy")
    seen(child, "line [typed]", "typed ahead: runs afterwards")
    child.send("ask\ry\r")
    seen(child, "line [ask]", "typed ahead: a question")
    unseen(child, "line [y]", "typed ahead: thrown away by a question", 1)
    child.send("notice\r")
    seen(child, "line [notice]", "notice: asked for")
    child.send("half")
    seen(child, "a notice\r\n> half", "notice: stands above the half-typed line")
    child.send(" way\r")
    seen(child, "line [half way]", "notice: the line is whole")
    child.setwinsize(30, 40)
    child.send("x" * 60)
    pause(0.3)
    child.send("\r")
    seen(child, "line [" + "x" * 60 + "]", "resize: a long line in a narrow window")
    child.kill(signal.SIGTERM)
    seen(child, "asked to end", "SIGTERM ends the reading")
    ended(child, 0, "SIGTERM: end")


def stopping():
    child = spawn([LINES])
    seen(child, "> ", "stop: prompt")
    child.send("half")
    seen(child, "half", "stop: typing")
    child.kill(signal.SIGSTOP)
    pause(0.2)
    child.kill(signal.SIGCONT)
    seen(child, "> half", "stop: the line is shown again")
    child.send(" way\r")
    seen(child, "line [half way]", "stop: and whole")
    child.send(CTRL_D)
    ended(child, 0, "stop: end")


def remembering():
    with tempfile.TemporaryDirectory(dir=os.environ.get("builddir", ".")) as place:
        path = os.path.join(place, "state", "history")
        child = spawn([LINES, path])
        child.expect_exact("> ")
        for line in ("first", "first", " private", PASTE_BEGIN + "two\rlines" + PASTE_END, "#comment"):
            child.send(line + "\r")
            child.expect_exact("]")
        text = open(path).read()
        ok("first\n" in text and "two\nlines\n" in text, "history: written after each command", text)
        ok(text.count("first") == 1, "history: a repeated line once", text)
        ok("private" not in text, "history: a line with a leading blank is not kept", text)
        ok(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "history: file is private")
        ok(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700, "history: directory is private")
        child.kill(signal.SIGKILL)
        child.wait()
        os.chmod(path, 0o644)
        child = spawn([LINES, path])
        child.expect_exact("> ")
        child.send("\x1b[A\x1b[A\r")
        seen(child, "line [two\\nlines]", "history: survives a kill; an entry of two lines is one")
        ok(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "history: made private again")
        child.send(CTRL_D)
        ended(child, 0, "history: end")


editing("xterm")
editing("dumb")
pasting()
gathering("xterm")
gathering("dumb")
ahead()
stopping()
remembering()
finish()
