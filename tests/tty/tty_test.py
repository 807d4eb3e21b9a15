"""Drives a program on a pseudo-terminal. Skips, with the reason, where pexpect is missing."""
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import cordon_test as t  # noqa: E402

try:
    import pexpect
except ImportError:
    t.skip_all("python3-pexpect is not installed")

PASTE_BEGIN = "\033[200~"
PASTE_END = "\033[201~"
CTRL_C = "\x03"
CTRL_D = "\x04"
UP = "\033[A"
TIMEOUT = 20


def pause(seconds):
    time.sleep(seconds)


class Terminal:
    """A program on a terminal. TERM=xterm has bracketed paste, TERM=dumb has not."""

    def __init__(self, argv, env=None, term="xterm", columns=80, lines=24, cwd=None):
        whole = dict(os.environ if env is None else env, TERM=term, INPUTRC="/dev/null", LC_ALL="C.UTF-8")
        self.child = pexpect.spawn(argv[0], argv[1:], env=whole, dimensions=(lines, columns), timeout=TIMEOUT,
                                   encoding="utf-8", codec_errors="replace", cwd=cwd)
        self.child.delaybeforesend = 0.05

    def send(self, text):
        self.child.send(text)

    def before(self):
        """What came before what was last seen."""
        return self.child.before

    def seen(self, text, name, timeout=TIMEOUT):
        """Waits for exactly this text."""
        try:
            self.child.expect_exact(text, timeout=timeout)
            return t.ok(True, name)
        except (pexpect.TIMEOUT, pexpect.EOF):
            t.ok(False, name)
            t.note("wanted %r, got %r" % (text, self.child.before))
            return False

    def unseen(self, text, name, wait=0.5):
        """Nothing of the kind comes within the time."""
        try:
            self.child.expect_exact(text, timeout=wait)
            return t.ok(False, name)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return t.ok(True, name)

    def wait_for(self, text):
        self.child.expect_exact(text)

    def said(self, pattern, name):
        """Whether what came before what was last seen has the pattern."""
        if not t.ok(re.search(pattern, self.child.before) is not None, name):
            t.note("wanted %r in %r" % (pattern, self.child.before))

    def match(self, pattern):
        """Waits for a pattern; returns its groups."""
        self.child.expect(pattern)
        return self.child.match.groups()

    def signal(self, number):
        self.child.kill(number)

    def resize(self, lines, columns):
        self.child.setwinsize(lines, columns)

    def ended(self, status, name):
        """The program ends with this status; negative: by that signal."""
        try:
            self.child.expect(pexpect.EOF)
        except pexpect.TIMEOUT:
            t.ok(False, name)
            t.note("still running: %r" % self.child.before)
            return False
        self.child.close()
        got = self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0)
        return t.eq(got, status, name)

    def kill(self):
        self.child.kill(signal.SIGKILL)
        self.child.wait()
        self.child.close()


def cordon(home, *options, first="> ", **terminal):
    """The interactive shell of a user; waits for its first prompt, or for another text."""
    program = Terminal([t.program("cordon")] + list(options), env=dict({"PAGER": "cat"}, **home.env), cwd=home.dir, **terminal)
    program.wait_for(first)
    return program
