"""One job, killed again and again at random moments and resumed each time, ends exact: each device got one action, and that is
what is said. `--full`: 500 devices, 50 moments. A moment is a request (before it is performed, or before its answer is
there), a write or a flush of the log, or a time."""

import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab
import scenarios
import cordon_test as t


class Many(scenarios.Scan):
    def __init__(self, count):
        self.count = count
        self.sim += ("--devices", count * 3 + 60, "--latency-ms", 10)
        super().__init__("many", "scan quick", wait=False)

    def command(self, room):
        return ("select --csv devices.csv", self.text)

    def setup(self, room):
        room.home.write("devices.csv", "DeviceId\n" + "\n".join(room.targets) + "\n")


def kill_after(room, seconds, ended):
    """Kills the process of room's pid file after a time, unless it ended."""
    while not ended.wait(seconds):
        try:
            with open(room.pid_file) as file:
                os.kill(int(file.read()), signal.SIGKILL)
            return
        except (OSError, ValueError):
            seconds = 0.002 # it has not begun


def moment(room, chance, most):
    """Runs `resume` (or the act, if there is no job yet) and kills it; whether it died."""
    scenario, how = room.scenario, chance.choice(("request", "request", "write", "sync", "time"))
    commands = ("resume",) if scenario.jobs(room) else scenario.command(room)
    if how == "request":
        room.sim.fault("%s:%s@%d:%s" % (scenario.path, chance.choice(("kill-before", "kill-after")),
                                        chance.randint(1, most), room.pid_file))
        return room.cordon(*commands).status == -9
    if how == "time":
        ended = threading.Event()
        if os.path.exists(room.pid_file):
            os.unlink(room.pid_file)
        thread = threading.Thread(target=kill_after, args=(room, chance.uniform(0.01, 0.1), ended))
        thread.start()
        run = room.cordon(*commands)
        ended.set()
        thread.join()
        return run.status == -9
    kind = chance.choice(("kill-before", "kill-after", "power") + (("kill-half",) if how == "write" else ()))
    at = chance.randint(1, 2 * most + 12 if how == "write" else 12)
    return room.cordon(*commands, strike="%s@%d:%s" % (how, at, kind)).status == -9


def main(arguments):
    count, kills = (500, 50) if "--full" in arguments else (60, 8)
    seed = int(next((a for a in arguments if a.isdigit()), 4))
    chance = random.Random(seed)
    begun = time.monotonic()
    if not lab.have_strike():
        t.skip_all(lab.STRIKE + " is not there")
    room = lab.Lab(Many(count))
    killed = tries = 0
    while killed < kills and tries < 3 * kills:
        left = count - sum(len(actions) for actions in room.ours().values())
        killed += moment(room, chance, max(1, 2 * left // (kills - killed)))
        tries += 1
    t.eq(killed, kills, "killed at %d moments (seed %d)" % (kills, seed))
    room.complete(None)
    room.judge_requests()
    room.judge_journal()
    room.judge_end()
    ours = room.ours()
    t.eq(len(room.targets), count, "a job of %d devices" % count)
    t.eq(set(ours), set(room.targets), "each device got an action")
    t.eq([d for d, actions in ours.items() if len(actions) > 1], [], "none got two")
    t.eq(room.breaches, [], "that is what the logs and each account on the way said; the logs verify")
    if room.breaches:
        for run in room.runs[-6:]:
            run.show()
    t.note("%d runs, %.0f s" % (len(room.runs), time.monotonic() - begun))
    room.close()
    t.done()


if __name__ == "__main__":
    main(sys.argv[1:])
