#!/usr/bin/env python3
"""cordon-sim: advanced hunting in its three shapes, and the story (API contract, section 6)."""

import cordon_test as t

CVE = "DeviceTvmSoftwareVulnerabilities | where CveId == \"CVE-2023-38831\" | distinct DeviceId"


def graph(sim, text, **more):
    return sim.api("POST", "/v1.0/security/runHuntingQuery", dict({"Query": text}, **more), t.GRAPH)


def rows(sim, text, **more):
    answer = graph(sim, text, **more)
    if answer.status != 200:
        t.note(answer.body.decode())
        return None
    return answer.json["results"]


with t.Sim("--window-scale", "0") as sim:
    machines = {m["id"]: m for m in sim.machines()}
    names = {m["computerDnsName"]: m["id"] for m in machines.values()}

    answer = graph(sim, CVE)
    t.eq((answer.status, answer.json["schema"]), (200, [{"name": "DeviceId", "type": "String"}]), "Graph's shape")
    found = [row["DeviceId"] for row in answer.json["results"]]
    t.eq(sorted(machines[i]["computerDnsName"].split(".")[0] for i in found),
         ["fin-lt-004", "fin-lt-009", "fin-lt-014", "fin-lt-019", "fin-lt-024"], "the story's devices are found")
    t.ok(all(machines[i]["healthStatus"] == "Active" for i in found), "and are up")
    answer = sim.api("POST", "/api/advancedhunting/run", {"Query": CVE}, t.XDR)
    t.eq((answer.status, answer.json["Schema"], len(answer.json["Results"]), "Stats" in answer.json),
         (200, [{"Name": "DeviceId", "Type": "String"}], 5, True), "Defender XDR's shape")
    answer = sim.api("POST", "/api/advancedqueries/run", {"Query": CVE})
    t.eq((answer.status, answer.json["Schema"], len(answer.json["Results"])),
         (200, [{"Name": "DeviceId", "Type": "String"}], 5), "Defender for Endpoint's shape")

    # ---- types
    text = "DeviceInfo | where DeviceName startswith \"fin-lt-902\" | project Timestamp, OSBuild, IsAzureADJoined, " \
        "DeviceManualTags, ReportId, JoinType | take 1"
    got = graph(sim, text).json
    t.eq([c["type"] for c in got["schema"]], ["DateTime", "Int64", "Boolean", "String", "Int64", "String"], "types")
    row = got["results"][0]
    t.ok(row["IsAzureADJoined"] is True and row["ReportId"] > 2 ** 53 and row["JoinType"] in (None, ""), "values")
    t.eq(len(row["Timestamp"]), len("2026-11-25T07:00:00.0000000Z"), "a time has seven digits")
    other = sim.api("POST", "/api/advancedqueries/run", {"Query": text}).json
    t.eq((other["Schema"][2]["Type"], other["Results"][0]["IsAzureADJoined"]), ("SByte", 1), "bool as Kusto's old name")
    tags = "DeviceTvmSoftwareVulnerabilities | where CveId == \"CVE-2023-38831\" | take 1 | project CveTags"
    t.eq(rows(sim, tags)[0]["CveTags"], ["ExploitAvailable"], "dynamic as a value")
    t.eq(sim.api("POST", "/api/advancedqueries/run", {"Query": tags}).json["Results"][0]["CveTags"],
         "[\"ExploitAvailable\"]", "dynamic as a text")

    # ---- tables
    reports = rows(sim, "DeviceInfo | project DeviceId, Timestamp")
    newest = rows(sim, "DeviceInfo | summarize arg_max(Timestamp, *) by DeviceId")
    t.ok(len(reports) == 2 * len(newest) and len({r["DeviceId"] for r in newest}) == len(newest),
         "DeviceInfo holds several reports of a device")
    row = next(r for r in newest if r["DeviceId"] == names["fin-lt-014.corp.contoso.com"])
    t.eq((row["DeviceName"], row["MachineGroup"], row["OSPlatform"], row["OnboardingStatus"]),
         ("fin-lt-014.corp.contoso.com", "Finance", "Windows11", "Onboarded"), "as the machine list has it")
    t.ok(any(r["OnboardingStatus"] == "Can be onboarded" for r in newest), "with devices that are not onboarded")
    found = rows(sim, "DeviceProcessEvents | where FileName == \"powershell.exe\" and ProcessCommandLine has "
                      "\"EncodedCommand\" | distinct DeviceName")
    t.eq([r["DeviceName"] for r in found], ["fin-lt-014.corp.contoso.com"], "a suspicious process")
    found = rows(sim, "DeviceLogonEvents | where DeviceName startswith \"it-jump\" and LogonType == \"RemoteInteractive\"")
    t.eq([(r["RemoteDeviceName"], r["RemoteIP"]) for r in found], [("fin-lt-014.corp.contoso.com", "10.20.0.18")],
         "led to the jump host")
    found = rows(sim, "DeviceNetworkInfo | where IPAddresses has \"10.20.0.18\" | distinct DeviceId")
    t.eq([r["DeviceId"] for r in found], [names["fin-lt-014.corp.contoso.com"]], "addresses")
    t.eq(len(rows(sim, "DeviceTvmSoftwareInventory | where SoftwareName == \"winrar\" and SoftwareVersion startswith "
                       "\"6.22\"")), 5, "software")
    t.eq(len(rows(sim, "DeviceNetworkEvents | where RemoteIP == \"198.51.100.77\"")), 12, "connections")
    t.eq(rows(sim, "DeviceFileEvents | where SHA1 == \"5d41402abc4b2a76b9719d911017c592ae2f9d31\" | project FileName"),
         [{"FileName": "cfg.dat"}], "files")
    t.eq({r["ActionType"] for r in rows(sim, "CloudDnsEvents")}, {"DnsQuery"}, "a table that the story does not lead through")
    device = ["DeviceInfo", "DeviceNetworkInfo", "DeviceProcessEvents", "DeviceNetworkEvents", "DeviceFileEvents", "DeviceLogonEvents",
              "DeviceRegistryEvents", "DeviceImageLoadEvents", "DeviceEvents", "DeviceFileCertificateInfo", "AlertInfo",
              "AlertEvidence"]
    counts = {name: rows(sim, name + " | count")[0]["Count"] for name in device}
    t.ok(80000 < sum(counts.values()) < 120000 and min(counts.values()) > 20, "some 100,000 rows of devices and alerts")
    t.note(counts)

    # ---- one story in all of them
    found = rows(sim, "AlertEvidence | where EntityType == \"Process\" and Title has \"PowerShell\""
                      "| join kind=inner (DeviceProcessEvents | project DeviceId, ProcessCommandLine, ProcessId, Started = Timestamp)"
                      " on DeviceId, ProcessCommandLine"
                      "| join kind=inner (DeviceNetworkEvents | project DeviceId, ProcessId = InitiatingProcessId, To = RemoteIP)"
                      " on DeviceId, ProcessId | project DeviceName, To")
    t.eq(found, [{"DeviceName": "fin-lt-014.corp.contoso.com", "To": "198.51.100.77"}],
         "an alert leads to its process, the process to its connection")
    found = rows(sim, "DeviceRegistryEvents | where RegistryKey endswith \"CurrentVersion\\\\Run\" and RegistryValueData has "
                      "\"rundll32\" | project DeviceName, InitiatingProcessFileName")
    t.eq(found, [{"DeviceName": "fin-lt-014.corp.contoso.com", "InitiatingProcessFileName": "rundll32.exe"}], "it stays")
    found = rows(sim, "EmailAttachmentInfo | where FileName == \"invoice_4711.zip\" | join kind=inner (DeviceFileEvents "
                      "| project SHA256, DeviceName) on SHA256 | project RecipientEmailAddress, DeviceName")
    t.eq([r["DeviceName"] for r in found if r["RecipientEmailAddress"] in [
        x["AccountUpn"] for x in rows(sim, "AlertEvidence | where EntityType == \"User\" and Title has \"PowerShell\"")]],
         ["fin-lt-014.corp.contoso.com"], "it came by mail")
    orphans = rows(sim, "DeviceNetworkEvents | where isempty(InitiatingProcessSHA1) or isnull(InitiatingProcessId) | count")
    t.eq(orphans, [{"Count": 0}], "every connection has a process")
    t.eq(rows(sim, "DeviceProcessEvents | summarize dcount(SHA1) by FileName | where dcount_SHA1 != 1"), [],
         "a file has one sum everywhere")
    again = graph(sim, "DeviceLogonEvents | where DeviceName startswith \"fin\" | take 50").json["results"]
    t.ok(again == rows(sim, "DeviceLogonEvents | where DeviceName startswith \"fin\" | take 50"), "the same rows each time")
    t.eq(rows(sim, "DeviceInfo | where Timestamp < ago(29d)"), [], "nothing older than thirty days")
    t.eq(rows(sim, "DeviceInfo | count"), [{"Count": len(reports)}], "count")

    # ---- the language is the KQL room's; here that the tables go through it
    found = rows(sim, "let bad = DeviceTvmSoftwareVulnerabilities | where CveId == 'CVE-2023-38831' | distinct DeviceId;\n"
                      "DeviceInfo | where DeviceId in (bad) | summarize arg_max(Timestamp, *) by DeviceId\n"
                      "| join kind=inner (DeviceNetworkInfo | project DeviceId, MacAddress) on DeviceId\n"
                      "| project DeviceName, MacAddress, Seen = Timestamp | sort by DeviceName asc")
    t.eq([r["DeviceName"][:10] for r in found], ["fin-lt-004", "fin-lt-009", "fin-lt-014", "fin-lt-019", "fin-lt-024"],
         "let, in, arg_max, join, sort")
    groups = rows(sim, "DeviceInfo | summarize Devices = dcount(DeviceId), First = min(Timestamp) by MachineGroup")
    t.eq({r["MachineGroup"]: r["Devices"] for r in groups if r["MachineGroup"] == "Finance"},
         {"Finance": sum(r["MachineGroup"] == "Finance" for r in newest)}, "summarize by group")
    events = "DeviceProcessEvents | project Timestamp"
    every, day = rows(sim, events), rows(sim, events, Timespan="P1D")
    t.ok(0 < len(day) < len(every) and min(r["Timestamp"] for r in day) > min(r["Timestamp"] for r in every),
         "Graph's Timespan cuts off what is older")
    cut = sorted(r["Timestamp"] for r in every)[100]
    t.eq(len(rows(sim, events, Timespan=cut + "/P30D")), len(every) - 100, "from a start time, too")
    t.eq(graph(sim, events, Timespan="yesterday").status, 400, "a broken Timespan")

    sim.vanish(names["fin-lt-014.corp.contoso.com"])
    t.eq(len(rows(sim, CVE)), 5, "a device that left is still in what was recorded")

    # ---- errors
    answer = graph(sim, "EmailStuff | take 1")
    t.eq((answer.status, answer.code), (400, "BadRequest"), "an unknown table")
    t.ok("EmailStuff" in answer.json["error"]["message"] and
         answer.json["error"]["message"].endswith("Fix semantic errors in your query."), "is named")
    answer = graph(sim, "DeviceProcessEvents | extend k = 1 | join kind=inner (DeviceProcessEvents | extend k = 1) on k")
    t.eq((answer.status, answer.code), (400, "BadRequest"), "a query that would run away")
    t.ok("excessive resource consumption" in answer.json["error"]["message"], "is stopped")
    answer = graph(sim, "EmailStuff | take 1")
    t.ok("innerError" in answer.json["error"], "in Graph's envelope")
    answer = sim.api("POST", "/api/advancedqueries/run", {"Query": "DeviceInfo | where NoSuch == 1"})
    t.eq((answer.status, answer.code, "NoSuch" in answer.json["error"]["message"]), (400, "BadRequest", True),
         "an unknown column")
    t.eq(graph(sim, "DeviceInfo | where (").status, 400, "a broken text")
    t.eq(sim.api("POST", "/v1.0/security/runHuntingQuery", {"query": "DeviceInfo"}, t.GRAPH).status, 400,
         "the name in the wrong case")
    t.eq(sim.api("POST", "/api/advancedqueries/run", {"Query": "DeviceInfo", "Timespan": "P1D"}).status, 400,
         "a time span is Graph's alone")

with t.Sim("--window-scale", "0", "--row-limit", "10") as sim:
    t.eq(len(rows(sim, "DeviceInfo")), 10, "--row-limit cuts the result")

t.done()
