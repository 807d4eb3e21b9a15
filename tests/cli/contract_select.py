#!/usr/bin/env python3
"""Contract, section 2: names of every form, what fails, what bars an act, and waiting for the service."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "cli"))
import cordon_test as t

PORTAL = "https://security.microsoft.com/machines/"


def machine(number, name, **more):
    return dict({"id": "%040x" % number, "computerDnsName": name, "osPlatform": "Windows11",
                 "onboardingStatus": "Onboarded", "healthStatus": "Active", "rbacGroupName": "G",
                 "lastSeen": "2026-11-25T%02d:00:00Z" % number, "aadDeviceId": "00000000-0000-4000-8000-%012x" % number,
                 "lastIpAddress": "10.0.0.%d" % number,
                 "ipAddresses": [{"ipAddress": "10.0.0.%d" % number}]}, **more)


MACHINES = [
    machine(1, "fin-01.corp.contoso.com"), machine(2, "FIN-02"), machine(3, "fin-03.other.com"),
    machine(4, "dup.corp.contoso.com"), machine(5, "dup.corp.contoso.com"),
    machine(6, "twin.corp.contoso.com"), machine(7, "twin.corp.contoso.com", healthStatus="Inactive"),
    machine(8, "un.corp.contoso.com", onboardingStatus="CanBeOnboarded"), machine(9, "fin-01.fabrikam.com"),
    machine(10, "old.corp.contoso.com", mergedIntoMachineId="%040x" % 1), machine(11, "münchen-1.corp.contoso.com"),
]

# What is typed, the status, the numbers of the devices.
NAMES = (
    ("fin-01.corp.contoso.com", 0, [1]), ("FIN-01.CORP.Contoso.com.", 0, [1]), ("fin-01", 4, []),
    ("fin-02.corp.contoso.com", 0, [2]), ("fin-02$", 0, [2]), ("CONTOSO\\fin-02", 0, [2]), ("CONTOSO\\FIN-02$", 0, [2]),
    ("fin-03.corp.contoso.com", 4, []), ("fin-03", 0, [3]), ("dup", 4, []), ("dup --newest", 0, [5]),
    ("dup --all-matches", 0, [4, 5]), ("twin", 0, [6]), ("old", 0, [1]), ("un", 0, [8]), ("u*", 4, []),
    ("u* --unmanaged", 0, [8]), ("fin-0?", 0, [1, 2, 3, 9]), ("10.0.0.3", 0, [3]), ("127.0.0.1", 4, []),
    ("169.254.0.1", 4, []), ("0.0.0.0", 4, []), ("10.0.0.250", 4, []), ("%040X" % 11, 0, [11]), ("%040x" % 99, 4, []),
    ("00000000-0000-4000-8000-000000000003", 0, [3]), (PORTAL + "%040x/overview" % 2, 0, [2]),
    (PORTAL + "v2/%040x?tid=x" % 2, 0, [2]), ("https://evil.example/machines/%040x" % 2, 4, []),
    ("münchen-1 MÜNCHEN-1.corp.contoso.com", 0, [11]), ("fin-02,,fin-03", 0, [2, 3]), ("fin-02, nosuch", 4, [2]),
)


def names(home):
    for typed, status, wanted in NAMES:
        run = home.cordon("-o", "json", "-c", "select " + typed, "-c", "list")
        got = [int(d["id"], 16) for d in run.json[1]["devices"]] if len(run.json) > 1 else None
        t.ok((run.status, sorted(got or [])) == (status, wanted), "select " + typed) or run.show()


def act_after(home, *commands):
    """The status of a dry run after the commands, under -k; None if it did not come to it."""
    words = [w for c in commands + ("tag add x --dry-run",) for w in ("-c", c)]
    last = home.cordon("-o", "json", "-y", "-k", *words).json[-1]
    return last["ok"] if last["command"] == "tag add" else None


def bars(home):
    for failing in ("add --csv nosuch.csv", "remove nosuch", "remove dup,nosuch", "remove --tag nosuch",
                    "remove --ip 10.0.0.250", "remove zz*", "remove --group nosuch", "query nosuch", "expect 3"):
        run = home.cordon("-k", "-c", "select --all", "-c", failing)
        t.eq(run.status, 1, "fails: " + failing)
        t.eq(act_after(home, "select --all", failing), False, "and bars: " + failing)
        t.eq(act_after(home, "select --all", failing, "keep --all"), False, "also after narrowing: " + failing)
        t.eq(act_after(home, "select --all", failing, "select fin-02"), True, "until a select: " + failing)
    t.eq(act_after(home, "select --all", "save s", "keep fin-0*", "remove nosuch", "undo"), True, "or an undo before it")
    t.eq(act_after(home, "select --all", "add --csv nosuch.csv", "redo"), False, "a redo lifts nothing")
    t.eq(act_after(home, "select nosuch fin-02"), True, "what is partial bars nothing")


def waiting():
    with t.Sim("--devices", "20", "--window-scale", "0", "--fault", "runHuntingQuery:429:2") as sim:
        started = time.monotonic()
        run = t.Home(sim).cordon("-c", "query --timeout 4s DeviceInfo | take 1")
        t.ok(run.status == 1 and time.monotonic() - started < 8, "a throttled query ends in time")
        t.ok("hunting: Too many requests" in run.err and "going on in" in run.err, "says why it waits") or run.show()
        t.has(run.err, "given up after", "and that it was given up")


machines = os.path.join(t.temp_dir(), "machines.json")
with open(machines, "w") as file:
    json.dump(MACHINES, file)
with t.Sim("--machines", machines, "--window-scale", "0") as sim:
    home = t.Home(sim)
    names(home)
    bars(home)
waiting()
t.done()
