#!/usr/bin/env python3
"""show, load, filters over the last query's rows, charts: local KQL where it is used."""

import csv
import io
import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "cli"))
import cordon_test as t

LONG = "range x from 1 to 3000000 step 1 | extend y = strcat('x', x % 100) | where y contains '9' | summarize dcount(y) by x"


def machine(number, name, **more):
    return dict({"id": "%040x" % number, "computerDnsName": name, "osPlatform": "Windows11", "riskScore": "Low",
                 "onboardingStatus": "Onboarded", "healthStatus": "Active", "lastSeen": "2026-11-25T07:00:00Z",
                 "machineTags": ["ring 1"], "lastIpAddress": "10.0.0.%d" % number}, **more)


MACHINES = [machine(1, "srv-01.corp.contoso.com"), machine(2, "srv-02.corp.contoso.com"),
            machine(3, "lin-01.corp.contoso.com", osPlatform="Linux", riskScore="High"),
            machine(4, "lin-02.corp.contoso.com", osPlatform="Linux"),
            machine(5, "un.corp.contoso.com", onboardingStatus="CanBeOnboarded"),
            machine(6, "dup.corp.contoso.com"), machine(7, "dup.corp.contoso.com")]


def last(home, *commands, words=()):
    """Runs the commands; the last one's JSON and the status."""
    more = [w for c in commands for w in ("-c", c)]
    run = home.cordon("-o", "json", *words, *more)
    return (run.json[-1] if run.json else {}), run.status, run


def rows(home, *commands):
    return last(home, *commands)[0].get("rows")


# ---- show

def shows(home, sim):
    got, status, run = last(home, "select --all", "show Selected | project computerDnsName, osPlatform, lastSeen, machineTags, "
                            "n = 1, r = 1.5, b = true, d = decimal(1.5), t = 90m | sort by computerDnsName asc | take 1")
    t.eq([c["type"] for c in got["schema"]], ["string", "string", "datetime", "dynamic", "long", "real", "bool", "decimal",
                                             "timespan"], "show: the schema has KQL's types")
    t.eq(got["rows"], [{"computerDnsName": "dup.corp.contoso.com", "osPlatform": "Windows11",
                        "lastSeen": "2026-11-25T07:00:00.0000000Z", "machineTags": ["ring 1"], "n": 1, "r": 1.5, "b": True,
                        "d": "1.5", "t": "01:30:00"}], "show: the rows, dynamic values as JSON")
    t.eq(rows(home, "select srv-01", "show Selected | project computerDnsName"),
         [{"computerDnsName": "srv-01.corp.contoso.com"}], "Selected is the working set")
    t.eq(rows(home, "show Selected | count"), [{"Count": 0}], "Selected is empty before anything was selected")
    t.eq(rows(home, "show Devices | summarize count() by onboardingStatus | sort by count_"),
         [{"onboardingStatus": "Onboarded", "count_": 6}, {"onboardingStatus": "CanBeOnboarded", "count_": 1}],
         "Devices has every record, onboarded or not")
    t.eq(rows(home, "select --all", "show Selected | where OSPlatform == 'Linux' | project DeviceId, OSPlatform | top 1 by DeviceId asc"),
         [{"DeviceId": "%040x" % 3, "OSPlatform": "Linux"}], "columns by DeviceInfo's names")
    t.eq(rows(home, "query --show datatable (DeviceId:string, N:long)['%040x', 7]" % 4, "show Results | lookup Devices on DeviceId "
              "| project N, computerDnsName"), [{"N": 7, "computerDnsName": "lin-02.corp.contoso.com"}], "joined by them, too")
    t.eq(rows(home, "query --show print A = 1, B = 'x'", "show Results | project B"), [{"B": "x"}], "Results")
    before = len(sim.requests())
    t.ok(last(home, "show Log | count", "show print 1", "show Outcomes", "show Selected")[1] == 0 and
         len(sim.requests()) == before, "what needs no tenant asks none")
    got = rows(home, "note one", "show Log | where type == 'command' | project seq, text, Timestamp, record.source")
    t.ok(got[0]["text"] == "note one" and got[0]["record_source"] == "-c" and got[0]["Timestamp"].endswith("Z"),
         "Log has the session's lines")
    run = home.cordon("-c", "show print x = 'a', y = 1.25, z = dynamic({'a': 1}), w = 5 | project x, y, z, w")
    t.eq(run.out.splitlines()[:2], ["x     y  z        w", "a  1.25  {\"a\":1}  5"], "table: numbers stand right")
    run = home.cordon("-o", "line", "-c", "show print x = 'a', y = 2")
    t.eq(run.out, "x: a\ny: 2\n1 row\n", "line output")
    run = home.cordon("-o", "csv", "-c", "show print x = 'a,b', y = datetime(2026-01-02), z = dynamic([1])")
    t.eq(run.out, "x,y,z\n\"a,b\",2026-01-02T00:00:00.0000000Z,[1]\n", "CSV output")


def outcomes(home, sim):
    home.cordon("-c", "select srv-02", "-c", "save gone")
    sim.vanish("%040x" % 2)
    t.eq(rows(home, "refresh", "select --set gone", "show Selected | project id, computerDnsName, lastSeen"),
         [{"id": "%040x" % 2, "computerDnsName": "", "lastSeen": None}], "Selected: a member that the tenant lost has its id")
    t.eq(rows(home, "show Devices | where id endswith '2' | count"), [{"Count": 0}], "Devices: it is gone")
    got = last(home, "case INC-7", "select srv-01,lin-01", "tag add 'ring 1'", "tag add hot", "show Outcomes | project number, "
               "action, value, ['case'], id, name, outcome, status, tries, adopted, job, started, Timestamp, error "
               "| sort by number asc, name asc", words=("-y",))[0]["rows"]
    t.eq([(r["number"], r["action"], r["value"], r["case"], r["name"][:6], r["outcome"], r["status"]) for r in got],
         [(1, "tag add", "ring 1", "INC-7", "lin-01", "already", ""), (1, "tag add", "ring 1", "INC-7", "srv-01", "already", ""),
          (2, "tag add", "hot", "INC-7", "lin-01", "accepted", "Succeeded"),
          (2, "tag add", "hot", "INC-7", "srv-01", "accepted", "Succeeded")], "Outcomes: device by device, this session's jobs")
    t.ok(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", got[2]["job"]) and got[2]["started"] <= got[2]["Timestamp"] and
         got[2]["error"] is None and got[2]["tries"] == 1 and got[2]["adopted"] is False, "Outcomes: ids, times, error")
    t.eq(rows(home, "show Outcomes | count"), [{"Count": 0}], "Outcomes: another session's jobs are not in it")


def texts(home):
    home.write("q.kql", "Selected\n| where riskScore == 'High'\n| project computerDnsName\n")
    t.eq(rows(home, "select --all", "show @" + home.path("q.kql")), [{"computerDnsName": "lin-01.corp.contoso.com"}],
         "show @FILE")
    home.write("f.cordon", "select --all\nshow\nSelected\n| count\n;\nshow Selected\n| where osPlatform == 'Linux'\n| count\n")
    run = home.cordon("-o", "json", "-f", home.path("f.cordon"))
    t.eq([r["rows"] for r in run.json[1:]], [[{"Count": 6}], [{"Count": 2}]], "a bare show reads to ';'; lines go on with '|'")
    home.write("bad.cordon", "show Selected\n| project id\n| where nosuch == 1\n")
    run = home.cordon("-f", home.path("bad.cordon"))
    t.eq(run.status, 2, "a fault of a pipeline is found before anything runs")
    t.has(run.err, "bad.cordon:3:9: unknown column 'nosuch'", "with file, line and column")
    run = home.cordon("-c", "show Devces | count")
    t.ok(run.status == 2 and "did you mean 'Devices'?" in run.err, "and the nearest name")
    run = home.cordon("-c", "show Devices | where osplatform == 'x'")
    t.ok(run.status == 2 and "did you mean 'osPlatform'?" in run.err, "a column in the wrong case")
    run = home.cordon("-c", "show Results | count")
    t.ok(run.status == 2 and "no query has run" in run.err, "Results without a query")
    run = home.cordon("-c", "show")
    t.ok(run.status == 2 and "no line holding only ';'" in run.err, "a bare show without lines")
    path = home.path("work", "out.csv")
    home.cordon("-c", "select --all", "-c", "show Selected | summarize n = count() by osPlatform | sort by n asc |> tee " + path)
    t.eq(open(path).read(), "osPlatform,n\nLinux,2\nWindows11,4\n", "|> tee FILE.csv writes CSV")
    run = home.cordon("-c", "show Selected | count > out.csv")
    t.ok(run.status == 2 and "|> tee" in run.err, "> FILE is KQL, and it is told how to write one")
    t.eq(rows(home, "let who lin", "select --all", "show Selected | where computerDnsName startswith $who | count"),
         [{"Count": 2}], "variables")


def stops(home):
    started = time.monotonic()
    run = home.start("-c", "show " + LONG)
    time.sleep(0.6)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    t.eq(run.returncode, 130, "Ctrl-C ends a pipeline")
    t.ok(time.monotonic() - started < 5, "at once")
    got, status, run = last(home, "show --timeout 1ms " + LONG)
    t.ok(status == 1 and "longer than" in got["error"]["message"] and got["rows"] == [], "--timeout ends it, too")


def jobs_go_on(home):
    got, status, run = last(home, "select --all", "scan quick --comment x &", "show Selected | count", "show " + LONG.replace("3000000", "400000") + " | take 1",
                            "show Outcomes | summarize n = countif(outcome == 'accepted')", words=("-y",))
    t.ok(status == 0 and got["rows"][0]["n"] > 0, "jobs go on while a pipeline runs") or run.show()


# ---- charts

def charts(home):
    run = home.cordon("-c", "select --all", "-c", "show Selected | summarize n = count() by osPlatform | sort by n desc "
                      "| render barchart with (title='by platform')", LC_ALL="C.UTF-8")
    lines = run.out.splitlines()
    t.ok(any(re.match(r"Windows11 █+ 4$", line) for line in lines) and any("by platform" in line for line in lines),
         "a chart in blocks") or run.show()
    t.ok(max(map(len, lines)) <= 80 and not any("osPlatform" in line for line in lines), "80 columns; no rows in its place")
    run = home.cordon("-c", "query --show DeviceInfo | summarize n = dcount(DeviceId) by OSPlatform | render piechart", LC_ALL="C")
    t.ok(re.search(r"^Linux +#+ +2 +\d+\.\d%$", run.out, re.M) is not None and run.out.isascii(), "query --show, plain ASCII") or run.show()
    got, status, run = last(home, "show print n = 4, x = 'a' | project x, n | render columnchart")
    t.eq(got["rows"], [{"x": "a", "n": 4}], "JSON has the rows")
    run = home.cordon("-o", "csv", "-c", "show print n = 4, x = 'a' | project x, n | render columnchart")
    t.eq(run.out, "x,n\na,4\n", "CSV has the rows")
    run = home.cordon("-c", "show print x = 'a' | render timechart")
    t.ok(run.status == 0 and "no column of numbers" in run.err and "x\na\n" in run.out, "what cannot be drawn is told, with the rows")
    run = home.cordon("-c", "show print n = 4 | render barchat")
    t.ok(run.status == 2 and "did you mean 'barchart'?" in run.err, "a kind that there is not")
    run = home.cordon("-c", "show datatable (x:string, n:long)['\\u001b[31mred', 1] | render barchart")
    t.ok("\x1b" not in run.out and "\\x1b[31mred" in run.out, "a hostile label is made safe")
    path = home.path("work", "chart.txt")
    home.cordon("-c", "show print n = 4, x = 'a' | project x, n | render barchart |> tee " + path, LC_ALL="C.UTF-8")
    t.has(open(path).read(), "█ 4", "into a file")


# ---- load

def loads(home, sim):
    home.write("report.csv", "\ufeffHost;Owner\r\nsrv-01.corp.contoso.com;ann\r\n\"lost;host\";bob\r\n")
    home.write("more.jsonl", '{"Host": "lin-01.corp.contoso.com", "Score": 7, "Tags": ["a"]}\n{"Host": "x", "Score": 1.5}\n')
    report, more = home.path("report.csv"), home.path("more.jsonl")
    t.eq(rows(home, "load Report " + report, "show Report | join kind=leftouter (Devices | project Host = computerDnsName, "
              "riskScore) on Host | project Host, Owner, riskScore | sort by Host asc"),
         [{"Host": "lost;host", "Owner": "bob", "riskScore": ""},
          {"Host": "srv-01.corp.contoso.com", "Owner": "ann", "riskScore": "Low"}], "a report is joined with the inventory")
    got = last(home, "load More " + more, "show More | extend s = Score + 1 | project Host, s, Tags")[0]
    t.eq((got["rows"], [c["type"] for c in got["schema"]]), (
        [{"Host": "lin-01.corp.contoso.com", "s": 8, "Tags": ["a"]}, {"Host": "x", "s": 2.5, "Tags": None}],
        ["string", "real", "dynamic"]), "JSON lines keep their types")
    got, status, run = last(home, "load Report " + report, "load More " + more, "load Report " + report, "load --drop More", "load")
    t.eq([(x["name"], x["count"], [c["name"] for c in x["schema"]]) for x in got["tables"]], [("Report", 2, ["Host", "Owner"])],
         "load lists the tables; --drop forgets one")
    t.has(run.err, "replaces the table of 2 rows", "the same name takes its place, and it is told")
    for bad, part in (("Devices", "Cordon's own"), ("selected", "Cordon's own"), ("a-b", "no name"), ("1a", "no name"),
                      ("union", "word of KQL"), ("where", "word of KQL"), ("time", "word of KQL"), ("x" * 65, "no name")):
        run = home.cordon("-c", "load %s %s" % (bad, report))
        t.ok(run.status == 2 and part in run.err, "load %.20s is refused" % bad) or run.show()
    home.write("bad.csv", "a,b\n1,2\n1,2,3\n")
    run = home.cordon("-c", "load B " + home.path("bad.csv"))
    t.ok(run.status == 1 and "bad.csv:3: " in run.err, "a file that cannot be read is told with its line") or run.show()
    run = home.cordon("-c", "load B nosuch.csv")
    t.ok(run.status == 1 and "nosuch.csv" in run.err, "a file that there is not")
    run = home.cordon("-c", "load --drop B")
    t.ok(run.status == 1 and "no table 'B'" in run.err, "a table that there is not")
    run = home.cordon("-c", "load B")
    t.ok(run.status == 2 and "FILE is missing" in run.err, "a name alone")
    run = home.cordon("-c", "show Report | count", "-c", "load Report " + report)
    t.ok(run.status == 2 and "unknown table 'Report'" in run.err, "a table is there only after its load")
    run = home.cordon("-o", "json", "-c", "load In -", "-c", "show In | count", stdin='[{"a":1},{"a":2}]')
    t.eq(run.json[-1]["rows"], [{"Count": 2}], "load NAME - reads standard input")
    home = t.Home(sim, tenant=None, scale=0)
    home.config("[profile default]\ntenant = %s\nclient = %s\nauth = secret\nsecret-command = echo '%s'\n"
                "[profile other]\ntenant = %s\nclient = %s\nauth = secret\nsecret-command = echo '%s'\n"
                % (t.TENANT, t.APP, t.SECRET, t.TENANT2, t.APP2, t.SECRET2))
    got, status, run = last(home, "load Report " + report, "connect default", "load")
    t.eq(len(got["tables"]), 1, "signing in leaves what was loaded") or run.show()
    got, status, run = last(home, "load Report " + report, "connect default", "connect other", "load")
    t.eq(got.get("tables"), [], "tables of one tenant are not seen by another") or run.show()
    t.has(run.err, "1 loaded table belonged to the tenant before", "and it is told")


# ---- filters over the last query's rows

ROWS = "query --show datatable (DeviceId:string, Count:long, Label:string, osPlatform:string)[%s]"
FOUR = ROWS % ", ".join("'%040x', %s, '%s', 'Solaris'" % row for row in (
    (1, "5", "a"), (1, "50", "b"), (2, "long(null)", "c"), (3, "1", "d")))
LOST = ROWS % ("'%040x', 5, 'a', ''," % 1 + "'%040x', 50, 'b', ''" % 99)


def kept(home, *commands):
    got, status, run = last(home, *commands, "list")
    listed = sorted(int(d["id"], 16) for d in got.get("devices", []))
    return listed, status, run


def filters(home, sim):
    all_six = "select --all"
    for text, wanted in (("Count > 10", [1]), ("Count == 1", [3]), ("Label == 'a'", [1]), ("Label == 'a' and Count == 50", []),
                         ("Count > 0 and osPlatform == 'Linux'", [3]), ("isnull(Count)", [2]),
                         ("strlen(Label) == 1 and riskScore == 'Low'", [1, 2])):
        got, status, run = kept(home, all_six, FOUR, "filter " + text)
        t.ok((got, status) == (wanted, 0), "filter %s: any row passes" % text) or run.show()
    got, status, run = kept(home, all_six, FOUR, "filter osPlatform == 'Solaris'")
    t.eq(got, [], "of two columns with one name the device's is meant")
    got, status, run = kept(home, all_six, FOUR, "filter Count > 10")
    t.has(run.err, "3 devices are in no row of the last query", "devices without a row are told")
    got, status, run = kept(home, all_six, FOUR, "remove --where Count > 10")
    t.ok((got, status) == ([3, 4, 6, 7], 0), "remove: null is removed, too; without a row is not") or run.show()
    t.has(run.err, "1 device for which the predicate is null or fails was removed, too", "and told")
    got, status, run = kept(home, FOUR, "add --where Count < 10")
    t.ok((got, status) == ([1, 3], 0), "add --where") or run.show()
    got, status, run = kept(home, all_six, LOST, "filter Count > 10")
    t.ok((got, status) == ([], 4) and "%040x" % 99 in run.err, "a row that passes and names no known device is told") or run.show()
    got, status, run = kept(home, all_six, LOST, "filter Count < 10")
    t.ok((got, status) == ([1], 0), "one that does not pass is not") or run.show()
    got, status, run = kept(home, all_six, LOST, "remove --where Count > 10")
    t.eq(status, 1, "remove fails for it, after removing the rest")
    names = "query --show datatable (DeviceName:string, Count:long)['SRV-02', 7, 'dup', 7, '', 7]"
    got, status, run = kept(home, all_six, names, "filter Count == 7")
    t.ok((got, status) == ([2], 4), "by name: an ambiguous one and a nameless row are told, not taken") or run.show()
    got, status, run = kept(home, all_six, "query --show print Count = 1", "filter Count == 1")
    t.ok(status == 1 and "name no device" in run.err, "rows without devices cannot be filtered by") or run.show()
    many = "query --show range x from 1 to 100000 step 1 | extend DeviceId = '%040x'" % 1
    got, status, run = kept(home, all_six, many, "filter x == 7")
    t.ok((got, status) == ([1], 4), "rows that were cut make it partial") or run.show()
    before = len(sim.requests())
    for bad in ("Cuont > 10", "osPlatfrom == 'x' and Count > 1", "Count > ", "osBuild == 'x'"):
        run = home.cordon("-c", FOUR, "-c", "filter " + bad)
        t.ok(run.status == 2 and len(sim.requests()) == before, "filter %s: found before anything runs" % bad) or run.show()
    run = home.cordon("-c", "filter Count > 10")
    t.ok(run.status == 2 and "unknown column 'Count'" in run.err, "without a query there are no such columns")
    home.config("[policy]\nprotected = Count > 1\n")
    run = home.cordon("-y", "-c", FOUR, "-c", "select srv-01", "-c", "isolate full --comment x --expect 1")
    t.ok(run.status != 0 and not sim.actions("isolate") and "unknown column 'Count'" in run.err,
         "protected reads device columns only") or run.show()


def main():
    with open(os.path.join(t.temp_dir(), "machines.json"), "w") as file:
        json.dump({"value": MACHINES}, file)
    with t.Sim("--machines", file.name, "--window-scale", "0", "--latency-ms", "5") as sim:
        home = t.Home(sim, scale=0)
        shows(home, sim)
        texts(home)
        charts(home)
        stops(home)
        jobs_go_on(home)
        filters(t.Home(sim, scale=0), sim)
        loads(t.Home(sim, scale=0), sim)
        outcomes(home, sim)
    t.done()


main()
