#!/usr/bin/env python3
"""What `make bench` does: makes machine pages, runs Cordon, DuckDB and jq on the same ones, prints times, memory and
ratios, and how Cordon's times grow with the number of devices. A peer that is not here is left out, and that is said.

usage: run.py [DEVICES]                  1,000,000 by default
Programs are found by the environment variable `builddir`, the sources by `srcdir`."""
import os
import shutil
import subprocess
import sys
import time

builddir = os.path.abspath(os.environ.get("builddir", "."))
srcdir = os.path.abspath(os.environ.get("srcdir", "."))
sys.path.insert(0, os.path.join(srcdir, "tests", "cli"))
import cordon_test as t  # noqa: E402

WHERE = "riskScore == 'High' and lastSeen > datetime(2025-11-18) and osPlatform in ('Windows10', 'Windows11')"
BENCH = os.path.join(builddir, "bench", "bench")
DATA = os.path.join(builddir, "bench", "data")
NODE = os.path.join(builddir, "bench", "node")
RUNS = 7


def say(text):
    print(text, flush=True)


class Run:
    """A process that has ended: wall and CPU seconds, MB at most resident, what it printed."""

    def __init__(self, argv, env=None, cwd=None, stdin=None):
        start = time.monotonic()
        process = subprocess.Popen(argv, env=env, cwd=cwd, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # So little is printed that no pipe can fill up.
        _, status, usage = os.wait4(process.pid, 0)
        self.wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        self.status = process.returncode
        self.output = process.stdout.read().decode()
        self.errors = process.stderr.read().decode()
        process.stdout.close()
        process.stderr.close()
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024

    def values(self):
        """The `name value` lines."""
        return {name: float(value) for name, value in (line.split() for line in self.output.splitlines())}

    def must(self):
        if self.status != 0:
            sys.exit("bench: status %d\n%s%s" % (self.status, self.output, self.errors))
        return self


def least(first, second):
    """The better of two measurements, value by value."""
    return {name: min(value, second.get(name, value)) for name, value in first.items()}


def pages(devices):
    """The directory with so many devices' pages, made if it is not there."""
    place = os.path.join(DATA, "%d" % devices)
    if not os.path.exists(os.path.join(place, "whole")):
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        Run([BENCH, "pages", place, "%d" % devices]).must()
        open(os.path.join(place, "whole"), "w", encoding="ascii").close()
    return place


# ---- Cordon

def parts(devices, home):
    """Reads the pages into the cache of the home, and opens that: values and memory of both."""
    cache = home.path("cache", "cordon", t.TENANT, "inventory")
    read = Run([BENCH, "read", pages(devices), cache, t.TENANT]).must()
    opened = Run([BENCH, "open", cache, t.TENANT]).must()
    values = {"opened-" + name: value for name, value in opened.values().items()}
    values.update(read.values())
    values["memory"] = read.memory
    values["opened-memory"] = opened.memory
    return values


def whole(home):
    """The program with a fresh cache: signs in, filters, tells the count."""
    runs = [Run([os.path.join(builddir, "cordon"), "-c", "select --where " + WHERE, "-c", "count"], env=home.env,
        cwd=home.dir).must() for _ in range(RUNS)]
    return {"whole": min(run.wall for run in runs) * 1e3, "whole-memory": max(run.memory for run in runs),
        "whole-rows": float(runs[0].output.split()[-1].replace(",", ""))}


def cordon(devices, home):
    values = parts(devices, home)
    values.update(whole(home))
    return values


# ---- peers

def duckdb(devices):
    """DuckDB's values, or None and why."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None, "neither node nor npm is here"
    os.makedirs(NODE, exist_ok=True)
    for name in ("package.json", "package-lock.json", "peers.mjs"):
        shutil.copyfile(os.path.join(srcdir, "bench", name), os.path.join(NODE, name))
    if not os.path.isdir(os.path.join(NODE, "node_modules", "@duckdb")):
        got = Run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=NODE)
        if got.status != 0:
            return None, "npm ci failed: " + (got.errors.strip().splitlines() or [""])[-1]
    database = os.path.join(DATA, "devices.duckdb")
    if os.path.exists(database):
        os.unlink(database)
    read = Run(["node", os.path.join(NODE, "peers.mjs"), "pages", pages(devices), database])
    if read.status != 0:
        return None, (read.errors.strip().splitlines() or ["it failed"])[-1]
    runs = [Run(["node", os.path.join(NODE, "peers.mjs"), "open", database]).must() for _ in range(RUNS)]
    values = read.values()
    values["memory"] = read.memory
    values["whole"] = min(run.wall for run in runs) * 1e3
    values["whole-memory"] = max(run.memory for run in runs)
    return values, None


def jq(devices):
    """jq has no tables: each question reads all pages."""
    if shutil.which("jq") is None:
        return None, "it is not here (the package jq)"
    place = pages(devices)
    names = [os.path.join(place, name) for name in sorted(os.listdir(place)) if name.endswith(".json")]
    program = ("reduce (inputs.value[] | select(.riskScore == \"High\" and .lastSeen > \"2025-11-18\" and "
        "(.osPlatform == \"Windows10\" or .osPlatform == \"Windows11\"))) as $m (0; . + 1)")
    run = Run(["jq", "-n", program] + names).must()
    return {"whole-read": run.wall * 1e3, "memory": run.memory, "filter-rows": float(run.output)}, None


# ---- what is printed

ROWS = (
    ("read", "read the pages to columns", "ms"),
    ("filter", "three-term filter", "ms"),
    ("summarize", "summarize count() by two columns", "ms"),
    ("contains", "contains, few found", "ms"),
    ("contains-short", "contains, many found", "ms"),
    ("whole", "open what was kept and filter, whole process", "ms"),
    ("memory", "most resident, reading and all of these", "MB"),
    ("whole-memory", "most resident, opened and filtered", "MB"),
)


def cell(value):
    if value is None:
        return "-"
    return "%.0f" % value if value >= 100 else "%.1f" % value if value >= 10 else "%.2f" % value


def compare(devices, ours, peers):
    say("\n%-46s%10s%s%18s" % ("%s devices" % format(devices, ","), "Cordon", "".join("%10s" % name for name in peers),
        "Cordon / DuckDB"))
    for name, what, unit in ROWS:
        values = [peer.get(name) for peer in peers.values()]
        duck = peers.get("DuckDB", {}).get(name)
        say("%-46s%10s%s%18s" % ("%s (%s)" % (what, unit), cell(ours[name]), "".join("%10s" % cell(value) for value in values),
            "%.2f" % (ours[name] / duck) if duck else "-"))
    if "jq" in peers:
        say("jq reads all pages for the filter alone, whole process: %s ms" % cell(peers["jq"]["whole-read"]))
    for name in ("filter", "summarize", "contains", "contains-short"):
        for peer, values in peers.items():
            if values.get(name + "-rows", ours[name + "-rows"]) != ours[name + "-rows"]:
                sys.exit("bench: %s finds %g rows for '%s', Cordon %g" % (peer, values[name + "-rows"], name, ours[name + "-rows"]))


GROWTH = (
    ("read", "read the pages"), ("keep", "write the cache and its indexes"), ("filter", "filter"), ("summarize", "summarize"),
    ("contains", "contains"), ("whole", "whole process, from the cache"), ("opened-complete-first", "first completion"),
    ("opened-resolve-5000", "resolve 5,000 names"), ("memory", "most resident, reading (MB)"),
    ("whole-memory", "most resident, whole process (MB)"),
)


def growth(measured):
    say("\n%-36s%s" % ("Cordon, ms", "".join("%12s" % format(devices, ",") for devices in measured)))
    for name, what in GROWTH:
        say("%-36s%s" % (what, "".join("%12s" % cell(values[name]) for values in measured.values())))


def main():
    devices = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    sizes = [size for size in (1000, 10000, 100000) if size < devices] + [devices]
    peers = {}
    measured = {}
    with t.Sim("--devices", "1", "--window-scale", "0") as sim:
        home = t.Home(sim)
        for size in sizes:
            measured[size] = cordon(size, home)
        for name, measure in (("DuckDB", duckdb), ("jq", jq)):
            values, missing = measure(devices)
            if values is None:
                say("without %s: %s" % (name, missing))
            else:
                peers[name] = values
            # Both sides of a peer, so that what else the machine does falls on both.
            if name == "DuckDB":
                measured[devices] = least(measured[devices], cordon(devices, home))
    compare(devices, measured[devices], peers)
    growth(measured)
    say("\n%s lines a second to the session log, on disk every 24 lines" % cell(Run([BENCH, "journal"], cwd=DATA).must().values()
        ["journal-lines"]))


main()
