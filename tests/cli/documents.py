"""The manual page and the program agree: options, commands, settings, exit statuses."""

import os
import re
import subprocess

import cordon_test as t

with open(os.path.join(t.builddir, "doc", "cordon.1")) as file:
    roff = file.read()
page = re.sub(r"\\f[A-Z]", "", roff.replace("\\-", "-").replace("\\&", "").replace("\\e", "\\"))


def run(*words):
    return subprocess.run([t.program("cordon"), *words], capture_output=True, text=True,
                          env=t.Home(tenant=None).env, stdin=subprocess.DEVNULL)


def section(name):
    return page.split('.SH %s\n' % name)[1].split("\n.SH ")[0]


usage = run("--help").stdout
in_program = set(re.findall(r"--[a-z-]+", usage))
in_manual = set(re.findall(r"--[a-z-]+", section("OPTIONS")))
t.eq(in_manual, in_program, "the options of the program")
listing = run("-c", "help").stdout
commands = {line[2:].split("  ")[0].strip() for line in listing.splitlines() if line.startswith("  ")}
t.ok(len(commands) > 30, "help lists the commands")
manual_commands = section("COMMANDS")
for command in sorted(commands):
    t.ok(re.search(r"^\.B %s( |$)" % re.escape(command), manual_commands, re.M), "'%s' is in the manual" % command)
    explained = run("-c", "help " + command)
    t.ok(explained.returncode == 0 and explained.stdout.startswith(command), "'help %s' explains it" % command)
settings = {line.split()[0] for line in run("-c", "set").stdout.splitlines()[1:] if line and not line.startswith(" ")}
manual_settings = set(re.findall(r"^\.TP\n\.B (\S+)$", section("SETTINGS"), re.M))
t.eq({s for s in settings if s in manual_settings}, manual_settings, "the settings of the manual are those of `set`")
t.eq(set(re.findall(r"^\.B (\d+)$", section('"EXIT STATUS"'), re.M)), {"0", "1", "2", "3", "4", "130"}, "exit statuses")
if t.ok(os.path.exists("/usr/bin/mandoc"), "mandoc is here to read the page"):
    for name in ("cordon.1", "cordon-sim.1"):
        path = os.path.join(t.builddir if name == "cordon.1" else t.srcdir, "doc", name)
        lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path], capture_output=True, text=True)
        t.eq(lint.stdout, "", "mandoc finds no fault in " + name)
t.done()
