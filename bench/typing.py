#!/usr/bin/env python3
"""How long the prompt stalls while a job runs: each keystroke until it is echoed, each TAB until it has completed, each
`filter` until the next prompt. A real terminal, the simulated tenant on the same machine without limits.

usage: typing.py [DEVICES [SENT [LATENCY]]]     20,000 devices, of which 5,000 are sent to, 50 ms of latency (0: the job
is as busy as it can be)
Programs are found by the environment variable `builddir`."""
import os
import pty
import select
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "cli"))
import cordon_test as t  # noqa: E402

DEVICES = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
SENT = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
LATENCY_MS = int(sys.argv[3]) if len(sys.argv) > 3 else 50


class Screen:
    """A program on a pseudo-terminal, read without any delay of our own."""

    def __init__(self, argv, env, cwd):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execve(argv[0], argv, env)
        self.seen = b""
        self.ended = False

    def read(self):
        self.seen += os.read(self.fd, 65536)
        self.ended |= b" accepted, " in self.seen[-65536:]

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, part, timeout=120):
        """Waits for a text (None: for anything) and forgets what came up to its end."""
        start = time.monotonic()
        part = (part or "").encode()
        while part not in self.seen or not self.seen:
            left = start + timeout - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise RuntimeError("no %r in %r" % (part, self.seen[-500:]))
            self.read()
        self.seen = self.seen[self.seen.index(part) + len(part):]

    def drain(self, seconds=0.0):
        while select.select([self.fd], [], [], seconds)[0]:
            self.read()

    def timed(self, text, part):
        self.drain()
        self.seen = b""
        start = time.monotonic()
        self.send(text)
        self.until(part)
        return (time.monotonic() - start) * 1000


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def report(name, values):
    if values:
        print("%-22s %4d times, p50 %6.1f ms, p99 %6.1f ms, worst %6.1f ms" % (
            name, len(values), percentile(values, 0.5), percentile(values, 0.99), max(values)), flush=True)


def work(screen, times, running):
    """Types, completes and filters for as long as the job runs."""
    round_number = 0
    while running():
        round_number += 1
        for _ in range(10):
            for char in "xyz":
                times["typing"].append(screen.timed(char, char))
                time.sleep(0.01)
            for _ in range(3):
                screen.send("\x7f")
            time.sleep(0.02)
        screen.timed("add fin-lt-", "fin-lt-")
        times["completing a name"].append(screen.timed("\t", None))
        time.sleep(0.05)
        screen.send("\x15")
        time.sleep(0.02)
        screen.timed("fil", "fil")
        times["completing a command"].append(screen.timed("\t", "ter"))
        screen.send("\x15")
        time.sleep(0.02)
        times["filtering"].append(screen.timed("filter riskScore in ('High', 'Medium') or computerDnsName contains '%d'\r"
                                               % round_number, "]> "))
        times["undoing"].append(screen.timed("undo\r", "]> "))


def main():
    with t.Sim("--devices", DEVICES, "--window-scale", "0", "--latency-ms", LATENCY_MS, log=False) as sim:
        home = t.Home(sim, scale=0)
        env = dict(home.env, TERM="xterm", INPUTRC="/dev/null", LC_ALL="C.UTF-8", PAGER="cat")
        screen = Screen([os.path.abspath(t.program("cordon"))], env, home.dir)
        screen.until("> ")
        screen.send("select --where healthStatus == 'Active' and onboardingStatus == 'Onboarded'\r")
        screen.until("*]> ")
        screen.send("scan quick --limit %d --comment bench &\r" % SENT)
        screen.until("Type ")
        screen.drain(0.1)
        times = {name: [] for name in ("typing", "completing a name", "completing a command", "filtering", "undoing")}
        start = time.monotonic()
        screen.send("%d\r" % SENT)
        screen.until("]> ")
        work(screen, times, lambda: not screen.ended and time.monotonic() < start + 120)
        print("%d devices, %d sent to in %.1f s" % (DEVICES, SENT, time.monotonic() - start))
        for name, values in times.items():
            report(name, values)
        os.kill(screen.pid, signal.SIGKILL)
        os.waitpid(screen.pid, 0)


main()
