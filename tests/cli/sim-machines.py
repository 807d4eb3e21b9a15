#!/usr/bin/env python3
"""cordon-sim: the machine list, single machines, tags (API contract, sections 3 and 4)."""

import json
import os
import urllib.parse

import cordon_test as t

HIDDEN = "0" * 40


def listed(sim, query=""):
    return sim.api("GET", "/api/machines" + query)


def filtered(sim, text):
    return listed(sim, "?$filter=" + urllib.parse.quote(text))


with t.Sim("--window-scale", "0") as sim:
    machines = sim.machines()
    by_name = {}
    for m in machines:
        by_name.setdefault(m["computerDnsName"], []).append(m)
    t.eq(len(machines), 120, "the default tenant has 120 records")
    t.eq(len({m["id"] for m in machines}), 120, "each with its own id")
    t.ok(all(len(m["id"]) == 40 and set(m["id"]) <= set("0123456789abcdef") for m in machines), "of 40 hex digits")
    t.ok("fin-lt-014.corp.contoso.com" in by_name, "names are regular")
    t.ok(any(len(v) > 1 and sum(m["healthStatus"] == "Active" for m in v) == 1 for v in by_name.values()),
         "a name has an inactive twin")
    t.ok(any(sum(m["healthStatus"] == "Active" for m in v) > 1 for v in by_name.values()), "one has two active records")
    ids = {m["id"] for m in machines}
    t.ok(any(m["mergedIntoMachineId"] in ids for m in machines), "a record was merged into another")
    t.ok({"CanBeOnboarded", "Unsupported", "InsufficientInfo"} <= {m["onboardingStatus"] for m in machines},
         "some were never onboarded")
    t.ok(any(m["computerDnsName"] is None for m in machines), "one has no name")
    t.ok(any("," in tag for m in machines for tag in m["machineTags"]), "a tag has commas")
    fractions = {len(m["lastSeen"].split(".")[1]) - 1 if "." in m["lastSeen"] else 0 for m in machines}
    t.eq(fractions, set(range(8)), "times have 0 to 7 fraction digits")
    platforms = {m["osPlatform"] for m in machines}
    t.ok({"Windows10", "Windows11", "WindowsServer2022", "macOS", "Ubuntu", None} <= platforms, "many platforms")
    with t.Sim("--window-scale", "0", log=False) as again:
        t.eq({(m["id"], m["computerDnsName"]) for m in again.machines()},
             {(m["id"], m["computerDnsName"]) for m in machines}, "the same seed makes the same tenant")
    with t.Sim("--seed", "2", log=False) as other:
        t.ok(not {m["id"] for m in other.machines()} & ids, "another seed makes another")

    first = machines[0]
    answer = sim.api("GET", "/api/machines/" + first["id"].upper())
    t.eq(answer.json["id"], first["id"], "by id, in any case")
    t.ok("@odata.context" in answer.json, "an entity has a context")
    t.eq(sim.api("GET", "/api/v1.0/machines/fin-lt-014.corp.contoso.com").json["computerDnsName"],
         "fin-lt-014.corp.contoso.com", "by name, with a version in the path")
    answer = sim.api("GET", "/api/machines/" + HIDDEN)
    t.eq((answer.status, answer.code, answer.json["error"]["message"]),
         (404, "ResourceNotFound", "Machine %s was not found" % HIDDEN), "an unknown one")
    t.eq(sim.api("GET", "/api/nonsense").status, 404, "an unknown path")
    t.eq(sim.api("DELETE", "/api/machines").status, 405, "a wrong method")

    page = listed(sim, "?$top=7&$skip=5").json
    t.eq([m["id"] for m in page["value"]], [m["id"] for m in machines[5:12]], "$top and $skip")
    t.ok("@odata.nextLink" not in page, "with $top there is no nextLink")
    for query in ("?$top=0", "?$top=10001", "?$skip=-1", "?$stop=3", "?$orderby=id", "?$filter=", "?$top=x"):
        answer = listed(sim, query)
        t.eq((answer.status, answer.code), (400, ""), "%s: 400 with an empty code" % query)

    for text, check in (
            ("healthStatus eq 'Active' and riskScore eq 'High'",
             lambda m: m["healthStatus"] == "Active" and m["riskScore"] == "High"),
            ("startswith(computerDnsName,'fin-')", lambda m: (m["computerDnsName"] or "").startswith("fin-")),
            ("riskScore eq 'High' or (riskScore eq 'Medium' and not (osPlatform eq 'Windows11'))",
             lambda m: m["riskScore"] == "High" or m["riskScore"] == "Medium" and m["osPlatform"] != "Windows11"),
            ("machineTags/any(tag: tag eq 'pilot ring 1')", lambda m: "pilot ring 1" in m["machineTags"]),
            ("machineTags/any(x: startswith(x,'O''Neil'))", lambda m: any(g.startswith("O'Neil") for g in m["machineTags"])),
            ("rbacGroupId eq 140", lambda m: m["rbacGroupId"] == 140),
            ("rbacGroupId ge 150", lambda m: m["rbacGroupId"] >= 150),
            ("aadDeviceId eq null", lambda m: m["aadDeviceId"] is None),
            ("healthStatus ne 'Active'", lambda m: m["healthStatus"] != "Active"),
            ("aadDeviceId eq " + next(m["aadDeviceId"] for m in machines if m["aadDeviceId"]),
             lambda m: m["aadDeviceId"] == next(x["aadDeviceId"] for x in machines if x["aadDeviceId"]))):
        got = filtered(sim, text).json["value"]
        wanted = [m["id"] for m in machines if check(m)]
        t.ok(wanted and [m["id"] for m in got] == wanted, "$filter=" + text)
    cut = sorted(m["lastSeen"][:19] + "Z" for m in machines)[60]
    t.eq(len(filtered(sim, "lastSeen lt %s" % cut).json["value"]) + len(filtered(sim, "lastSeen ge %s" % cut).json["value"]),
         120, "lastSeen with lt and ge")
    for text in ("lastSeen gt '%s'" % cut, "noSuch eq 1", "contains(computerDnsName,'x')", "computerDnsName eq",
                 "computerDnsName eq 'x", "(id eq 'x'", "id eq 'x' id", "machineTags eq 'x'", "(" * 2000):
        answer = filtered(sim, text)
        t.eq((answer.status, answer.code), (400, ""), "refused: " + text[:40])

    answer = sim.api("GET", "/api/machines/findbytag?tag=pilot&useStartsWithFilter=true").json
    t.eq(len(answer["value"]), sum("pilot ring 1" in m["machineTags"] for m in machines), "findbytag with a prefix")
    t.eq(sim.api("GET", "/api/machines/findbytag?tag=pilot").json["value"], [], "and exactly")
    answer = sim.api("GET", "/api/machines/findbyip(ip='10.20.0.8',timestamp=%s)" % first["lastSeen"]
                     if first["healthStatus"] == "Active" else "/api/machines/findbyip(ip='10.20.0.8',timestamp=%s)"
                     % next(m["lastSeen"] for m in machines if m["healthStatus"] == "Active"))
    t.eq([m["computerDnsName"] for m in answer.json["value"]], ["fin-lt-004.corp.contoso.com"], "findbyip")
    t.eq(sim.api("GET", "/api/machines/findbyip(ip='10.20.0.8',timestamp=2001-01-01T00:00:00Z)").status, 400,
         "not of long ago")

    # ---- tags
    target = by_name["fin-lt-014.corp.contoso.com"][0]["id"]
    path = "/api/machines/%s/tags" % target
    t.eq(sim.api("POST", path, {"Value": "caf\u00e9, \"x\"", "Action": "Add"}).json["machineTags"],
         ["finance", "caf\u00e9, \"x\""], "a tag is added")
    t.eq(sim.api("POST", path, {"Value": "finance", "Action": "Add"}).json["machineTags"][0], "finance",
         "adding one that is there succeeds")
    t.eq(sim.api("POST", path, {"Value": "finance", "Action": "Remove"}).json["machineTags"], ["caf\u00e9, \"x\""],
         "one is removed")
    for body, code in (({"value": "x", "Action": "Add"}, "InvalidRequestBody"), ({"Value": "x", "Action": "add"},
                       "InvalidRequestBody"), ({"Value": "", "Action": "Add"}, "MissingRequiredParameter"),
                       ({"Action": "Add"}, "MissingRequiredParameter"), ({"Value": 3, "Action": "Add"},
                       "InvalidRequestBody"), ([], "InvalidRequestBody")):
        answer = sim.api("POST", path, body)
        t.eq((answer.status, answer.code), (400, code), "refused: %s" % json.dumps(body))
    answer = sim.call("POST", path, "{\"Value\":\"x\",\"Action\":\"Add\"}", {"Authorization": "Bearer " + sim.token()})
    t.eq(answer.status, 415, "not without its content type")

    bulk = "/api/machines/AddOrRemoveTagForMultipleMachines"
    some = [m["id"] for m in machines[:50]]
    answer = sim.api("POST", bulk, {"Value": "bulk", "Action": "Add", "MachineIds": some + some[:3]})
    t.eq([m["id"] for m in answer.json["value"]], some, "a bulk call answers each machine once")
    t.ok(all("bulk" in m["machineTags"] for m in answer.json["value"]), "with the tag")
    t.eq(sim.tagged("bulk"), set(some), "and only these have it")
    answer = sim.api("POST", bulk, {"Value": "two", "Action": "Add", "MachineIds": some + [HIDDEN]})
    t.eq((answer.status, answer.code), (404, "ResourceNotFound"), "one unknown id refuses the call")
    t.eq(sim.tagged("two"), set(), "the whole call")
    for count, status in ((500, 404), (501, 400)):
        answer = sim.api("POST", bulk, {"Value": "x", "Action": "Add", "MachineIds": [HIDDEN] * count})
        t.eq((answer.status, answer.code), (status, "ResourceNotFound" if count == 500 else "MaximumBatchSizeExceeded"),
             "%d ids" % count)
    t.eq(sim.api("POST", bulk, {"Value": "x", "Action": "Add", "MachineIds": []}).code, "MissingRequiredParameter",
         "no ids")
    t.eq(sim.api("POST", bulk, {"Value": "x", "Action": "Add", "MachineIds": "x"}).code, "InvalidRequestBody", "ids as text")

    t.eq(sim.api("POST", "/api/machines/%s/setDeviceValue" % target, {"DeviceValue": "High"}).json["deviceValue"], "High",
         "the device value is set")
    answer = sim.api("PATCH", "/api/machines/%s" % target, {"machineTags": ["a", "b"], "deviceValue": "Low"}).json
    t.eq((answer["machineTags"], answer["deviceValue"]), (["a", "b"], "Low"), "PATCH replaces the tags")

    # ---- vanishing
    sim.vanish(target)
    t.eq(sim.api("GET", "/api/machines/" + target).status, 404, "a vanished device is unknown")
    t.eq(len(sim.machines()), 119, "and not listed")
    t.eq(sim.vanished(), [target], "the log tells")

with t.Sim("--devices", "25000", "--window-scale", "0", "--gone", "fin-lt-004.corp.contoso.com") as sim:
    seen, url, pages = [], "/api/machines", 0
    while url:
        page = sim.api("GET", url).json
        seen += [m["id"] for m in page["value"]]
        pages += 1
        url = page.get("@odata.nextLink", "")[len(sim.url):]
    t.eq((pages, len(seen), len(set(seen))), (3, 25000, 25000), "nextLink leads through 25,000 records")
    gone = filtered(sim, "computerDnsName eq 'fin-lt-004.corp.contoso.com'").json["value"]
    t.eq(len(gone), 1, "--gone: listed")
    t.eq(sim.api("GET", "/api/machines/" + gone[0]["id"]).status, 404, "but unknown")

with t.Sim("--devices", "1200", "--vanish-after-list", "10", "--window-scale", "0", "--bulk-unknown", "skip") as sim:
    page = listed(sim, "?$top=1000").json["value"]
    t.eq(sim.vanished(), [], "--vanish-after-list: not before all of it was read")
    page += listed(sim, "?$top=1000&$skip=1000").json["value"]
    t.eq(len(set(sim.vanished())), 10, "then ten are gone")
    t.eq(len(sim.machines()), 1190, "from the list too")
    t.eq(len(sim.vanished()), 10, "and that once only")
    ids = sim.vanished() + [m["id"] for m in page if m["id"] not in sim.vanished()][:20]
    answer = sim.api("POST", "/api/machines/AddOrRemoveTagForMultipleMachines",
                     {"Value": "x", "Action": "Add", "MachineIds": ids})
    t.eq(len(answer.json["value"]), 20, "--bulk-unknown skip: the others are tagged")

folder = t.temp_dir()
one, two = os.path.join(folder, "1.json"), os.path.join(folder, "2.json")
with open(one, "w") as file:
    json.dump({"value": [{"id": "ab" * 20, "computerDnsName": "a.example", "machineTags": ["x"], "rbacGroupId": 3,
                          "future": {"deep": [1, None]}, "onboardingStatus": "Onboarded", "osPlatform": "Windows11"}]}, file)
with open(two, "w") as file:
    json.dump([{"value": [{"id": "cd" * 20}]}, {"value": []}], file)
with t.Sim("--machines", one, "--machines", two, "--window-scale", "0") as sim:
    machines = sim.machines()
    t.eq([m["id"] for m in machines], ["ab" * 20, "cd" * 20], "--machines: several files, pages")
    t.eq(machines[0]["future"], {"deep": [1, None]}, "unknown members stay")
    t.eq(sim.api("POST", "/api/machines/%s/tags" % ("ab" * 20), {"Value": "y", "Action": "Add"}).json["machineTags"],
         ["x", "y"], "and can be tagged")
    t.eq(len(filtered(sim, "rbacGroupId eq 3").json["value"]), 1, "and filtered")

t.done()
