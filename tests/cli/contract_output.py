#!/usr/bin/env python3
"""Contract, sections 3 and 7: results as JSON, CSV and text; names that want to do harm."""

import csv
import io
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "cli"))
import cordon_test as t

HOSTILE = ["\x1b[31mred\x07", "=HYPERLINK(\"http://x\")", "rtl\u202egnp.exe", "c1\x9b31m", "\x7fdel", "@sum", "a,b;c\"d"]
SELECTING = {"count", "added", "removed", "unresolved", "ambiguous", "chosen", "truncated"}
COMMON = {"command", "ok", "partial", "ms"}
ERROR = {"code", "message", "target", "file", "line", "column", "hint"}


def machine(number, name):
    return {"id": "%040x" % number, "computerDnsName": name, "osPlatform": "Windows11", "onboardingStatus": "Onboarded",
            "healthStatus": "Active", "lastSeen": "2026-11-25T01:00:00Z", "machineTags": [name]}


def members(home):
    run = home.cordon("-o", "json", "-y", "-k", "-c", "select 1*", "-c", "select --all", "-c", "undo", "-c", "redo",
                      "-c", "remove nosuch", "-c", "drop nosuch", "-c", "count", "-c", "query nosuch", "-c",
                      "select --all", "-c", "tag add x --dry-run")
    lines = run.json
    for line in lines[:4]:
        t.eq(set(line), COMMON | SELECTING, "members of '%s'" % line["command"])
    t.eq(set(lines[4]), COMMON | SELECTING | {"error"}, "members of a remove that fails")
    for line in lines:
        if not line["ok"]:
            t.eq(set(line["error"]), ERROR, "members of the error of '%s'" % line["command"])
            t.ok(isinstance(line["error"]["line"], int) and line["error"]["file"], "with its place")
    t.eq(lines[6], {"command": "count", "ok": True, "partial": False, "ms": lines[6]["ms"], "count": len(HOSTILE)}, "count")
    plan = lines[-1]
    t.ok(plan["job"] is None and plan["planned"] == len(HOSTILE), "a dry run counts what is planned")
    line = home.cordon("-o", "json", "-c", "bogus").json[0]
    t.ok(not line["ok"] and set(line["error"]) == ERROR and line["error"]["column"] == 1, "an unknown command")


def hostile(home):
    for form in ("table", "line", "csv", "json"):
        out = home.cordon("-o", form, "-c", "select --all", "-c", "list computerDnsName,machineTags", "-c", "device " +
                          "%040x" % 1).out
        bad = [c for c in out if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) < 0xa0 or c == "\u202e"]
        t.eq(bad, [], "nothing that a terminal obeys, %s" % form)
    devices = json.loads(home.cordon("-o", "json", "-c", "select --all", "-c", "list").out.splitlines()[1])["devices"]
    t.eq(sorted(d["computerDnsName"] for d in devices), sorted(HOSTILE), "json keeps the names as they are")
    home.cordon("-c", "select --all", "-c", "list > a.csv", "-c", "list > a.json", "-c", "select '=1'", "-c",
                "unresolved > u.csv")
    for name in ("a.csv", "u.csv"):
        with open(home.path(name)) as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        t.eq([c for c in cells if c[:1] in ("=", "+", "-", "@")], [], "no formula in " + name)
    with open(home.path("a.json")) as file:
        t.eq(len(json.loads(file.read())["devices"]), len(HOSTILE), "a file named .json is JSON")


def comma(home):
    run = home.cordon("-o", "csv", "-c", "count", "-c", "select --all", "-c", "count > n.csv")
    t.eq((run.out, run.status), ("count\n0\n", 0), "count as CSV goes to standard output")
    with open(home.path("n.csv")) as file:
        t.eq(file.read(), "count\n%d\n" % len(HOSTILE), "and into a file")
    home.cordon("-c", "query --show DeviceInfo | project DeviceId | take 2 |> tee f.csv", "-c",
                "query --show DeviceInfo | project DeviceId | take 2 |> tee -a f.json")
    with open(home.path("f.csv")) as file:
        t.eq([len(row) for row in csv.reader(io.StringIO(file.read()))], [1, 1, 1], "|> tee FILE.csv writes CSV")
    with open(home.path("f.json")) as file:
        t.eq(len(json.loads(file.read())["rows"]), 2, "|> tee -a FILE.json writes JSON")


def files(home):
    home.write("keep.txt", "precious\n")
    run = home.cordon("-k", "-c", "drop nosuch > keep.txt", "-c", "select nosuch | exit 1", "-c", "count >> keep.txt")
    with open(home.path("keep.txt")) as file:
        t.eq((file.read(), run.status), ("precious\n0\n", 1), "a command that fails leaves the file")
    home.cordon("-c", "count > keep.txt")
    with open(home.path("keep.txt")) as file:
        t.eq(file.read(), "0\n", "one that works writes it anew")


def dry(home):
    lines = home.cordon("-n", "-y", "-o", "json", "-c", "select --all\nscan quick --comment x\nwait\njob").json
    t.ok(all(set(line) == set(lines[1]) and line["job"] is None and line["planned"] == len(HOSTILE) for line in lines[2:]),
         "after a dry run wait and job have its members")


def told_once():
    with t.Sim("--devices", "60", "--window-scale", "0", "--roles", "Machine.Read.All") as sim:
        run = t.Home(sim).cordon("-y", "-c", "select --all", "-c", "tag add x")
        t.ok(run.status == 3 and run.out.count("no permission") == 1, "what would hit every device is told once") \
            or run.show()


machines = os.path.join(t.temp_dir(), "machines.json")
with open(machines, "w") as file:
    json.dump([machine(i + 1, name) for i, name in enumerate(HOSTILE)], file)
with t.Sim("--machines", machines, "--window-scale", "0") as sim:
    home = t.Home(sim)
    members(home)
    hostile(home)
    comma(home)
    files(home)
    dry(home)
told_once()
t.done()
