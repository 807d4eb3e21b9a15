"""Every fault at every place of every scenario; see lab.py. Without arguments a sample, as `make check` wants it.

    combinations.py --full            all of them (make check-faults)
    combinations.py --list            their names
    combinations.py NAME...           those whose names begin so, with what cordon said if they are few
"""

import collections
import concurrent.futures
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab
import scenarios
import cordon_test as t

SAMPLE = 60
WORKERS = max(4, 2 * (os.cpu_count() or 1))

# Of the simulator, at each request.
ANSWERS = ("drop-before", "drop-after", "500-before", "500-after", "429:1", "status:503", "slow:300", "truncated", "garbage",
           "html", "html-after", "html:200", "html-after:200", "redirect", "wrong-audience-401", "kill-before", "kill-after")
SIGNED_IN = ("revoke", "expired")
POSTS = ("status:400", "status:403", "status:404")
ACTS = ("vanish", "cut-comment:30", "kill-then-late", "kill-then-early")
LISTS = ("short-page", "repeat-page", "foreign-next")
TAGS = ("answer-lacks", "tag-ignored", "kill-then-late", "kill-then-early")
# Of strike.c.
CLOCKS = ("clock=3600,0,0", "clock=-3600,0,0", "clock=3600,3600,0", "clock=86400,86400,0")
EVENTS = {
    "write": ("kill-before", "kill-half", "kill-after", "power", "power-torn", "short", "short-ENOSPC", "ENOSPC+", "EIO",
              "EINTR") + CLOCKS,
    "sync": ("kill-before", "kill-after", "power", "power-torn", "EIO", "ENOSPC+"),
    "open": ("kill-before", "kill-after", "EACCES", "EACCES+", "ENOSPC"),
    "cut": ("kill-before", "kill-after", "EIO"),
    "move": ("kill-before", "kill-after", "EACCES", "ENOSPC"),
}


def kinds_at(scenario, place):
    kinds = ANSWERS + (("power-before", "power-after") if lab.have_strike() else ())
    if place != "token":
        kinds += SIGNED_IN
    if place == "/api/machines":
        kinds += LISTS
    elif place != "token":
        kinds += ("vanish:LAST",) # a device that was gone before the list was read would never be in the job
    if place in (scenario.path, "cancel"):
        kinds += POSTS
    if place == scenario.path and scenario.path != lab.TAG_CALL:
        kinds += ACTS + (("same-action",) if "others" in scenario.name else ())
    if place == lab.TAG_CALL:
        kinds += TAGS
    return kinds


def places(scenario):
    """The targets, and every (fault, place) of an undisturbed run, which must itself be without fault."""
    room = lab.Lab(scenario)
    try:
        scenario.prelude(room)
        before = len(room.sim.requests())
        room.disturb(None)
        requests = room.sim.requests()[before:]
        trace = open(room.trace).read().splitlines() if lab.have_strike() else []
        room.complete(None)
        room.judge_requests()
        room.judge_journal()
        room.judge_end()
        return room.targets, list(faults_of(scenario, requests, trace)), room.breaches, room.runs
    finally:
        room.close()


def faults_of(scenario, requests, trace):
    numbers = collections.Counter()
    for line in requests:
        place = lab.place_of(line)
        numbers[place] += 1
        for kind in kinds_at(scenario, place):
            yield lab.Fault("sim", place, numbers[place], kind)
    for line in trace:
        event, number = line.split()[:2]
        for kind in EVENTS.get(event, ()):
            yield lab.Fault("strike", event, int(number), kind)


def sample(cases):
    """Spread over scenarios, places and kinds, always the same."""
    step = max(1, len(cases) // SAMPLE)
    return cases[step // 2::step]


def run_one(case):
    scenario, targets, fault = case
    try:
        return case, lab.run_case(scenario, targets, fault)
    except Exception:  # noqa: a case that cannot be judged is a breach
        return case, (True, [("wrong", traceback.format_exc())], [])


def name_of(case):
    return case[0].name + "/" + case[2].name


def show(case, breaches, runs):
    t.note("%s\n%s" % (name_of(case), "\n".join("%s: %s" % b for b in breaches)))
    for run in runs:
        t.note(" ; ".join(run.commands))
        run.show()


def main(arguments):
    chosen = [a for a in arguments if not a.startswith("--")]
    full = "--full" in arguments or chosen or "--list" in arguments
    cases, begun = [], time.monotonic()
    if not lab.have_strike():
        t.note("%s is not there: only the simulator's faults" % lab.STRIKE)
    pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
    all_scenarios = list(scenarios.scenarios().values())
    for scenario, found in zip(all_scenarios, pool.map(places, all_scenarios)):
        targets, faults, breaches, runs = found
        if not t.ok(not breaches, scenario.name + ": undisturbed, all is done and told") and not "--list" in arguments:
            show((scenario, targets, lab.Fault("", "", 0, "")), breaches, runs)
        cases += [(scenario, targets, fault) for fault in faults]
    cases = cases if full else sample(cases)
    cases = [c for c in cases if not chosen or name_of(c).startswith(tuple(chosen))]
    if "--list" in arguments:
        print("\n".join(name_of(c) for c in cases))
        return
    tally, struck = collections.Counter(), collections.Counter()
    for case, (hit, breaches, runs) in pool.map(run_one, cases):
        struck[case[0].name] += hit
        for kind in {kind for kind, _ in breaches}:
            tally[kind] += 1
            tally[case[0].name] += 1
        if breaches or len(cases) <= 10:
            show(case, breaches, runs)
            t.note("struck" if hit else "did not strike")
    for scenario in scenarios.scenarios():
        t.ok(tally[scenario] == 0, "%s: %d combinations" % (scenario, struck[scenario]))
    total = sum(struck.values())
    t.ok(total >= (1000 if full and not chosen else len(cases) * 2 // 3), "enough of the %d faults struck" % len(cases))
    t.note("%.0f s" % (time.monotonic() - begun))
    print("%d combinations: %d lost, %d doubled, %d wrongly reported" %
          (total, tally["lost"], tally["doubled"], tally["wrong"]), flush=True)
    t.done()


if __name__ == "__main__":
    main(sys.argv[1:])
