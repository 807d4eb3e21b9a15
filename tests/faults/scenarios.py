"""What is disturbed: acts of all kinds, the resuming of killed ones, a cancel, a revert."""

import json
import os

import cordon_test as t
from lab import COMMENT, TAG_CALL

FINAL = ("Succeeded", "Failed", "TimeOut", "Cancelled")
# Faults after which a device may end otherwise than done, as long as that is what the tenant has and what is said.
ENDS = {
    "vanish": {"refused", "skipped"}, "status:400": {"refused"}, "status:404": {"refused"}, "redirect": {"refused"},
    "cut-comment": {"unknown", "unsent"},
}


class Act:
    """An act on a few devices, waited for."""

    count = 4
    sim = ()
    ends_soon = True # its actions do, at the tenant
    job_counts = (1,)
    type = None
    action = None
    path = None

    def __init__(self, name, text, wait=True):
        self.name = name
        self.text = "%s --comment '%s' --expect %d%s" % (text, COMMENT, self.count, " --wait" if wait else "")

    def command(self, lab):
        return ("select " + " ".join(lab.targets), self.text)

    def setup(self, lab):
        pass

    def prelude(self, lab):
        pass

    # -- the way to the end

    def jobs(self, lab):
        return [r for r in lab.records("job.start") if r["action"] == self.action]

    def next(self, lab):
        """The commands to go on with, None if all is over."""
        if not self.jobs(lab):
            return self.command(lab)
        listed = lab.cordon("jobs").json[-1].get("jobs", [])
        return ("resume --wait",) if any(j["open"] for j in listed) else None

    # -- what is right

    def is_done(self, lab, device, ours):
        return len(ours.get(device, [])) == 1

    def judge_result(self, lab, result, ours):
        """One element of `results` against the tenant."""
        outcome, mine = result["outcome"], ours.get(result["id"], [])
        if len(mine) > 1:
            lab.breach("doubled", "%s has %d actions", result["id"], len(mine))
        if outcome == "accepted" and not any(a["id"] == result["actionId"] for a in mine):
            lab.breach("wrong", "%s is called accepted, the tenant has nothing", result["id"])
        if outcome in ("already", "skipped", "refused", "unsent") and mine:
            lab.breach("wrong", "%s is called %s, the tenant has %s", result["id"], outcome, mine[0]["id"])
        if outcome == "accepted" and result["status"] in FINAL:
            if not any(a["id"] == result["actionId"] and a["status"] == result["status"] for a in mine):
                lab.breach("wrong", "%s is called %s, the tenant says otherwise", result["id"], result["status"])

    def ends(self, lab):
        if lab.fault is None:
            return set()
        name = lab.fault.kind.partition(":")[0]
        return ENDS.get(lab.fault.kind) or ENDS.get(name) or set()

    def judge_end(self, lab, results):
        """`results` by device, as a process tells that knows only the logs."""
        ours = lab.ours()
        for device in lab.targets:
            outcome = results[device]["outcome"] if device in results else "not in the job"
            if outcome in self.ends(lab):
                continue
            if outcome != "accepted":
                lab.breach("lost", "%s ended %s, the tenant has %d actions", device, outcome, len(ours.get(device, [])))
            elif not self.is_done(lab, device, ours):
                lab.breach("lost", "%s is not done", device)
        for device in set(ours) - set(lab.targets):
            lab.breach("wrong", "%s was not meant", device)


class Isolate(Act):
    type, action, path = "Isolate", "isolate", "isolate"


class Scan(Act):
    """Scans that have ended when they are answered: nothing at the tenant keeps a second one out."""

    sim = ("--action-life", 0)
    type, action, path = "RunAntiVirusScan", "scan", "runAntiVirusScan"


class Release(Act):
    sim = ("--action-life", 0)
    type, action, path = "Unisolate", "release", "unisolate"

    def setup(self, lab):
        for device in lab.targets:
            lab.sim.control("action", machineId=device, type="Isolate", scope="Full", status="Succeeded", ageSeconds=7200)


class Forced(Isolate):
    """Half of the devices have an open action of another's that only the answers tell of."""

    sim = ("--offline", 100)
    ends_soon = False

    def setup(self, lab):
        for device in self.others(lab):
            lab.sim.control("action", machineId=device, type="Isolate", scope="Full", comment="by hand")

    def others(self, lab):
        return lab.targets[:2]

    def is_done(self, lab, device, ours):
        return len(ours.get(device, [])) == (0 if device in self.others(lab) else 1)

    def next(self, lab):
        commands = super().next(lab)
        return ("resume",) if commands == ("resume --wait",) else commands

    def judge_end(self, lab, results):
        # A refusal that cannot be read does not tell that an action is open.
        told = ("already", "refused") if lab.fault and lab.fault.kind == "garbage" else ("already",)
        super().judge_end(lab, {
            device: dict(r, outcome="accepted" if device in self.others(lab) and r["outcome"] in told else r["outcome"])
            for device, r in results.items()})


class Tag(Act):
    """In two calls: a canary goes in its own."""

    path = TAG_CALL
    tag = "under fault"

    def __init__(self, name, add):
        self.name, self.add = name, add
        self.action = "tag add" if add else "tag remove"
        self.text = "%s '%s' --canary 2" % (self.action, self.tag)

    def setup(self, lab):
        if not self.add:
            for machine in lab.targets:
                lab.sim.control("machine", id=machine, machineTags=[self.tag])

    def is_done(self, lab, device, ours):
        return (device in lab.sim.tagged(self.tag)) == self.add

    def judge_result(self, lab, result, ours):
        outcome, done = result["outcome"], self.is_done(lab, result["id"], ours)
        if outcome == "accepted" and not done:
            lab.breach("wrong", "%s is called accepted, the tenant has nothing", result["id"])
        if outcome in ("skipped", "refused", "unsent") and done:
            lab.breach("wrong", "%s is called %s, but it is done", result["id"], outcome)

    def judge_end(self, lab, results):
        super().judge_end(lab, results)
        for device in (lab.sim.tagged(self.tag) if self.add else set()) - set(lab.targets):
            lab.breach("wrong", "%s was not meant", device)


class Resumed:
    """The same act, killed before; what is disturbed is the resuming."""

    def __init__(self, act, name, fault=None, strike=None):
        self.act, self.name, self.fault, self.strike = act, name, fault, strike

    def __getattr__(self, name):
        return getattr(self.act, name)

    def command(self, lab):
        return ("resume --wait",)

    def prelude(self, lab):
        if self.fault:
            lab.sim.fault(self.fault + ":" + lab.pid_file)
        run = lab.cordon(*self.act.command(lab), strike=self.strike)
        if run.status != -9:
            lab.breach("wrong", "%s: the first run was not killed but ended with %d", self.name, run.status)
        if self.strike:
            os.unlink(lab.trace)


class Cancel(Isolate):
    """A job whose actions wait for their devices is cancelled."""

    sim = ("--offline", 100)
    ends_soon = False

    def command(self, lab):
        return ("cancel %s --comment '%s'" % (lab.job, COMMENT),)

    def prelude(self, lab):
        lab.cordon("select " + " ".join(lab.targets), self.text)
        lab.job = self.jobs(lab)[0]["job"]

    def next(self, lab):
        jobs = lab.cordon("jobs", "job " + lab.job).json
        pending = [r for r in jobs[-1].get("results", []) if r["status"] not in FINAL]
        closed = [r for r in lab.records("job.end") if r["job"] == lab.job and r.get("cancelled")]
        return None if closed and not pending else self.command(lab)

    def is_done(self, lab, device, ours):
        return [a["status"] for a in ours.get(device, [])] == ["Cancelled"]


class Revert(Release):
    """What a job of ours isolated is released again; what is not back then is released by a second job."""

    job_counts = (1, 2)

    def setup(self, lab):
        pass

    def command(self, lab):
        return ("revert %s --comment '%s'" % (lab.job, COMMENT),)

    def prelude(self, lab):
        lab.cordon("select " + " ".join(lab.targets), "isolate full --wait --comment '%s' --expect %d" %
                   (COMMENT, self.count))
        lab.job = [r for r in lab.records("job.start")][0]["job"]

    def judge_result(self, lab, result, ours):
        actions = {a["id"]: a for a in lab.sim.actions()}
        action = actions.get(result["actionId"])
        if len(ours.get(result["id"], [])) > 1:
            lab.breach("doubled", "%s has %d releases", result["id"], len(ours[result["id"]]))
        if result["outcome"] == "accepted" and (action is None or action["machineId"] != result["id"]):
            lab.breach("wrong", "%s is called accepted, the tenant has nothing", result["id"])
        if result["status"] in FINAL and action is not None and action["status"] != result["status"]:
            lab.breach("wrong", "%s is called %s, the tenant says otherwise", result["id"], result["status"])

    def judge_end(self, lab, results):
        super().judge_end(lab, results)
        for machine in lab.sim.state()["machines"]:
            if machine["id"] in lab.targets and machine["isolated"] and not self.ends(lab):
                lab.breach("lost", "%s is still isolated", machine["id"])


def scenarios():
    found = [
        Isolate("isolate", "isolate full"), Scan("scan", "scan quick"), Release("release", "release"),
        Tag("tag", True), Tag("untag", False), Forced("isolate, others' actions open", "isolate full --force", wait=False),
        Resumed(Isolate("", "isolate full"), "isolate, resumed", fault="isolate:kill-after@3"),
        Resumed(Scan("", "scan quick"), "scan, resumed", strike="write@11:kill-before"),
        Resumed(Release("", "release"), "release, resumed after a torn line", strike="write@12:kill-half"),
        Resumed(Tag("", True), "tag, resumed", fault=TAG_CALL + ":kill-after@2"),
        Cancel("cancel", "isolate full", wait=False), Revert("revert", "release"),
    ]
    return {s.name: s for s in found}
