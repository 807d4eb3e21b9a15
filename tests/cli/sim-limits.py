#!/usr/bin/env python3
"""cordon-sim: rate limits in sliding windows (API contract, sections 9.2 and 12)."""

import http.client
import re
import time

import cordon_test as t

with t.Sim("--window-scale", "0.05", "--devices", "40") as sim:  # a minute takes three seconds
    link = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=60)
    sim.token()
    start = time.monotonic()
    good = [sim.api("GET", "/api/machines/" + "0" * 40, connection=link).status for _ in range(60)]
    time.sleep(1.5)
    good += [sim.api("GET", "/api/machines/" + "0" * 40, connection=link).status for _ in range(40)]
    t.eq(set(good), {404}, "a hundred calls fit into a minute")
    answer = sim.api("GET", "/api/machines/" + "0" * 40, connection=link)
    t.eq((answer.status, answer.code), (429, "429"), "the next is too much")
    message = answer.json["error"]["message"]
    told = re.search(r"Maximum allowed 100 per 00:01:00 .* in (\d+) seconds", message)
    t.ok(told, "in the documented words")
    t.eq(answer.headers["Retry-After"], told.group(1), "with Retry-After")
    t.eq(sim.api("GET", "/api/machineactions", connection=link).status, 200, "another call has its own window")
    time.sleep(max(0, start + 3.1 - time.monotonic()))
    after = [sim.api("GET", "/api/machines/" + "0" * 40, connection=link).status for _ in range(70)]
    t.eq((after.count(404), after.count(429)), (60, 10), "the window slides: what is a minute old counts no more")
    line = sim.requests(status=429)[0]
    t.eq((line["limit_key"], line["performed"]), ("GET machines/{}", False), "the log names the limit")
    for _ in range(46):
        answer = sim.api("POST", "/v1.0/security/runHuntingQuery", {"Query": "DeviceInfo | take 1"}, t.GRAPH)
    t.eq((answer.status, answer.code), (429, "TooManyRequests"), "hunting allows 45, and Graph has its own body")
    t.ok(answer.headers["Retry-After"], "with Retry-After")

with t.Sim("--window-scale", "0.002", "--devices", "40") as sim:  # an hour takes 7.2 seconds
    link = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=60)
    for count in range(1600):
        answer = sim.api("GET", "/api/machineactions", connection=link)
        if answer.status == 429:
            if "01:00:00" in answer.json["error"]["message"]:
                break
            time.sleep(0.02)
    t.eq((answer.status, "1500 per 01:00:00" in answer.json["error"]["message"]), (429, True), "1,500 fit into an hour")
    t.eq(len(sim.requests(path="/api/machineactions", status=200)), 1500, "exactly")

with t.Sim("--window-scale", "0", "--devices", "40") as sim:
    link = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=60)
    t.eq({sim.api("GET", "/api/machineactions", connection=link).status for _ in range(300)}, {200}, "scale 0: no limits")

t.done()
