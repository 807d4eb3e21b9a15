#!/usr/bin/env python3
"""Contract, section 1: start, words, files with parameters, configuration."""

import os
import sys

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "cli"))
import cordon_test as t

PROFILE = "[profile contoso]\ntenant = %s\nclient = %s\n" % (t.TENANT, t.APP)


def configuration(home):
    faults = (
        ("[policy contosso]\nmax-devices = 3\n", 4, "there is no profile 'contosso'"),
        ("[policy]\n# a\n\x00\n", 6, "not UTF-8"),
        ("[policy]\nmax-devices = many\n", 5, "whole number"),
        ("[settings]\nsettle = 5 # seconds\n", 5, "'settle'"),
        ("tenant = x\n", 4, "twice"),
    )
    for text, line, message in faults:
        path = home.config(PROFILE + text)
        run = home.cordon("-p", "contoso", "-c", "count")
        t.ok(run.status == 2 and "%s:%d: " % (path, line) in run.err and message in run.err,
             "configuration, line %d: %s" % (line, message)) or run.show()
    home.config(PROFILE + "[policy contoso]\nmax-devices = 3\n[policy default]\nmax-devices = 2\n")
    t.eq(home.cordon("-p", "contoso", "-c", "count").status, 0, "a policy for a profile, and for the default one")
    os.unlink(home.path("config/cordon/config"))


def parameters(home):
    home.write("one.cordon", "param Z\nparam D one\nnote $Z-$D\nlet L $Z\n")
    home.write("two.cordon", "param D two\nnote $D\n")
    run = home.cordon("-c", "source one.cordon Z=5", "-c", "source one.cordon")
    t.ok(run.status == 2 and "one.cordon:1:1" in run.err, "a parameter ends with its file") or run.show()
    run = home.cordon("-c", "source one.cordon Z=5", "-c", "source two.cordon", "-c", "let")
    t.ok(run.status == 0 and "L     5" in run.out and "Z" not in run.out.replace("L     5", ""),
         "what let sets stays, parameters do not") or run.show()
    notes = [line["text"] for line in home.logs() if line["type"] == "note"]
    t.eq(notes, ["5-one", "two"], "a default belongs to its file")
    run = home.cordon("--set", "Z=9", "-c", "source one.cordon Z=5", "-c", "let")
    t.has(run.out, "Z     9", "what --set gave is back after a file's parameter")


def usage(home):
    cases = (
        (("-c", "select ,"), "-c:1:1", "commas alone are no name"),
        (("-c", "query --timeout 0 DeviceInfo"), "-c:1:1", "a timeout of 0"),
        (("-c", "count", "-c", "count\n bogus"), "-c 2:2:2", "the second -c, its line and column"),
        (("-c", "count#x"), "-c:1:1", "no comment within a word"),
        (("-c", "expect 3..1"), "-c:1:8", "a range the wrong way round"),
        (("-c", "add $NOSUCH"), "-c:1:5", "an unset variable"),
        (("-c", "select --all\nfilter osPlatform = 1"), "-c:2:19", "a predicate that does not parse"),
    )
    for words, place, what in cases:
        run = home.cordon(*words)
        t.ok(run.status == 2 and place + ":" in run.err, what) or run.show()


def programs(home):
    run = home.cordon("-c", "count\ncount | exit 3")
    t.ok(run.status == 1 and "-c:2: 'exit 3' ended with status 3" in run.err, "a program that fails, with its place") \
        or run.show()


def demo():
    home = t.Home()
    run = home.cordon("--demo", "-y", "-c", "select fin-lt-000\ntag add x\njobs")
    t.ok(run.status == 0 and "1 job" in run.out, "a job in the demonstration") or run.show()
    run = home.cordon("--demo", "-c", "jobs", "-c", "sets", AZURE_TENANT_ID="x", CORDON_API_URL="http://evil.example")
    t.ok(run.status == 0 and "0 jobs" in run.out, "a new demonstration has no jobs of an earlier one") or run.show()


with t.Sim("--devices", "40", "--window-scale", "0") as sim:
    home = t.Home(sim)
    configuration(home)
    parameters(home)
    usage(home)
    programs(home)
    t.eq([r for r in sim.requests() if "token" not in r["path"]], [], "and nothing was asked of the tenant")
demo()
t.done()
