"""The playbook of samples/ runs on the simulated tenant, and its log export has every action with its final status."""

import csv
import os
import shutil

import cordon_test as t

home = t.Home()
for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
    del home.env[name]
for name in os.listdir(os.path.join(t.srcdir, "samples")):
    shutil.copy(os.path.join(t.srcdir, "samples", name), home.dir)

run = home.cordon("--demo", "--check", "-y", "-f", "first-response.cordon")
t.eq(run.status, 0, "the playbook passes the check")
run = home.cordon("--demo", "-y", "-f", "first-response.cordon", timeout=170)
if not t.eq(run.status, 0, "the playbook runs to its end"):
    run.show()
t.has(run.err, "Who has the vulnerable archiver?", "its narration is told")
with open(home.path("first-response-log.csv"), newline="", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file))
actions = {}
for row in rows:
    actions.setdefault(row["action"], []).append(row)
t.eq(sorted(actions), ["isolate", "release", "scan", "tag add", "tag remove"], "every kind of action is in the export")
t.eq(len(actions["isolate"]), 3, "three devices isolated")
t.eq(sorted(r["id"] for r in actions["isolate"]), sorted(r["id"] for r in actions["release"]), "the same released")
t.eq({r["status"] for r in rows}, {"Succeeded"}, "each with its final status")
t.eq({r["outcome"] for r in rows}, {"accepted"}, "each accepted")
t.ok(all(r["id"] and r["name"] and r["job"] and r["time"] for r in rows), "with device, job and time")
t.ok(all("4711" in r["comment"] for r in rows if not r["action"].startswith("tag")), "and the case in the comment")
t.done()
