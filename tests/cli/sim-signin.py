#!/usr/bin/env python3
"""cordon-sim: sign-in, audiences and roles (API contract, sections 1, 9, 11)."""

import base64
import email.utils
import json
import os
import stat
import time
import urllib.parse

import cordon_test as t


def form(sim, path, **fields):
    return sim.call("POST", path, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})


def v2(sim, tenant=t.TENANT, **fields):
    base = {"grant_type": "client_credentials", "client_id": t.APP, "client_secret": t.SECRET,
            "scope": t.MDE + "/.default"}
    base.update(fields)
    return form(sim, "/%s/oauth2/v2.0/token" % tenant, **{k: v for k, v in base.items() if v is not None})


def part(token, number):
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def encode(tree):
    return base64.urlsafe_b64encode(json.dumps(tree).encode()).decode().rstrip("=")


def assertion(**claims):
    base = {"aud": "https://login.microsoftonline.com/%s/oauth2/v2.0/token" % t.TENANT, "iss": t.APP, "sub": t.APP,
            "jti": "1", "nbf": 1000000000, "iat": 1000000000, "exp": 4000000000}
    base.update(claims)
    head = {"alg": "PS256", "typ": "JWT", "x5t#S256": "x" * 43}
    return "%s.%s.c2ln" % (encode(head), encode(base))


with t.Sim("--window-scale", "0") as sim:
    answer = v2(sim)
    t.eq(answer.status, 200, "a secret signs in")
    t.eq(answer.json["expires_in"], 3599, "the life is a number in v2")
    claims = part(answer.json["access_token"], 1)
    t.eq((claims["aud"], claims["appid"], claims["tid"]), (t.MDE, t.APP, t.TENANT), "the token tells audience, app, tenant")
    t.ok("Machine.Isolate" in claims["roles"] and "ThreatHunting.Read.All" not in claims["roles"],
         "and the roles at that service")
    answer = form(sim, "/%s/oauth2/token" % t.TENANT, grant_type="client_credentials", client_id=t.APP,
                  client_secret=t.SECRET, resource=t.MDE)
    t.eq((answer.status, answer.json["expires_in"]), (200, "3599"), "v1 gives numbers as texts")
    t.eq(answer.json["resource"], t.MDE, "and names the resource")
    basic = base64.b64encode(("%s:%s" % (t.APP, urllib.parse.quote(t.SECRET))).encode()).decode()
    answer = sim.call("POST", "/contoso.onmicrosoft.com/oauth2/v2.0/token", urllib.parse.urlencode(
        {"grant_type": "client_credentials", "scope": t.MDE + "/.default"}), {"Authorization": "Basic " + basic})
    t.eq(answer.status, 200, "HTTP Basic and a domain name will do")
    t.eq(v2(sim, client_secret=None, client_assertion=assertion(), client_assertion_type="urn:ietf:params:oauth:"
            "client-assertion-type:jwt-bearer").status, 200, "so will an assertion")

    for fields, status, error, code in (
            ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
            ({"client_secret": "expired"}, 401, "invalid_client", 7000222),
            ({"client_secret": None}, 401, "invalid_client", 7000218),
            ({"client_id": "99999999-2222-4222-8222-222222222222"}, 400, "unauthorized_client", 700016),
            ({"client_id": t.APP2}, 400, "unauthorized_client", 700016),
            ({"tenant": "99999999-2222-4222-8222-222222222222"}, 400, "invalid_request", 90002),
            ({"tenant": "common"}, 400, "invalid_request", 9001023),
            ({"scope": "https://api.securitycenter.microsoft.com"}, 400, "invalid_scope", 70011),
            ({"scope": "https://foo.example.com/.default"}, 400, "invalid_resource", 500011),
            ({"scope": None}, 400, "invalid_request", 900144),
            ({"resource": t.MDE}, 400, "invalid_request", 901002),
            ({"client_secret": None, "client_assertion": assertion(exp=1), "client_assertion_type": "urn:ietf:params:"
              "oauth:client-assertion-type:jwt-bearer"}, 401, "invalid_client", 700027)):
        answer = v2(sim, **fields)
        t.eq((answer.status, answer.json["error"], answer.json["error_codes"]), (status, error, [code]),
             "AADSTS%d" % code)
        t.ok(answer.json["error_description"].startswith("AADSTS%d: " % code), "which the description names")

    lines = sim.requests(ends="token")
    t.ok(all(line["body"]["client_secret"] == "***" for line in lines if "client_secret" in (line["body"] or {})),
         "secrets are masked in the log")
    with open(sim.log) as file:
        text = file.read()
    t.ok(t.SECRET not in text and urllib.parse.quote(t.SECRET) not in text, "nowhere in the log is the secret")
    t.eq(stat.S_IMODE(os.stat(sim.log).st_mode), 0o600, "the log is private")

    t.eq(sim.call("GET", "/api/machines").code, "Unauthorized", "no token: 401")
    answer = sim.call("GET", "/api/machines", headers={"Authorization": "Bearer nonsense"})
    t.eq((answer.status, answer.code), (401, "Unauthorized"), "a foreign token: 401")
    answer = sim.api("GET", "/api/machines", audience=t.GRAPH)
    t.eq((answer.status, answer.code), (403, "Forbidden"), "a token for another service: 403")
    answer = sim.api("POST", "/v1.0/security/runHuntingQuery", {"Query": "DeviceInfo"})
    t.eq((answer.status, answer.code), (401, "InvalidAuthenticationToken"), "which Graph answers by 401")
    t.ok("request-id" in answer.json["error"]["innerError"], "in its own envelope")
    with open(sim.log) as file:
        text = file.read()
    t.ok(all(token not in text for token in sim._tokens.values()), "no token is in the log")

    ids = {m["id"] for m in sim.machines()}
    other = sim.token(tenant=t.TENANT2, app=t.APP2, secret=t.SECRET2)
    answer = sim.call("GET", "/api/machines", headers={"Authorization": "Bearer " + other})
    foreign = answer.json["value"]
    t.ok(len(foreign) > 0 and not ids & {m["id"] for m in foreign}, "another tenant has other devices")
    answer = sim.call("POST", "/api/machines/%s/runAntiVirusScan" % foreign[0]["id"], {"Comment": "c", "ScanType": "Quick"},
                      {"Authorization": "Bearer " + other})
    t.eq((answer.status, len(sim.actions())), (201, 0), "and other actions")

    sim.revoke()
    t.eq(sim.api("GET", "/api/machineactions").status, 401, "a revoked token is refused")
    sim._tokens.clear()
    t.eq(sim.api("GET", "/api/machineactions").status, 200, "a new one is not")

with t.Sim("--roles", "Machine.Read.All,AdvancedHunting.Read.All", "--clock-skew", "-7200", "--window-scale", "0") as sim:
    machine = sim.machines()[0]["id"]
    answer = sim.api("POST", "/api/machines/%s/isolate" % machine, {"Comment": "c", "IsolationType": "Full"})
    t.eq((answer.status, answer.code), (403, "Forbidden"), "without the role: 403")
    t.eq(answer.json["error"]["message"], "Missing application roles. API required roles: Machine.Isolate, application "
         "roles: Machine.Read.All.", "in the documented words")
    t.eq(sim.api("POST", "/api/advancedhunting/run", {"Query": "DeviceInfo | take 1"}, t.XDR).status, 200,
         "roles of another service count there")
    t.eq(sim.api("POST", "/v1.0/security/runHuntingQuery", {"Query": "DeviceInfo"}, t.GRAPH).status, 403, "and only there")
    answer = sim.sign_in()
    claims = part(answer.json["access_token"], 1)
    t.ok(abs(claims["iat"] - (time.time() - 7200)) < 60, "a wrong clock is in the token")
    date = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()
    t.ok(abs(date - (time.time() - 7200)) < 60, "and in the Date header")

with t.Sim("--token-life", "1", "--window-scale", "0", "--wrong-audience", "401") as sim:
    t.eq(sim.sign_in().json["expires_in"], 1, "tokens can be short")
    sim.token()
    time.sleep(1.2)
    t.eq(sim.api("GET", "/api/machines").status, 401, "and run out")
    sim._tokens.clear()
    t.eq(sim.api("GET", "/api/machines", audience=t.XDR).status, 401, "a wrong audience can be 401")

t.done()
