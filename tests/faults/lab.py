"""One fault at one place of a job, then `resume` until nothing is left to do, then the proof: what the simulated tenant has
is held against what cordon said, at every stop on the way, and against its journal.

A *fault* is one of the simulator's, at the N-th request of a kind, or one of strike.c's, at the N-th write, flush, cut,
opening or renaming below the state directory. The places are those of an undisturbed run of the same scenario."""

import glob
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import cordon_test as t

SCALE = 0.01         # settle becomes 0.3 s
SIM = ("--devices", 40, "--window-scale", SCALE, "--list-lag", 20, "--seed", 1)
STRIKE = "tests/faults/strike.so"
TRIES = 6            # resumes, at most
COMMENT = "faults: case 4711"
TAG_CALL = "AddOrRemoveTagForMultipleMachines"
HOUR = 3600


def have_strike():
    return os.path.exists(t.program(STRIKE))


class Fault:
    """`where` is the place's pattern and number, `kind` the fault; `side` says who strikes."""

    def __init__(self, side, where, number, kind):
        self.side, self.where, self.number, self.kind = side, where, number, kind

    @property
    def name(self):
        return "%s@%d/%s" % (self.where, self.number, self.kind)

    def sim_spec(self, lab):
        name, _, arg = self.kind.partition(":")
        name = {"power-before": "kill-before", "power-after": "kill-after", "kill-then-late": "kill-after",
                "kill-then-early": "kill-after"}.get(name, name)
        if name.startswith("kill-"):
            arg = lab.pid_file
        elif name == "vanish" and arg:
            arg = lab.targets[-1]
        return "%s:%s@%d%s" % (self.where, name, self.number, ":" + arg if arg else "")

    def strike_spec(self):
        kind, plus = (self.kind[:-1], "+") if self.kind.endswith("+") else (self.kind, "")
        return "%s@%d%s:%s" % (self.where, self.number, plus, kind)

    @property
    def kills(self):
        return self.kind.startswith(("kill-", "power"))

    @property
    def loses_power(self):
        return self.side == "sim" and self.kind.startswith("power")


def place_of(line):
    """The pattern that names a logged request to the simulator's faults."""
    path, last = line["path"], line["path"].rsplit("/", 1)[1]
    if path in ("/api/machines", "/api/machineactions"):
        return path
    if line["method"] == "GET" and path.startswith("/api/machineactions/"):
        return "/api/machineactions/" + "?" * 36
    if line["method"] == "GET" and path.startswith("/api/machines/"):
        return "/api/machines/" + "?" * 40
    return last


class Lab:
    """A tenant, a user, and a tally of breaches."""

    def __init__(self, scenario, targets=None):
        self.scenario = scenario
        self.sim = t.Sim(*SIM, *scenario.sim)
        self.home = t.Home(self.sim, scale=SCALE)
        self.targets = targets or choose(self.sim, scenario)
        self.pid_file = self.home.path("pid")
        self.trace = self.home.path("trace")
        self.breaches = []   # (lost, doubled or wrong; text)
        self.runs = []
        self.job, self.fault, self.clock = "", None, None
        self.torn = set()
        scenario.setup(self)
        self.preset = {a["id"] for a in self.sim.actions()}

    def close(self):
        self.sim.stop()
        self.sim.stderr.close()
        shutil.rmtree(self.sim.dir, True)
        shutil.rmtree(self.home.dir, True)

    def breach(self, kind, text, *values):
        self.breaches.append((kind, text % values))

    # -- running cordon

    def cordon(self, *commands, strike=None, traced=False):
        """Runs commands, tells who may be killed; then judges what was said."""
        words = ["/bin/sh", "-c", 'echo $$ >"$0"; exec env "$@"', self.pid_file]
        if strike or self.clock or traced:
            words += ["LD_PRELOAD=" + t.program(STRIKE), "STRIKE_TRACE=" + self.trace]
            words += ["STRIKE=" + strike] if strike else []
            words += ["STRIKE_CLOCK=" + self.clock] if self.clock else []
            words += ["ASAN_OPTIONS=" + ":".join([o for o in [os.environ.get("ASAN_OPTIONS")] if o] +
                                                 ["verify_asan_link_order=0"])]
        words += [t.program("cordon"), "-o", "json", "-y", "-k"]
        for command in commands:
            words += ["-c", command]
        torn = self.find_torn()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=self.home.dir, env=self.home.env, start_new_session=True)
        try:
            out, err = process.communicate(timeout=90)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.breach("wrong", "cordon did not end within 90 s")
        run = t.Run(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))
        run.commands = commands
        self.runs.append(run)
        if strike is None and commands != ("log verify",):
            self.judge_torn(torn, run)
        self.judge_run(run)
        return run

    # -- the tenant's word

    def ours(self):
        """Device -> actions that cordon made there, of the scenario's type."""
        found = {}
        for action in self.sim.actions(self.scenario.type):
            if action["id"] not in self.preset:
                found.setdefault(action["machineId"], []).append(action)
        return found

    # -- the journal's word

    def log_files(self):
        return sorted(glob.glob(os.path.join(self.home.dir, "state", "cordon", "log", "*")))

    def records(self, *types):
        found = []
        for path in self.log_files():
            if not path.endswith(".jsonl"):
                continue
            with open(path, "rb") as file:
                found += [json.loads(line) for line in file if line.endswith(b"\n")]
        return [r for r in found if not types or r["type"] in types]

    def find_torn(self):
        """Names of log files with a line that is not whole."""
        torn = set()
        for path in self.log_files():
            if path.endswith((".jsonl", ".jsonl.new")):
                with open(path, "rb") as file:
                    text = file.read()
                if text and (path.endswith(".new") or not text.endswith(b"\n")):
                    torn.add(path)
        return torn

    def lose_power(self):
        """Of the logs only what was flushed is left."""
        flushed = {}
        with open(self.trace) as file:
            for words in map(str.split, file):
                if words[0] in ("kept", "sync"):
                    flushed[words[2].removesuffix(".new")] = int(words[3])
        for path in self.log_files():
            size = flushed.get(os.path.basename(path).removesuffix(".new"), os.path.getsize(path))
            if size == 0:
                os.unlink(path)
            elif size < os.path.getsize(path):
                os.truncate(path, size)

    # -- judging

    def judge_torn(self, torn, run):
        for path in torn:
            if not os.path.exists(path.removesuffix(".new") + ".torn"):
                self.breach("lost", "the torn line of %s was not set aside", os.path.basename(path))
            elif "was torn" not in run.err:
                self.breach("wrong", "that a line was torn was not told")

    def judge_run(self, run):
        """What a run printed of its devices, against what the tenant has just then."""
        results, ours = [], self.ours()
        for line in run.out.splitlines():
            try:
                results = json.loads(line).get("results", results)
            except ValueError:
                continue # a killed process may leave half a line
        for result in results:
            self.scenario.judge_result(self, result, ours)
        if run.status == 0 and run.commands == self.scenario.command(self):
            for device in self.targets:
                if not self.scenario.is_done(self, device, ours):
                    self.breach("wrong", "exit status 0, but %s is not done", device)

    def judge_requests(self):
        """Whatever was performed had been written down; no limit was overrun."""
        written = {r["request"] for r in self.records("action.intent")}
        for line in self.sim.requests(method="POST"):
            if line["performed"] and place_of(line) != "token" and line["client_request_id"] not in written:
                self.breach("lost", "request %s to %s was performed and is not in the log", line["client_request_id"],
                            line["path"])
        if [line for line in self.sim.requests(status=429) if line["fault"] is None]:
            self.breach("wrong", "a limit was overrun")

    def judge_journal(self):
        """Each `accepted` in the log names an action that the tenant has, on that device."""
        actions = {a["id"]: a for a in self.sim.actions()}
        for record in self.records("action.result"):
            action = record.get("actionId")
            if record["outcome"] != "accepted" or record.get("kind") == "cancel" or not action:
                continue
            if action not in actions or actions[action]["machineId"] != record.get("device"):
                self.breach("wrong", "the log says that action %s was accepted for %s", action, record.get("device"))

    def judge_end(self):
        """The last account, by a process that knows only the logs."""
        jobs = [start["job"] for start in self.scenario.jobs(self)]
        if len(jobs) not in self.scenario.job_counts:
            self.breach("wrong", "there are %d jobs", len(jobs))
            return
        waits = ["wait %s --for 20s" % job for job in jobs if self.scenario.ends_soon]
        answers = self.cordon(*waits, *["job " + job for job in jobs], "log verify").json
        for wait in answers[:len(waits)]:
            if not self.scenario.ends(self) and set(wait["statuses"]) - {"Succeeded"}:
                self.breach("wrong", "in the end the statuses are %s", wait["statuses"])
        results = {}
        for job in answers[len(waits):-1]:
            for result in job["results"]:
                if results.get(result["id"], {}).get("outcome") != "accepted":
                    results[result["id"]] = result
        self.scenario.judge_end(self, results)
        if answers[-1]["faults"]:
            self.breach("wrong", "the logs do not verify: %s", answers[-1]["faults"])

    # -- the whole course

    def disturb(self, fault):
        """Runs the scenario's command with the fault; whether it struck."""
        scenario = self.scenario
        if fault is None:
            self.cordon(*scenario.command(self), traced=have_strike())
            return True
        if fault.side == "sim":
            spec = fault.sim_spec(self)
            self.sim.fault(spec)
            run = self.cordon(*scenario.command(self), traced=fault.loses_power)
            struck = any(line["fault"] == spec for line in self.sim.requests())
        else:
            run = self.cordon(*scenario.command(self), strike=fault.strike_spec())
            with open(self.trace) as file:
                struck = any(line.startswith("struck ") for line in file)
        if fault.kills and run.status != -9:
            struck = False
        self.sim.control("calm")
        if fault.loses_power and struck:
            self.lose_power()
        return struck

    def complete(self, fault):
        """Resumes until nothing is left to do."""
        kind = fault.kind if fault else ""
        self.clock = {"kill-then-late": "%d,%d,0" % (HOUR, HOUR), "kill-then-early": "-200,0,0"}.get(kind)
        if kind == "kill-then-late":
            self.sim.control("time", seconds=HOUR)
        for _ in range(TRIES):
            commands = self.scenario.next(self)
            if commands is None:
                return
            self.cordon(*commands)
            if fault and fault.kind.startswith("cut-comment"):
                return # such a job stays stopped


def choose(sim, scenario):
    """Ids of devices that take every action."""
    good = [m["id"] for m in sim.machines() if m["onboardingStatus"] == "Onboarded" and not m["mergedIntoMachineId"] and
            m["osPlatform"].startswith("Windows1") and m["healthStatus"] == "Active"]
    return sorted(good)[:scenario.count]


def run_case(scenario, targets, fault):
    """(struck, breaches, lab's runs) of one combination."""
    lab = Lab(scenario, targets)
    try:
        scenario.prelude(lab)
        lab.fault = fault
        struck = lab.disturb(fault)
        lab.complete(fault)
        lab.judge_requests()
        lab.judge_journal()
        lab.judge_end()
        return struck, lab.breaches, lab.runs
    finally:
        lab.close()
