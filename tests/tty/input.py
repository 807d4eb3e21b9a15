"""Lines at a terminal: Ctrl-C, Ctrl-D, paste, notices, history. Uses the test program `lines`."""
import os
import signal
import stat
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tty_test import CTRL_C, CTRL_D, PASTE_BEGIN, PASTE_END, Terminal, pause, t  # noqa: E402

LINES = os.path.join(os.environ.get("builddir", "."), "tests/tty/lines")


def editing(term):
    child = Terminal([LINES], term=term)
    child.seen("> ", term + ": a prompt")
    child.send("hello\r")
    child.seen("line [hello]", term + ": a line")
    child.send("dangerous")
    pause(0.2)
    child.send(CTRL_C)
    child.seen("interrupt", term + ": Ctrl-C drops the line at once")
    child.send("foo\r")
    child.seen("line [foo]", term + ": nothing of the dropped line is left")
    child.send("abcd\x12")  # Ctrl-R: a search
    pause(0.2)
    child.send("hel")
    pause(0.2)
    child.send(CTRL_C)
    child.seen("interrupt", term + ": Ctrl-C leaves a search")
    child.send("bar\r")
    child.seen("line [bar]", term + ": the line after a search is clean")
    child.send("\x1b[A\x1b[A\r")
    child.seen("line [foo]", term + ": arrow keys reach the history")
    child.send("ab" + "\x01" + CTRL_D + "\r")
    child.seen("line [b]", term + ": Ctrl-D in a line deletes")
    child.send(CTRL_D)
    child.seen("end of file", term + ": Ctrl-D on an empty line leaves")
    child.ended(0, term + ": status 0")


def pasting():
    child = Terminal([LINES])
    child.seen("> ", "paste: prompt")
    child.send(PASTE_BEGIN + "one\rtwo\rthree" + PASTE_END)
    child.unseen("line [", "paste: a block waits for Enter")
    child.send("\r")
    child.seen("line [one\\ntwo\\nthree]", "paste: a block is one line")
    child.send(PASTE_BEGIN + "first\r")
    child.unseen("line [", "paste: an unfinished block waits")
    child.send("second" + PASTE_END + "\r")
    child.seen("line [first\\nsecond]", "paste: its rest joins it")
    child.send("\x1b[20")
    pause(0.2)
    child.send("0~cut" + PASTE_END + "\r")
    child.seen("line [cut]", "paste: a mark cut in two")
    child.send(PASTE_BEGIN + "never ends\r")
    pause(0.2)
    child.send(CTRL_C)
    child.seen("interrupt", "paste: Ctrl-C drops an unfinished block")
    child.send("clean\r")
    child.seen("line [clean]", "paste: the line after it is clean")
    child.send(PASTE_BEGIN)
    for _ in range(80):
        child.send("x" * 4000)
    child.send("tail" + PASTE_END + "after\r")
    child.seen("dropped", "paste: an endless one is dropped and told", 60)
    child.seen("line [after]", "paste: what follows it is read")
    child.send(CTRL_D)
    child.ended(0, "paste: end")


def gathering(term):
    child = Terminal([LINES], term=term)
    child.seen("> ", term + ": prompt before a bare paste")
    child.send("gather A\r| where B\r| take 3\rlast")
    child.seen("last", term + ": an unfinished last line is shown")
    child.unseen("line [", term + ": and waits for Enter")
    child.send("\r")
    child.seen("line [gather A\\n| where B\\n| take 3\\nlast]", term + ": all pending input is one text")
    child.send("alone\r")
    child.seen("line [alone]", term + ": what is typed later is not")
    child.send("gather\n" + "".join("line %d of a long paste, with some more text\n" % i for i in range(300)))
    child.seen("line 299 of a long paste, with some more text]", term + ": a paste larger than the terminal's buffer")
    child.send(CTRL_D)
    child.ended(0, term + ": end")


def ahead():
    child = Terminal([LINES])
    child.seen("> ", "typed ahead: prompt")
    child.send("sleep\rtyped\r")
    child.seen("line [sleep]", "typed ahead: busy")
    child.seen("line [typed]", "typed ahead: runs afterwards")
    child.send("ask\ry\r")
    child.seen("line [ask]", "typed ahead: a question")
    child.unseen("line [y]", "typed ahead: thrown away by a question", 1)
    child.send("notice\r")
    child.seen("line [notice]", "notice: asked for")
    child.send("half")
    child.seen("a notice\r\n> half", "notice: stands above the half-typed line")
    child.send(" way\r")
    child.seen("line [half way]", "notice: the line is whole")
    child.resize(30, 40)
    child.send("x" * 60)
    pause(0.3)
    child.send("\r")
    child.seen("line [" + "x" * 60 + "]", "resize: a long line in a narrow window")
    child.signal(signal.SIGTERM)
    child.seen("asked to end", "SIGTERM ends the reading")
    child.ended(0, "SIGTERM: end")


def stopping():
    child = Terminal([LINES])
    child.seen("> ", "stop: prompt")
    child.send("half")
    child.seen("half", "stop: typing")
    child.signal(signal.SIGSTOP)
    pause(0.2)
    child.signal(signal.SIGCONT)
    child.seen("> half", "stop: the line is shown again")
    child.send(" way\r")
    child.seen("line [half way]", "stop: and whole")
    child.send(CTRL_D)
    child.ended(0, "stop: end")


def remembering():
    with tempfile.TemporaryDirectory(dir=os.environ.get("builddir", ".")) as place:
        path = os.path.join(place, "state", "history")
        child = Terminal([LINES, path])
        child.wait_for("> ")
        for line in ("first", "first", " private", PASTE_BEGIN + "two\rlines" + PASTE_END, "#comment"):
            child.send(line + "\r")
            child.wait_for("]")
        text = open(path).read()
        t.ok("first\n" in text and "two\nlines\n" in text, "history: written after each command")
        t.ok(text.count("first") == 1, "history: a repeated line once")
        t.ok("private" not in text, "history: a line with a leading blank is not kept")
        t.ok(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "history: file is private")
        t.ok(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700, "history: directory is private")
        child.kill()
        os.chmod(path, 0o644)
        child = Terminal([LINES, path])
        child.wait_for("> ")
        child.send("\x1b[A\x1b[A\r")
        child.seen("line [two\\nlines]", "history: survives a kill; an entry of two lines is one")
        t.ok(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "history: made private again")
        child.send(CTRL_D)
        child.ended(0, "history: end")


editing("xterm")
editing("dumb")
pasting()
gathering("xterm")
gathering("dumb")
ahead()
stopping()
remembering()
t.done()
