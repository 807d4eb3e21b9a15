#!/usr/bin/env python3
"""cordon-sim: faults on demand, the request log, and that it stops cleanly."""

import http.client
import json
import os
import subprocess
import time

import cordon_test as t

FULL = {"Comment": "case 1 and a longer comment", "IsolationType": "Full"}


def start(*options):
    sim = t.Sim("--window-scale", "0", *options)
    sim.ids = [m["id"] for m in sim.machines() if m["healthStatus"] == "Active" and m["osPlatform"] == "Windows11"
               and m["onboardingStatus"] == "Onboarded"]
    return sim


def isolate(sim, device, link=None):
    """The answer, or the name of the exception in its stead."""
    try:
        return sim.api("POST", "/api/machines/%s/isolate" % device, FULL, connection=link)
    except (http.client.HTTPException, OSError) as error:
        return type(error).__name__


def acted(sim, device):
    return any(a["machineId"] == device for a in sim.actions())


with start() as sim:
    for kind, wanted, performed in (
            ("drop-before", "RemoteDisconnected", False), ("drop-after", "RemoteDisconnected", True),
            ("500-before", 500, False), ("500-after", 500, True), ("429", 429, False), ("status", 503, False),
            ("truncated", "IncompleteRead", True), ("garbage", 201, True), ("html", 502, False),
            ("html-after", 502, True), ("redirect", 302, False), ("wrong-audience-401", 401, False)):
        device = sim.ids.pop()
        sim.fault("isolate:%s@1" % kind)
        answer = isolate(sim, device)
        t.eq(answer if isinstance(answer, str) else answer.status, wanted, kind)
        t.eq(acted(sim, device), performed, "%s: %s" % (kind, "performed" if performed else "not performed"))
        line = sim.requests(ends="isolate")[-1]
        t.eq((line["fault"], line["performed"]), ("isolate:%s@1" % kind, performed), "%s: the log tells" % kind)
        t.eq(isolate(sim, device).status, 400 if performed else 201, "%s: the next is as ever" % kind)

    sim.fault("isolate:429@1:7")
    t.eq(isolate(sim, sim.ids.pop()).headers["Retry-After"], "7", "429 with a given Retry-After")
    sim.fault("isolate:redirect@1:https://evil.example.com/")
    t.eq(isolate(sim, sim.ids.pop()).headers["Location"], "https://evil.example.com/", "a redirect elsewhere")
    sim.fault("isolate:garbage@1:[1,")
    t.eq(isolate(sim, sim.ids.pop()).body, b"[1,", "garbage of one's own")

    # a reused connection that is closed after performing: the case in which a careless client acts twice
    link = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=30)
    sim.api("GET", "/api/machineactions", connection=link)
    device = sim.ids.pop()
    sim.fault("isolate:drop-after@1")
    t.eq(isolate(sim, device, link), "RemoteDisconnected", "drop-after on a reused connection")
    line = sim.requests(ends="isolate")[-1]
    t.ok(line["on_connection"] > 1 and line["performed"] and line["status"] == 0, "the log tells that it was reused")

    # slow answers do not hold up others
    sim.fault("isolate:slow@1:700")
    device = sim.ids.pop()
    link = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=30)
    before = time.monotonic()
    link.request("POST", "/api/machines/%s/isolate" % device, json.dumps(FULL),
                 {"Authorization": "Bearer " + sim.token(), "Content-Type": "application/json"})
    while not acted(sim, device) and time.monotonic() < before + 5:
        time.sleep(0.01)
    t.ok(time.monotonic() - before < 0.6, "slow: performed at once, others are served meanwhile")
    t.eq(link.getresponse().status, 201, "slow: then answered")
    t.ok(time.monotonic() - before >= 0.7, "slow: after its time")

    # tokens
    sim.fault("isolate:revoke@1")
    device = sim.ids.pop()
    t.eq([isolate(sim, device).status for _ in range(2)], [401, 401], "revoke: 401 from then on")
    sim._tokens.clear()
    t.eq(isolate(sim, device).status, 201, "revoke: until there is a new token")
    sim.fault("isolate:expired@1")
    answer = isolate(sim, sim.ids.pop())
    t.eq((answer.status, "expired" in answer.json["error"]["message"]), (401, True), "expired")
    sim._tokens.clear()

    # devices and lists
    device = sim.ids.pop()
    sim.fault("isolate:vanish@1")
    t.eq(isolate(sim, device).code, "ResourceNotFound", "vanish: the device of the path")
    other = sim.ids.pop()
    sim.fault("machineactions:vanish@1:" + other)
    sim.api("GET", "/api/machineactions")
    t.eq(sim.api("GET", "/api/machines/" + other).status, 404, "vanish: the one that is named")
    whole = sim.api("GET", "/api/machines").json["value"]
    sim.fault("machines:short-page@1")
    t.eq(len(sim.api("GET", "/api/machines").json["value"]), len(whole) - 3, "short-page")
    sim.fault("machines:repeat-page@1")
    rows = sim.api("GET", "/api/machines").json["value"]
    t.eq((len(rows), rows[-1]["id"]), (len(whole), rows[0]["id"]), "repeat-page")
    sim.fault("machines:foreign-next@1")
    t.ok("evil.example.com" in sim.api("GET", "/api/machines").json["@odata.nextLink"], "foreign-next")

    # contents
    sim.fault("isolate:cut-comment@1:6")
    t.eq(isolate(sim, sim.ids.pop()).json["requestorComment"], "case 1", "cut-comment")
    bulk = "/api/machines/AddOrRemoveTagForMultipleMachines"
    sim.fault("AddOrRemoveTagForMultipleMachines:answer-lacks@1")
    rows = sim.api("POST", bulk, {"Value": "one", "Action": "Add", "MachineIds": sim.ids[:3]}).json["value"]
    t.eq((len(rows), len(sim.tagged("one"))), (2, 3), "answer-lacks")
    sim.fault("AddOrRemoveTagForMultipleMachines:tag-ignored@1")
    rows = sim.api("POST", bulk, {"Value": "two", "Action": "Add", "MachineIds": sim.ids[:3]}).json["value"]
    t.eq((len(rows), len(sim.tagged("two"))), (3, 2), "tag-ignored")
    device = sim.ids.pop()
    first = isolate(sim, device).json
    sim.fault("isolate:same-action@1")
    answer = isolate(sim, device)
    t.eq((answer.status, answer.json["id"]), (201, first["id"]), "same-action: the open one instead of 400")

    t.eq(sim.stop(), 0, "stops with status 0")

# ---- which requests
with start("--fault", "isolate:500-before@2-3", "--fault", "/api/machineactions/*:500-before@2+",
           "--fault", "POST machines/nothing:500-before") as sim:
    t.eq([isolate(sim, sim.ids.pop()).status for _ in range(4)], [201, 500, 500, 201], "@2-3")
    t.eq([sim.api("POST", "/api/machines/%s/unisolate" % sim.ids[0], {"Comment": "x"}).status], [201],
         "isolate is not unisolate")
    path = "/api/machineactions/" + sim.actions()[0]["id"]
    t.eq([sim.api("GET", path).status for _ in range(3)], [200, 500, 500], "@2+ on a pattern")
    t.eq(sim.api("GET", "/api/machineactions").status, 200, "which only fits what it fits")


def drawn(*options):
    with start(*options) as drawing:
        return [drawing.api("GET", "/api/machineactions").status for _ in range(400)]


first = drawn("--fault", "machineactions:500-before%5", "--fault", "machineactions:429%5", "--seed", "7")
t.ok(8 <= first.count(500) <= 36 and 8 <= first.count(429) <= 36, "%5 is about a twentieth")
t.eq(drawn("--fault", "machineactions:500-before%5", "--fault", "machineactions:429%5", "--seed", "7"), first,
     "the same seed draws the same")
t.ok(drawn("--fault", "machineactions:500-before%5", "--fault", "machineactions:429%5", "--seed", "8") != first,
     "another seed another")

# ---- the log
with start("--latency-ms", "50", "--chunked") as sim:
    device = sim.ids.pop()
    answer = sim.api("POST", "/api/machines/%s/isolate?x=a%%20b" % device, FULL, **{"client-request-id": "abc-1"})
    t.eq((answer.status, answer.headers["Transfer-Encoding"]), (201, "chunked"), "--chunked")
    line = sim.requests(ends="isolate")[0]
    t.eq((line["client_request_id"], line["query"], line["body"], line["method"], line["status"]),
         ("abc-1", {"x": "a b"}, FULL, "POST", 201), "the log has request id, query, body")
    t.eq(line["token"]["audience"], t.MDE, "whom the token is for")
    t.ok(50 <= line["answered_ms"] - line["t_ms"] < 1000, "when it came and was answered")
    t.eq([x["seq"] for x in sim.requests()], list(range(1, len(sim.requests()) + 1)), "every request has its line")

# ---- the program
run = subprocess.run([t.program("cordon-sim"), "--help"], stdout=subprocess.PIPE, universal_newlines=True)
t.ok(run.returncode == 0 and all(x in run.stdout for x in (t.TENANT, t.APP, t.SECRET, t.TENANT2, t.APP2, t.SECRET2,
                                                             "drop-after", "--list-lag")), "--help tells what is needed")
for words in (["--fault", "isolate"], ["--fault", "isolate:nonsense"], ["--fault", "isolate:slow@0"],
              ["--fault", "isolate:slow%101"], ["--devices", "x"], ["--window-scale", "-1"], ["--bulk-unknown", "maybe"],
              ["--gone", "nobody"], ["--machines", "/dev/null"], ["--now", "later"], ["what"], ["--what"]):
    run = subprocess.run([t.program("cordon-sim")] + words, stderr=subprocess.PIPE, timeout=20)
    t.ok(run.returncode == 2 and run.stderr.startswith(b"cordon-sim: "), "refused: " + " ".join(words))
with t.Sim() as one:
    run = subprocess.run([t.program("cordon-sim"), "--port", str(one.port)], stderr=subprocess.PIPE, timeout=20)
    t.eq(run.returncode, 1, "a port that is taken is an error")
folder = t.temp_dir()
child = subprocess.Popen([t.program("cordon-sim"), "--until-eof", "--quiet", "--port-file", os.path.join(folder, "p")],
                         stdin=subprocess.PIPE)
while not os.path.exists(os.path.join(folder, "p")) and child.poll() is None:
    time.sleep(0.01)
child.stdin.close()
t.eq(child.wait(10), 0, "--until-eof: stops with its parent")

t.done()
