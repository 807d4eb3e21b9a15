"""Formats, redirections, logs, profiles, variables, what a person reads."""
import csv
import json
import os

import cordon_test as t

with t.Sim("--devices", "40", "--window-scale", "0") as sim:
    home = t.Home(sim, scale=0)

    run = home.cordon("-o", "json", "-c", "connect")
    t.eq(sorted(run.json[0]), ["app", "command", "disabled", "hunting", "ms", "ok", "partial", "roles", "tenant"],
         "members of connect")
    t.eq((run.json[0]["tenant"], run.json[0]["app"], run.json[0]["hunting"]), (t.TENANT, t.APP, "graph"), "connect")

    run = home.cordon("-c", "select --all", "-c", "list > all.csv", "-c", "list > all.json", "-c", "list id >> some.txt",
                      "-c", "list id >> some.txt", "-c", "list | head -2")
    t.eq(run.status, 0, "redirections")
    with open(home.path("all.csv")) as file:
        rows = list(csv.DictReader(file))
    with open(home.path("all.json")) as file:
        devices = json.load(file)
    t.eq(sorted(r["id"] for r in rows), sorted(d["id"] for d in devices["devices"]), "csv and json are the same devices")
    t.ok(all(r["lastSeen"].endswith("Z") and len(r["lastSeen"]) == 28 for r in rows if r["lastSeen"]), "whole times")
    t.eq(os.stat(home.path("all.csv")).st_mode & 0o777, 0o600, "a private file")
    with open(home.path("some.txt")) as file:
        t.eq(len(file.read().splitlines()), 2 * (devices["count"] + 2), ">> appends")
    t.eq(len(run.out.splitlines()), 2 + 1, "| head -2, and the count")
    run = home.cordon("-c", "list > /nonexistent/x", "-c", "select --all")
    t.eq(run.status, 1, "a file that cannot be written")
    run = home.cordon("-c", "query --show DeviceInfo | take 3 |> wc -l")
    t.eq((run.status, run.out.strip() != ""), (0, True), "|> after KQL")

    run = home.cordon("-o", "csv", "-c", "select --all", "-c", "list computerDnsName,RiskScore")
    t.eq(run.out.splitlines()[0], "computerDnsName,riskScore", "columns by name, in any case")
    run = home.cordon("-o", "line", "-c", "select --all", "-c", "list computerDnsName")
    t.has(run.out, "computerDnsName: ", "line output")
    t.ok("\x1b" not in run.out, "no control characters in what people read")
    run = home.cordon("-o", "json", "-c", "device %s" % devices["devices"][0]["id"])
    t.eq((run.status, run.json[0]["count"], run.json[0]["devices"][0]), (0, 1, devices["devices"][0]), "device")
    t.eq(home.cordon("-c", "device nosuchdevice").status, 1, "an unknown device")

    run = home.cordon("-k", "-c", "expect 5", "-c", "note x", "-c", "list")
    t.eq(run.status, 1, "-k goes on, and the status stays")
    t.ok("x" in [l.get("text") for l in home.logs() if l["type"] == "note"], "the note was written")
    t.eq(home.cordon("-c", "quit", "-c", "frob").status, 2, "what stands behind quit is checked")
    t.eq(home.cordon("-c", "quit", "-c", "expect 5").status, 0, "but does not run")

    home.write("p.cordon", "#!/usr/bin/cordon -f\n# Tags.\nparam TAG fallback\nnote $TAG\nlet\n")
    run = home.cordon("-o", "json", "-f", "p.cordon", "--set", "TAG=given value")
    t.eq(run.status, 0, "a parameter")
    run = home.cordon("-q", "-c", "select --all")
    t.eq(run.err, "", "-q leaves nothing but errors")
    run = home.cordon("-c", "set echo on", "-f", "p.cordon")
    t.has(run.err, "Tags.\ncordon> param TAG fallback\n", "echo shows comments and commands")
    t.ok("/usr/bin/cordon" not in run.err, "but no #! line")

    # profiles: one tenant after the other
    del home.env["AZURE_TENANT_ID"], home.env["AZURE_CLIENT_ID"], home.env["AZURE_CLIENT_SECRET"]
    secrets = [home.write(name, text) for name, text in (("s1", t.SECRET), ("s2", t.SECRET2))]
    for path in secrets:
        os.chmod(path, 0o600)
    home.config("[profile one]\ntenant = %s\nclient = %s\nsecret-file = %s\n[profile two]\ntenant = %s\nclient = %s\n"
                "secret-file = %s\n" % (t.TENANT, t.APP, secrets[0], t.TENANT2, t.APP2, secrets[1]))
    run = home.cordon("-o", "json", "-p", "one", "-c", "select --all", "-c", "save here", "-c", "connect two", "-c", "count",
                      "-c", "sets", "-c", "select --all", "-c", "connect one", "-c", "sets")
    t.eq(run.status, 0, "connect to another profile")
    if run.status:
        run.show()
    t.eq(run.json[2]["tenant"], t.TENANT2, "is the other tenant")
    t.eq((run.json[3]["count"], run.json[4]["sets"]), (0, []), "nothing of the first tenant is left")
    t.eq([s["name"] for s in run.json[7]["sets"]], ["here"], "and it is there again later")
    starts = [l for l in home.logs() if l["type"] == "session.start"][-3:]
    t.eq([s["tenant"] for s in starts], [None, t.TENANT2, t.TENANT], "a log file each")
    t.eq(home.cordon("-c", "log verify").status, 0, "the logs are whole")
    run = home.cordon("-c", "select --all")
    t.eq(run.status, 3, "no tenant is named")
    t.has(run.err, "AZURE_TENANT_ID", "and what to do is told")

    # restricted
    home.config("[policy]\nrestricted = yes\n")
    for line in ("! ls", "list | cat", "list > x.csv"):
        t.eq(home.cordon("-c", line).status, 2, "restricted: " + line)

# roles
with t.Sim("--devices", "20", "--window-scale", "0", "--roles", "Machine.Read.All,Machine.Scan") as sim:
    home = t.Home(sim, scale=0)
    run = home.cordon("-o", "json", "-c", "connect")
    disabled = {d["command"]: d["role"] for d in run.json[0]["disabled"]}
    t.eq(disabled.get("isolate"), "Machine.Isolate", "connect names what a missing role disables")
    t.ok("scan" not in disabled and "select" not in disabled, "and only that")
    run = home.cordon("-y", "-c", "select --all", "-c", "isolate full --comment x --expect 1..99")
    t.eq(run.status, 3, "a missing role is status 3")
    t.has(run.err, "Machine.Isolate", "and named")

# a torn and a changed log
with t.Sim("--devices", "20", "--window-scale", "0") as sim:
    home = t.Home(sim, scale=0)
    home.cordon("-c", "note first")
    folder = home.path("state/cordon/log")
    name = os.path.join(folder, os.listdir(folder)[0])
    with open(name) as file:
        text = file.read()
    head = json.loads(text.splitlines()[-1])["sum"]
    t.eq(home.cordon("-c", "log verify %s --head %s" % (name, head)).status, 0, "the head is there")
    t.eq(home.cordon("-c", "log verify %s --head %s" % (name, "0" * 64)).status, 1, "another is not")
    with open(name, "w") as file:
        file.write(text.replace("first", "forst"))
    run = home.cordon("-o", "json", "-c", "log verify")
    t.eq(run.status, 1, "a change shows")
    t.ok(run.json[0]["faults"] and run.json[0]["faults"][0]["file"] == name, "with its file")
t.done()
