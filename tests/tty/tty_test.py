"""Drives a program on a pseudo-terminal and prints TAP. Skips, with the reason, where pexpect is missing."""
import os
import sys
import time

try:
    import pexpect
except ImportError:
    print("1..0 # SKIP python3-pexpect is not installed")
    sys.exit(0)

PASTE_BEGIN = "\033[200~"
PASTE_END = "\033[201~"
CTRL_C = "\x03"
CTRL_D = "\x04"
TIMEOUT = 20

count = 0
failures = 0


def ok(passed, name, detail=""):
    global count, failures
    count += 1
    print(("ok" if passed else "not ok") + " %d - %s" % (count, name))
    if not passed:
        failures += 1
        for line in str(detail).splitlines():
            print("# " + line)
    sys.stdout.flush()
    return passed


def finish():
    print("1..%d" % count)
    sys.exit(0 if failures == 0 else 1)


def spawn(argv, env=None, term="xterm", columns=80, lines=24):
    """A program on a terminal. TERM=xterm has bracketed paste, TERM=dumb has not."""
    whole = dict(os.environ, TERM=term, INPUTRC="/dev/null", LC_ALL="C.UTF-8")
    whole.update(env or {})
    child = pexpect.spawn(argv[0], argv[1:], env=whole, dimensions=(lines, columns), timeout=TIMEOUT,
                          encoding="utf-8", codec_errors="replace")
    child.delaybeforesend = 0.05
    return child


def seen(child, text, name, timeout=TIMEOUT):
    """Waits for exactly this text."""
    try:
        child.expect_exact(text, timeout=timeout)
        return ok(True, name)
    except (pexpect.TIMEOUT, pexpect.EOF):
        return ok(False, name, "wanted %r, got %r" % (text, child.before))


def unseen(child, text, name, wait=0.5):
    """Nothing of the kind comes within the time."""
    try:
        child.expect_exact(text, timeout=wait)
        return ok(False, name, "got %r" % text)
    except pexpect.TIMEOUT:
        return ok(True, name)
    except pexpect.EOF:
        return ok(True, name)


def ended(child, status, name):
    """The program ends with this status."""
    try:
        child.expect(pexpect.EOF)
        child.close()
        return ok(child.exitstatus == status, name, "status %s, signal %s" % (child.exitstatus, child.signalstatus))
    except pexpect.TIMEOUT:
        return ok(False, name, "still running: %r" % child.before)


def pause(seconds):
    time.sleep(seconds)
