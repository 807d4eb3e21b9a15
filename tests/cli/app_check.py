"""The check of a whole batch before its first command: nothing is sent, and the fault has its place."""
import cordon_test as t

FAULTS = [
    # commands, column of the fault, words of the message
    ("note one\nselct --all", 2, 1, "unknown command 'selct'"),
    ("note one\nselect --all --newst", 2, 14, "has no option '--newst'"),
    ("select --all\ntag add $NAME", 2, 9, "variable 'NAME' is not set"),
    ("select --all\nfilter osPlatfrm == 'x'", 2, 8, "osPlatfrm"),
    ("select --all\nfilter osPlatform == 'x'\n| foo", None, None, ""),
    ("select --all\nscan quick", 2, 1, "needs a comment"),
    ("select --all\nisolate full -c x", 2, 1, "nobody can confirm"),
    ("select --all\nscan", 2, 5, "TYPE is missing"),
    ("select --all\nscan fast -c x", 2, 6, "none of quick, full"),
    ("select --all\nlist computerDnsNam", 2, 1, "computerDnsNam"),
    ("select --all\nset settle soon", 2, 1, "duration"),
    ("select --all\nsource missing.cordon", None, None, "missing.cordon"),
    ("select --all\nquery\nDeviceInfo", 2, 1, "';'"),
    ("select --all 'open", 1, 14, "not closed"),
    ("select --all\nlist > ", 2, 6, "no file"),
    ("select --all\nlog export x.txt", 2, 1, ".csv"),
    ("select --all\nscan quick -c x --limit 0", 2, 1, "at least 1"),
    ("select --all\nscan quick -c x --order nonsense", 2, 1, "nonsense"),
    ("note $UNSET", 1, 6, "UNSET"),
    ("param NEEDED\nselect --all", 1, 1, "NEEDED"),
]


def faults(sim, home):
    for text, line, column, words in FAULTS:
        run = home.cordon("-o", "json", "-c", text)
        name = repr(text.splitlines()[-1])
        t.eq(run.status, 2, "status 2: " + name)
        if run.status != 2:
            run.show()
            continue
        error = run.json[-1]["error"]
        t.ok(words.lower() in error["message"].lower(), "says why: %s: %s" % (name, error["message"]))
        if line is not None:
            t.eq((error.get("file"), error.get("line"), error.get("column")), ("-c", line, column), "place: " + name)
        t.eq(len(run.json), 1, "no command ran: " + name)
    t.eq(sim.requests(), [], "nothing was sent")
    t.eq([l for l in home.logs() if l["type"] == "command"], [], "no command is in the log")


def whole_batch(sim, home):
    """All of -c and -f together, and files that are sourced."""
    home.write("good.cordon", "select --all\n")
    home.write("bad.cordon", "# comment\n\nlist\n  filter x ==\n")
    home.write("outer.cordon", "list\nsource bad.cordon\n")
    home.write("self.cordon", "source self.cordon\n")
    run = home.cordon("-c", "select --all", "-f", "good.cordon", "-f", "bad.cordon")
    t.eq(run.status, 2, "a fault in a later file")
    t.has(run.err, "bad.cordon:4:", "has its file and line")
    run = home.cordon("-o", "json", "-c", "select --all", "-f", "outer.cordon")
    t.eq((run.status, run.json[0]["error"]["file"], run.json[0]["error"]["line"]), (2, "bad.cordon", 4),
         "a fault in a sourced file")
    run = home.cordon("-f", "self.cordon")
    t.eq(run.status, 2, "a file that sources itself")
    t.eq(sim.requests(), [], "nothing was sent")


def known(home):
    """What the text itself makes known."""
    home.write("param.cordon", "param TAG\nnote $TAG is set\nlet WHERE $TAG\ntag add $WHERE --dry-run\n")
    t.eq(home.cordon("--check", "-c", "let A web\nfilter computerDnsName startswith $A").status, 0, "let before use")
    t.eq(home.cordon("--check", "-c", "source param.cordon TAG=x").status, 0, "source NAME=VALUE")
    t.eq(home.cordon("--check", "--set", "TAG=x", "-f", "param.cordon").status, 0, "--set")
    t.eq(home.cordon("--check", "-f", "param.cordon").status, 2, "a parameter without a value")
    t.eq(home.cordon("--check", "-y", "-c", "set comment why\nexpect 3\nisolate full").status, 0,
         "set comment and expect")
    t.eq(home.cordon("--check", "-y", "-c", "set comment why\nexpect 3\nselect x\nisolate full").status, 2,
         "a change of the set takes the expect away")
    t.eq(home.cordon("--check", "-y", "-c", "isolate full -c x --expect 1..3").status, 0, "--expect")
    t.eq(home.cordon("--check", "-n", "-c", "isolate full -c x").status, 0, "a dry run needs no confirmation")
    t.eq(home.cordon("--check", "-y", "-c", "isolate full -c x --expect 1 --include-protected").status, 2,
         "protected devices never in batch")
    t.eq(home.cordon("--check", "-c", "query DeviceInfo\n| where x == 1\n| take 3").status, 0, "KQL over lines")
    t.eq(home.cordon("--check", "-c", "query\nDeviceInfo\n\n| take 3\n;\nlist").status, 0, "KQL up to a ;")
    t.eq([l for l in home.logs()], [], "--check writes no log")


def options():
    home = t.Home()
    for words in (["-o", "xml"], ["--nonsense"], ["-c"], ["stray"], ["--set", "1=x"], ["-i", "-c", "list"],
                  ["--demo", "-p", "x"], ["-f", "-", "-f", "-"], ["-p", "nobody", "-c", "list"]):
        t.eq(home.cordon(*words).status, 2, "usage: " + " ".join(words))
    t.eq(home.cordon("-V").status, 0, "-V")
    t.has(home.cordon("--help").out, "--read-only", "--help")
    t.eq(home.cordon("-c", "").status, 0, "an empty text is nothing to do")
    t.eq(home.cordon(stdin="help\n").status, 0, "standard input is a command file")


with t.Sim("--devices", "30", "--window-scale", "0") as sim:
    home = t.Home(sim)
    faults(sim, home)
    whole_batch(sim, home)
    known(t.Home(sim))
options()
t.done()
