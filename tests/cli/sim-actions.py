#!/usr/bin/env python3
"""cordon-sim: machine actions and their life (API contract, section 5)."""

import time
import urllib.parse

import cordon_test as t

FULL = {"Comment": "case 1", "IsolationType": "Full"}
QUICK = {"Comment": "case 1", "ScanType": "Quick"}
ONLY = {"Comment": "case 1"}


def act(sim, device, name, body):
    return sim.api("POST", "/api/machines/%s/%s" % (device, name), body)


def listed(sim, text="", query=""):
    return sim.api("GET", "/api/machineactions?$filter=" + urllib.parse.quote(text) + query if text else
                   "/api/machineactions" + query).json["value"]


def until(sim, action, status, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = sim.api("GET", "/api/machineactions/" + action).json
        if got["status"] == status:
            return got
        time.sleep(0.05)
    t.note("still %s" % got["status"])
    return got


with t.Sim("--window-scale", "0") as sim:
    machines = sim.machines()
    named = {m["computerDnsName"]: m for m in machines}

    def device(label):
        return next(m["id"] for name, m in named.items() if name and name.split(".")[0] == label)

    fin = device("fin-lt-014")
    answer = act(sim, fin, "isolate", FULL)
    new = answer.json
    t.eq((answer.status, new["status"], new["type"], new["scope"]), (201, "Pending", "Isolate", None),
         "isolate: 201, Pending, the scope not yet told")
    t.eq((new["machineId"], new["computerDnsName"], new["requestor"], new["requestorComment"], new["requestSource"]),
         (fin, "fin-lt-014.corp.contoso.com", "cordon", "case 1", "PublicApi"), "whose and what it is")
    answer = act(sim, fin, "isolate", FULL)
    t.eq((answer.status, answer.code, answer.json["error"]["message"]),
         (400, "ActiveRequestAlreadyExists", "Action is already in progress"), "the same again while it is open: 400")
    t.eq(act(sim, fin, "runAntiVirusScan", QUICK).status, 201, "another type is not the same")
    done = until(sim, new["id"], "Succeeded")
    t.eq((done["status"], done["scope"], done["errorHResult"]), ("Succeeded", "Full", 0), "it succeeds within a second or so")
    t.ok(done["lastUpdateDateTimeUtc"] > done["creationDateTimeUtc"], "with a later time")
    t.eq([m["isolated"] for m in sim.state()["machines"] if m["id"] == fin], ["Full"], "the device is isolated")
    undo = act(sim, fin, "unisolate", ONLY).json
    t.eq(until(sim, undo["id"], "Succeeded")["type"], "Unisolate", "and released")
    t.eq([m["isolated"] for m in sim.state()["machines"] if m["id"] == fin], [None], "again")
    t.eq(act(sim, fin, "isolate", {"Comment": "c"}).status, 201, "the type of isolation may be left out")

    # ---- bodies
    other = device("fin-lt-001")
    for name, body, code in (
            ("isolate", {"comment": "c", "IsolationType": "Full"}, "InvalidRequestBody"),
            ("isolate", {"Comment": "c", "IsolationType": "full"}, "InvalidRequestBody"),
            ("isolate", {"IsolationType": "Full"}, "MissingRequiredParameter"),
            ("isolate", {"Comment": "", "IsolationType": "Full"}, "MissingRequiredParameter"),
            ("isolate", {"Comment": 1, "IsolationType": "Full"}, "InvalidRequestBody"),
            ("runAntiVirusScan", {"Comment": "c"}, "MissingRequiredParameter"),
            ("runAntiVirusScan", {"Comment": "c", "ScanType": "Slow"}, "InvalidRequestBody"),
            ("unisolate", {"Comment": "c", "IsolationType": "Full"}, "InvalidRequestBody"),
            ("StopAndQuarantineFile", {"Comment": "c", "Sha1": "abc"}, "InvalidHashValue"),
            ("offboard", {}, "MissingRequiredParameter"),
            ("runliveresponse", {"Comment": "c"}, "MissingRequiredParameter")):
        answer = act(sim, other, name, body)
        t.eq((answer.status, answer.code), (400, code), "refused: %s %s" % (name, body))
    t.eq(sim.actions()[-1]["machineId"], fin, "nothing came of these")

    # ---- devices
    for label, name, body, status, code in (
            ("printsrv", "isolate", FULL, 400, "BadRequest"), ("ops-old-01", "isolate", FULL, 400, "OsPlatformNotSupported"),
            ("lnx-old-01", "runAntiVirusScan", QUICK, 400, "ClientVersionNotSupported"),
            ("lnx-web-000", "isolate", FULL, 201, None),
            ("lnx-web-001", "isolate", {"Comment": "c", "IsolationType": "Selective"}, 400, "OsPlatformNotSupported"),
            ("lnx-web-000", "offboard", ONLY, 400, "OsPlatformNotSupported"),
            ("it-phone-042", "runAntiVirusScan", QUICK, 400, "OsPlatformNotSupported"),
            ("eng-mac-000", "isolate", {"Comment": "c", "IsolationType": "Selective"}, 201, None),
            ("eng-mac-000", "restrictCodeExecution", ONLY, 400, "OsPlatformNotSupported"),
            ("printsrv", "isolate", {"Comment": "c", "IsolationType": "UnManagedDevice"}, 201, None),
            ("fin-lt-001", "restrictCodeExecution", ONLY, 201, None),
            ("fin-lt-001", "unrestrictCodeExecution", ONLY, 201, None),
            ("fin-lt-001", "collectInvestigationPackage", ONLY, 201, None),
            ("fin-lt-001", "StopAndQuarantineFile", {"Comment": "c", "Sha1": "ab" * 20}, 201, None),
            ("fin-lt-001", "startInvestigation", ONLY, 201, None),
            ("fin-lt-001", "offboard", ONLY, 201, None)):
        answer = act(sim, device(label), name, body)
        t.eq((answer.status, answer.code), (status, code), "%s on %s" % (name, label))
    answer = act(sim, "0" * 40, "isolate", FULL)
    t.eq((answer.status, answer.code), (404, "ResourceNotFound"), "on an unknown device")

    # ---- live response, packages
    answer = act(sim, other, "runliveresponse", {"Comment": "c", "Commands": [
        {"type": "RunScript", "params": [{"key": "ScriptName", "value": "x.ps1"}]}]})
    t.eq((answer.status, answer.json["commands"][0]["commandStatus"]), (201, "Created"), "live response")
    package = next(a for a in sim.actions() if a["type"] == "CollectInvestigationPackage")
    path = "/api/machineactions/%s/getPackageUri" % package["id"]
    t.eq(sim.api("GET", path).status, 404, "a package is not there at once")
    until(sim, package["id"], "Succeeded")
    t.ok(sim.api("GET", path).json["value"].startswith('"https://'), "then its link, in quotes")
    quarantine = next(a for a in sim.actions() if a["type"] == "StopAndQuarantineFile")
    t.eq(quarantine["relatedFileInfo"], {"fileIdentifier": "ab" * 20, "fileIdentifierType": "Sha1"}, "the file is told")

    # ---- the list
    actions = listed(sim)
    t.eq([a["id"] for a in actions], [a["id"] for a in reversed(sim.actions())], "the list is newest first")
    t.eq([a["id"] for a in listed(sim, query="?$top=2&$skip=1")], [a["id"] for a in actions[1:3]], "in pages")
    some = [a for a in actions if a["machineId"] == fin and a["type"] == "Isolate"]
    t.eq([a["id"] for a in listed(sim, "machineId eq '%s' and type eq 'Isolate'" % fin)], [a["id"] for a in some],
         "by machineId and type")
    t.eq(len(listed(sim, "requestor eq 'cordon'")), len(actions), "by requestor")
    t.eq([a["id"] for a in listed(sim, "id eq '%s' or id eq %s" % (actions[0]["id"], actions[1]["id"]))],
         [a["id"] for a in actions[:2]], "by id")
    since = actions[3]["creationDateTimeUtc"]
    t.eq(len(listed(sim, "creationDateTimeUtc ge " + since)), 4, "by time")
    t.eq(len(listed(sim, "creationDateTimeUtc le " + since)), len(actions) - 3, "and before")
    t.eq(len(listed(sim, "status eq 'Succeeded'")), sum(a["status"] == "Succeeded" for a in listed(sim)), "by status")
    t.eq(sim.api("GET", "/api/machineactions?$filter=scope%20eq%20'Full'").status, 400, "by nothing else")
    t.eq(sim.api("GET", "/api/machineactions/" + "0" * 8).status, 404, "an unknown action")

    # ---- cancelling
    inactive = next(m["id"] for m in machines if m["healthStatus"] == "Inactive" and m["onboardingStatus"] == "Onboarded")
    waiting = act(sim, inactive, "isolate", FULL).json
    time.sleep(1)
    t.eq(sim.api("GET", "/api/machineactions/" + waiting["id"]).json["status"], "Pending", "a silent device keeps it Pending")
    path = "/api/machineactions/%s/cancel" % waiting["id"]
    t.eq(sim.api("POST", path, {}).code, "MissingRequiredParameter", "cancelling wants a comment")
    answer = sim.api("POST", path, {"Comment": "no"})
    t.eq((answer.status, answer.json["status"], answer.json["cancellationComment"]), (200, "Cancelled", "no"), "cancelled")
    t.eq(sim.api("POST", path, {"Comment": "no"}).status, 400, "not twice")
    t.eq(sim.api("POST", "/api/machineactions/00000000-0000-4000-8000-000000000000/cancel", {"Comment": "x"}).status, 404,
         "not an unknown one")
    scan = act(sim, inactive, "runAntiVirusScan", QUICK).json
    t.eq(until(sim, scan["id"], "TimeOut")["status"], "TimeOut", "a scan of a silent device times out")

    # ---- behind its back
    put = sim.control("action", machineId=device("fin-lt-002"), type="Isolate", scope="Full", comment="mine",
                      requestor="analyst@contoso.com", status="Succeeded", ageSeconds=3600)
    got = sim.api("GET", "/api/machineactions/" + put["id"]).json
    t.eq((got["status"], got["requestor"], got["scope"]), ("Succeeded", "analyst@contoso.com", "Full"),
         "somebody else's action can be put in")
    sim.control("machine", id=device("fin-lt-002"), healthStatus="Inactive", machineTags=["tier0"])
    got = sim.api("GET", "/api/machines/" + device("fin-lt-002")).json
    t.eq((got["healthStatus"], got["machineTags"]), ("Inactive", ["tier0"]), "and a device changed")

with t.Sim("--window-scale", "0.1", "--list-lag", "20", "--same-action", "existing", "--fail", "100") as sim:
    fin = next(m["id"] for m in sim.machines() if m["computerDnsName"] == "fin-lt-014.corp.contoso.com")
    new = act(sim, fin, "runAntiVirusScan", QUICK).json
    t.eq(sim.api("GET", "/api/machineactions/" + new["id"]).status, 200, "by id an action is there at once")
    t.eq(listed(sim), [], "in a lagging list it is not")
    answer = act(sim, fin, "runAntiVirusScan", QUICK)
    t.eq((answer.status, answer.json["id"]), (201, new["id"]), "--same-action existing: the open one is answered")
    t.eq(sim.requests(ends="runAntiVirusScan")[1]["performed"], False, "and nothing done")
    time.sleep(2.1)
    t.eq([a["id"] for a in listed(sim)], [new["id"]], "then it is")
    t.eq(until(sim, new["id"], "Failed")["errorHResult"] != 0, True, "--fail: it fails")

with t.Sim("--merged-gone", "--offline", "100", "--window-scale", "0") as sim:
    merged = next(m for m in sim.machines() if m["mergedIntoMachineId"])
    t.eq(act(sim, merged["id"], "runAntiVirusScan", QUICK).status, 404, "--merged-gone: merged records are unknown")
    new = act(sim, merged["mergedIntoMachineId"], "isolate", FULL).json
    time.sleep(1)
    t.eq(sim.api("GET", "/api/machineactions/" + new["id"]).json["status"], "Pending", "--offline: it waits")

t.done()
