#!/usr/bin/env python3
"""Hunting queries of tests/data/hunting over the simulated tenant, as `query --show @FILE` runs them; each answer is
computed a second time here, from the rows of the tables."""

import collections
import datetime
import glob
import json
import math
import os
import re
import statistics

import cordon_test as t

DATA = os.path.join(os.environ["srcdir"], "tests", "data", "hunting")
TABLES = {
    "DeviceProcessEvents": "Timestamp DeviceId DeviceName FileName FolderPath SHA1 SHA256 MD5 ProcessId ProcessCommandLine AccountName "
                           "AccountDomain ProcessIntegrityLevel InitiatingProcessFileName InitiatingProcessCommandLine ActionType",
    "DeviceNetworkEvents": "Timestamp DeviceId DeviceName ActionType RemoteIP RemotePort RemoteUrl RemoteIPType LocalIP Protocol "
                           "InitiatingProcessFileName",
    "DeviceFileEvents": "Timestamp DeviceId DeviceName ActionType FileName FolderPath SHA1 SHA256 FileSize FileOriginUrl "
                        "InitiatingProcessFileName",
    "DeviceLogonEvents": "Timestamp DeviceId DeviceName ActionType LogonType AccountName RemoteDeviceName RemoteIP "
                         "IsLocalAdmin",
    "DeviceRegistryEvents": "Timestamp DeviceName ActionType RegistryKey RegistryValueName RegistryValueData InitiatingProcessFileName",
    "DeviceImageLoadEvents": "DeviceName FileName FolderPath InitiatingProcessFileName InitiatingProcessCommandLine",
    "DeviceEvents": "Timestamp DeviceId DeviceName ActionType FileName AdditionalFields InitiatingProcessFileName InitiatingProcessId",
    "DeviceInfo": "", "DeviceNetworkInfo": "", "DeviceFileCertificateInfo": "", "DeviceTvmSoftwareInventory": "",
    "DeviceTvmSoftwareVulnerabilities": "", "DeviceTvmSoftwareVulnerabilitiesKB": "",
    "DeviceTvmSecureConfigurationAssessment": "", "DeviceTvmSecureConfigurationAssessmentKB": "", "AlertInfo": "",
    "AlertEvidence": "", "EmailEvents": "", "EmailAttachmentInfo": "", "IdentityInfo": "", "EntraIdSignInEvents": "",
}
TICKS = 10 ** 7
DAY = 86400 * TICKS


# ---- values

def ticks(text):
    """Since 1970, in 100 ns."""
    whole, _, part = text.rstrip("Z").partition(".")
    moment = datetime.datetime.strptime(whole + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    return int(moment.timestamp()) * TICKS + int((part + "0000000")[:7])


def when(number):
    moment = datetime.datetime.fromtimestamp(number // TICKS, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + ".%07dZ" % (number % TICKS)


def now():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1e6) * 10


class Clock:
    """The instant that ago() counts from."""
    ticks = now()


def ago(days):
    return Clock.ticks - int(days * DAY)


def terms(text):
    return re.findall(r"[^\W_]+", text.lower())


def has(text, word):
    return re.search(r"(?<![^\W_])" + re.escape(word) + r"(?![^\W_])", text, re.I) is not None


def group(rows, key):
    out = collections.defaultdict(list)
    for row in rows:
        out[key(row)].append(row)
    return out


def pick(row, names):
    return {name: row[name] for name in names.split()}


def newest(rows, key="DeviceId"):
    return [max(of, key=lambda r: r["Timestamp"]) for of in group(rows, lambda r: r[key]).values()]


def by_time(rows):
    return sorted(rows, key=lambda r: r["T"])


class Data(dict):
    """Tables by short names; T is the time in ticks."""
    def __getattr__(self, name):
        return self[name]


# ---- the queries

def encoded_powershell(d):
    return [pick(r, "Timestamp DeviceId DeviceName AccountName ProcessCommandLine InitiatingProcessFileName")
            for r in d.P if r["T"] > ago(7) and r["FileName"].lower() in ("powershell.exe", "pwsh.exe")
            and (has(r["ProcessCommandLine"], "-EncodedCommand") or re.search(r"-enc(?![a-z0-9])", r["ProcessCommandLine"], re.I))]


def children_of_archivers(d):
    return [pick(r, "DeviceName FileName ProcessCommandLine InitiatingProcessCommandLine") for r in d.P
            if r["InitiatingProcessFileName"].lower() in ("winrar.exe", "7zfm.exe")
            and r["FileName"].lower() in ("cmd.exe", "powershell.exe", "wscript.exe")]


def vulnerable_archiver(d):
    of = group([r for r in d.V if r["CveId"] in ("CVE-2023-38831", "CVE-2023-40477")], lambda r: (r["DeviceId"], r["DeviceName"]))
    return [{"DeviceId": i, "DeviceName": n, "Holes": sorted({r["CveId"] for r in rows}),
             "Versions": len({r["SoftwareVersion"] for r in rows})} for (i, n), rows in sorted(of.items(), key=lambda x: x[0][1])]


def call_home(d):
    of = group([r for r in d.N if r["RemoteIPType"] == "Public" and r["InitiatingProcessFileName"].lower() == "rundll32.exe"],
               lambda r: (r["DeviceName"], r["RemoteIP"], r["RemoteUrl"]))
    out = []
    for (name, address, url), rows in of.items():
        first, last = min(r["T"] for r in rows), max(r["T"] for r in rows)
        out.append({"DeviceName": name, "RemoteIP": address, "RemoteUrl": url, "Calls": len(rows), "First": when(first),
                    "Last": when(last), "Minutes": last // (60 * TICKS) - first // (60 * TICKS)})
    return out


def rare_destinations(d):
    of = group([r for r in d.N if r["T"] > ago(28) and r["RemoteUrl"]], lambda r: r["RemoteUrl"])
    out = [{"RemoteUrl": u, "Devices": len({r["DeviceId"] for r in rows}), "Connections": len(rows)} for u, rows in of.items()]
    return sorted([r for r in out if r["Devices"] < 5], key=lambda r: (r["Devices"], r["RemoteUrl"]))


def connections_by_day(d):
    out = []
    for day, rows in sorted(group([r for r in d.N if r["T"] > ago(28)], lambda r: r["T"] // DAY).items()):
        failed = sum(r["ActionType"] == "ConnectionFailed" for r in rows)
        out.append({"Timestamp": when(day * DAY), "Connections": len(rows), "Failed": failed,
                    "Share": round(100.0 * failed / len(rows), 2)})
    return out


def ports(d):
    of = collections.Counter((r["RemotePort"], r["Protocol"]) for r in d.N)
    return [{"RemotePort": p, "Protocol": x, "Connections": n} for (p, x), n in of.most_common(5)]


def private(address):
    parts = [int(x) for x in address.split(".")]
    return parts[0] == 10 or parts[:2] == [192, 168] or (parts[0] == 172 and 16 <= parts[1] < 32)


def private_peers(d):
    of = group([r for r in d.N if private(r["RemoteIP"]) and r["ActionType"] == "ConnectionSuccess"], lambda r: r["DeviceName"])
    out = [{"DeviceName": n, "Peers": len({r["RemoteIP"] for r in rows}), "Ports": sorted({r["RemotePort"] for r in rows})}
           for n, rows in of.items()]
    return [r for r in out if r["Peers"] > 5]


def smb_and_rdp(d):
    of = collections.Counter(({445: "SMB", 3389: "RDP"}[r["RemotePort"]], r["LocalIP"]) for r in d.N
                             if r["RemotePort"] in (445, 3389))
    return [{"Service": s, "LocalIP": a, "count_": n} for (s, a), n in of.items()]


def failed_logons(d):
    of = group([r for r in d.L if r["ActionType"] == "LogonFailed"], lambda r: r["DeviceName"])
    out = [{"DeviceName": n, "Failures": len(rows), "Accounts": len({r["AccountName"] for r in rows})} for n, rows in of.items()]
    return sorted([r for r in out if r["Failures"] > 3], key=lambda r: (-r["Failures"], r["DeviceName"]))


def failed_then_success(d):
    failed = group([r for r in d.L if r["ActionType"] == "LogonFailed"], lambda r: (r["DeviceId"], r["AccountName"]))
    return [{"DeviceName": r["DeviceName"], "AccountName": r["AccountName"], "FailedAt": f["Timestamp"], "Timestamp": r["Timestamp"]}
            for r in d.L if r["ActionType"] == "LogonSuccess" for f in failed[(r["DeviceId"], r["AccountName"])]
            if f["T"] <= r["T"] <= f["T"] + 60 * TICKS]


def lateral_movement(d):
    out = []
    for a in d.L:
        if a["LogonType"] != "RemoteInteractive" or not a["RemoteDeviceName"]:
            continue
        for b in d.L:
            if b["LogonType"] == "Network" and b["RemoteDeviceName"] == a["DeviceName"] and b["AccountName"] == a["AccountName"] \
                    and b["T"] > a["T"]:
                out.append({"From": a["RemoteDeviceName"], "To": a["DeviceName"], "NextTo": b["DeviceName"],
                            "ActionType": b["ActionType"], "Seconds": b["T"] // TICKS - a["T"] // TICKS})
    return sorted(out, key=lambda r: r["Seconds"])


def service_account_logons(d):
    of = group([r for r in d.L if r["AccountName"].lower().startswith("svc-")], lambda r: r["AccountName"])
    return [{"AccountName": n, "Devices": len({r["DeviceName"] for r in rows}), "Types": sorted({r["LogonType"] for r in rows})}
            for n, rows in of.items()]


def hour(row):
    return row["T"] // (3600 * TICKS) % 24


def night_work(d):
    of = collections.Counter(r["AccountName"] for r in d.P if r["AccountName"] not in ("system", "svc-deploy")
                             and r["AccountDomain"] == "contoso" and not 8 <= hour(r) < 22)
    return [{"AccountName": n, "Processes": c} for n, c in of.items()]


def weekend_logons(d):
    # 1970-01-01 was a Thursday; 0 is Sunday
    of = group([r for r in d.L if (r["T"] // DAY + 4) % 7 in (0, 6) and r["LogonType"] == "Interactive"], lambda r: r["AccountName"])
    out = [{"AccountName": n, "Logons": len(rows), "First": when(min(r["T"] for r in rows) // DAY * DAY)} for n, rows in of.items()]
    return sorted(out, key=lambda r: (-r["Logons"], r["AccountName"]))[:10]


def logon_types(d):
    out = []
    for kind, rows in group(d.L, lambda r: r["LogonType"]).items():
        failed = sum(r["ActionType"] == "LogonFailed" for r in rows)
        out.append({"LogonType": kind, "Rate": failed / len(rows), "Total": len(rows), "Failed": failed,
                    "Admins": sum(r["IsLocalAdmin"] is True for r in rows)})
    return out


def newest_report(d):
    return [pick(r, "DeviceId DeviceName OSPlatform OSVersionInfo OnboardingStatus ExposureLevel") for r in newest(d.D)]


def devices_by_platform(d):
    of = group([r for r in d.D if r["OnboardingStatus"] == "Onboarded"], lambda r: (r["OSPlatform"], r["MachineGroup"]))
    out = [{"OSPlatform": p, "MachineGroup": g, "Devices": len({r["DeviceId"] for r in rows})} for (p, g), rows in of.items()]
    return sorted(out, key=lambda r: (-r["Devices"], r["OSPlatform"], r["MachineGroup"]))


def not_onboarded(d):
    return [{"Count": sum(r["OnboardingStatus"] != "Onboarded" for r in newest(d.D))}]


def tagged_devices(d):
    of = collections.defaultdict(set)
    for r in d.D:
        for tag in json.loads(r["DeviceManualTags"] or "[]"):
            of[tag].add(r["DeviceId"])
    return [{"Tag": tag, "Devices": len(ids)} for tag, ids in of.items()]


def signed_in_users(d):
    seen = {(r["DeviceName"], u["UserName"], u["Sid"]) for r in d.D for u in json.loads(r["LoggedOnUsers"] or "[]")}
    return [{"DeviceName": n, "UserName": u, "Sid": s} for n, u, s in seen]


def internet_facing(d):
    return [{"DeviceName": n, "PublicIP": a} for n, a in {(r["DeviceName"], r["PublicIP"]) for r in d.D if r["IsInternetFacing"]}]


def duplicate_names(d):
    of = group([r for r in d.D if r["DeviceName"]], lambda r: r["DeviceName"])
    out = [{"DeviceName": n, "Ids": len({r["DeviceId"] for r in rows})} for n, rows in of.items()]
    return [r for r in out if r["Ids"] > 1]


def addresses(d):
    return [{"DeviceName": r["DeviceName"], "IP": a["IPAddress"], "Prefix": a["SubnetPrefix"], "MacAddress": r["MacAddress"]}
            for r in d.I for a in json.loads(r["IPAddresses"]) if a["IPAddress"].startswith("10.20.")]


def mac_vendors(d):
    of = collections.Counter(r["MacAddress"].replace("-", "")[:2] for r in d.I)
    return [{"Vendor": v, "Devices": n} for v, n in of.items() if n > 1]


def run_keys(d):
    return [pick(r, "Timestamp DeviceName RegistryValueName RegistryValueData InitiatingProcessFileName") for r in d.R
            if r["ActionType"] == "RegistryValueSet" and r["RegistryKey"].lower().endswith("\\currentversion\\run")
            and not has(r["RegistryValueData"], "OneDrive")]


def registry_by_process(d):
    of = collections.Counter((r["RegistryKey"].split("\\")[0], r["InitiatingProcessFileName"]) for r in d.R)
    out = [{"Hive": h, "InitiatingProcessFileName": p, "Values": n} for (h, p), n in of.items()]
    return sorted(out, key=lambda r: (-r["Values"], r["Hive"], r["InitiatingProcessFileName"]))


def downloads(d):
    def extension(row):
        found = re.search(r"\.([A-Za-z0-9]+)$", row["FileName"])
        return found.group(1).lower() if found else ""
    of = group([r for r in d.F if r["ActionType"] == "FileCreated" and has(r["FolderPath"], "Downloads")], extension)
    out = [{"Extension": e, "Files": len(rows), "Devices": len({r["DeviceId"] for r in rows})} for e, rows in of.items()]
    return sorted(out, key=lambda r: -r["Files"])


def double_extensions(d):
    return [pick(r, "DeviceName FileName FolderPath InitiatingProcessFileName") for r in d.F
            if re.search(r"\.(pdf|docx?|xlsx?)\s*\.(cmd|exe|scr|js)$", r["FileName"], re.I)]


def files_in_public(d):
    return sorted([pick(r, "DeviceName FileName SHA1 FileSize FileOriginUrl") for r in d.F
                   if r["FolderPath"].lower().startswith("c:\\users\\public\\")], key=lambda r: r["FileName"])


def deleted_and_renamed(d):
    out = []
    for name, rows in group(d.F, lambda r: r["InitiatingProcessFileName"]).items():
        of = collections.Counter(r["ActionType"] for r in rows)
        if of["FileDeleted"] + of["FileRenamed"] > 0:
            out.append({"InitiatingProcessFileName": name, "Created": of["FileCreated"], "Deleted": of["FileDeleted"],
                        "Renamed": of["FileRenamed"], "Bytes": sum(r["FileSize"] for r in rows if r["ActionType"] == "FileCreated")})
    return out


def big_files(d):
    # a file has the same size everywhere
    sizes = {r["FileName"]: r["FileSize"] for r in d.F}
    return [{"FileName": n, "Size": s, "Median": s} for n, s in sorted(sizes.items(), key=lambda x: -x[1])[:10]]


def same_file_on_many(d):
    of = group([r for r in d.F if r["SHA256"]], lambda r: r["SHA256"])
    files = [(len({r["FileName"] for r in rows}), len({r["DeviceId"] for r in rows})) for rows in of.values()]
    return [{"Names": n, "Files": len(rows), "Most": max(m for _, m in rows)} for n, rows in group(files, lambda x: x[0]).items()]


def unusual_libraries(d):
    return [pick(r, "DeviceName FileName FolderPath InitiatingProcessFileName InitiatingProcessCommandLine") for r in d.M
            if not r["FileName"].lower().endswith(".dll")]


def libraries_by_process(d):
    out = []
    for name, rows in group(d.M, lambda r: r["InitiatingProcessFileName"]).items():
        files = {r["FileName"] for r in rows}
        out.append({"InitiatingProcessFileName": name, "Count": len(files), "Has": "amsi.dll" in files})
    return out


def fields(row):
    return json.loads(row["AdditionalFields"] or "{}")


def antivirus_detections(d):
    of = collections.Counter((fields(r)["ThreatName"], fields(r)["WasRemediated"]) for r in d.E
                             if r["ActionType"] == "AntivirusDetection")
    return [{"ThreatName": n, "Remediated": b, "Detections": c} for (n, b), c in of.items()]


def scheduled_tasks(d):
    of = group([r for r in d.E if r["ActionType"].startswith("ScheduledTask")], lambda r: r["ActionType"])
    return [{"ActionType": a, "Tasks": len({fields(r)["TaskName"].split("\\")[-1] for r in rows}),
             "Devices": len({r["DeviceId"] for r in rows})} for a, rows in of.items()]


def cleared_logs(d):
    return [{"DeviceName": e["DeviceName"], "Command": p["ProcessCommandLine"], "ActionType": e["ActionType"]}
            for e in d.E if e["ActionType"] == "SecurityLogCleared" for p in d.P
            if p["DeviceId"] == e["DeviceId"] and p["ProcessId"] == e["InitiatingProcessId"]
            and e["T"] - 10 * TICKS <= p["T"] <= e["T"]]


def dns_queries(d):
    return [{"DeviceName": r["DeviceName"], "Query": fields(r)["DnsQueryString"], "Answer": fields(r)["DnsQueryResult"],
             "Domain": ".".join(fields(r)["DnsQueryString"].split(".")[-2:])} for r in d.E if r["ActionType"] == "DnsQueryResponse"]


def usb_drives(d):
    of = group([r for r in d.E if r["ActionType"] == "UsbDriveMounted" and has(fields(r)["ProductName"], "DataStick")],
               lambda r: r["DeviceName"])
    return [{"DeviceName": n, "Mounts": len(rows), "Products": len({fields(r)["ProductName"] for r in rows})}
            for n, rows in of.items() if len(rows) > 1]


def lsass(d):
    return [{"DeviceName": r["DeviceName"], "InitiatingProcessFileName": r["InitiatingProcessFileName"],
             "Access": fields(r)["DesiredAccess"]} for r in d.E if r["ActionType"] == "OpenProcessApiCall"
            and r["FileName"].lower() == "lsass.exe" and fields(r)["DesiredAccess"] & 0x10]


def alerts_by_severity(d):
    of = collections.Counter(r["Severity"] for r in d.A)
    order = {"High": 1, "Medium": 2, "Low": 3}
    return [{"Severity": s, "Alerts": n} for s, n in sorted(of.items(), key=lambda x: order.get(x[0], 4))]


def alerted_devices(d):
    of = collections.defaultdict(list)
    for a in d.A:
        for e in d.X:
            if a["Severity"] in ("High", "Medium") and e["EntityType"] == "Machine" and e["AlertId"] == a["AlertId"]:
                of[(e["DeviceId"], e["DeviceName"])].append(a)
    return [{"DeviceId": i, "DeviceName": n, "Alerts": len({r["AlertId"] for r in rows}), "Titles": sorted({r["Title"] for r in rows})}
            for (i, n), rows in of.items()]


def techniques(d):
    of = collections.defaultdict(set)
    for a in d.A:
        for text in json.loads(a["AttackTechniques"] or "[]"):
            of[re.search(r"\((T[0-9.]+)\)", text).group(1)].add(a["AlertId"])
    return [{"Id": i, "Alerts": len(ids)} for i, ids in sorted(of.items())]


def evidence_kinds(d):
    of = collections.Counter((r["EntityType"], r["EvidenceRole"]) for r in d.X)
    return [{"EntityType": e, "EvidenceRole": r, "count_": n} for (e, r), n in of.items()]


def alert_to_process(d):
    run = {(r["DeviceId"], r["ProcessCommandLine"]) for r in d.P}
    alerted = {(r["DeviceId"], r["SHA1"], r["ProcessCommandLine"]) for r in d.X if r["EntityType"] == "Process"}
    return [{"DeviceId": i, "SHA1": s, "ProcessCommandLine": c} for i, s, c in alerted if (i, c) in run]


def quiet_devices(d):
    busy = {r["DeviceId"] for r in d.P}
    return [{"DeviceId": i, "DeviceName": n} for i, n in {(r["DeviceId"], r["DeviceName"]) for r in d.D} if i not in busy]


def devices_with_events(d):
    busy = {r["DeviceId"] for r in d.E}
    return [{"Count": len({r["DeviceId"] for r in d.D if r["OnboardingStatus"] == "Onboarded" and r["DeviceId"] in busy})}]


def software_versions(d):
    of = group([r for r in d.S if r["SoftwareVendor"] == "google" and r["SoftwareName"] == "chrome"],
               lambda r: int(r["SoftwareVersion"].split(".")[0]))
    return [{"Major": m, "Devices": len({r["DeviceId"] for r in rows})} for m, rows in sorted(of.items(), reverse=True)]


def old_versions(d):
    def version(text):
        return [int(x) for x in (text.split(".") + ["0"] * 4)[:4]]
    return sorted([pick(r, "DeviceName SoftwareVersion") for r in d.S if r["SoftwareName"] == "winrar"
                   and version(r["SoftwareVersion"]) < version("6.23")], key=lambda r: r["DeviceName"])


def end_of_support(d):
    groups = {r["DeviceId"]: r["MachineGroup"] for r in newest(d.D)}
    of = group([r for r in d.S if r["EndOfSupportStatus"]], lambda r: (r["SoftwareName"], groups.get(r["DeviceId"], "")))
    return [{"SoftwareName": n, "MachineGroup": g, "Devices": len({r["DeviceId"] for r in rows})} for (n, g), rows in of.items()]


def exploitable(d):
    score = {r["CveId"]: float(r["CvssScore"]) for r in d.K if r["IsExploitAvailable"]}
    of = group([r for r in d.V if r["CveId"] in score], lambda r: r["CveId"])
    out = [{"CveId": c, "Devices": len({r["DeviceId"] for r in rows}), "Score": score[c]} for c, rows in of.items()]
    return sorted(out, key=lambda r: (-r["Score"], r["CveId"]))


def weak_settings(d):
    name = {r["ConfigurationId"]: r["ConfigurationName"] for r in d.G}
    of = group([r for r in d.C if r["IsApplicable"] and not r["IsCompliant"]], lambda r: name[r["ConfigurationId"]])
    out = [{"ConfigurationName": n, "Devices": len({r["DeviceId"] for r in rows}), "Impact": sum(r["ConfigurationImpact"] for r in rows)}
           for n, rows in of.items()]
    return sorted(out, key=lambda r: (-r["Devices"], r["ConfigurationName"]))


def unsigned_programs(d):
    runs = collections.Counter((r["SHA1"], r["FileName"]) for r in d.P)
    out = collections.defaultdict(lambda: [set(), 0])
    for c in d.Z:
        for (sha1, name), count in runs.items():
            if not c["IsSigned"] and sha1 == c["SHA1"]:
                out[name][0].add(c["DeviceId"])
                out[name][1] = max(out[name][1], count)
    return [{"FileName": n, "Devices": len(ids), "Runs": count} for n, (ids, count) in out.items()]


def signers(d):
    of = group([r for r in d.Z if r["IsSigned"]], lambda r: r["Signer"])
    out = [{"Signer": s, "Programs": len({r["SHA1"] for r in rows}), "Microsoft": sum(r["IsRootSignerMicrosoft"] for r in rows)}
           for s, rows in of.items()]
    return sorted(out, key=lambda r: (-r["Programs"], r["Signer"]))


def program_prevalence(d):
    total = len({r["DeviceId"] for r in d.P})
    out = []
    for name, rows in group(d.P, lambda r: r["FileName"]).items():
        devices = len({r["DeviceId"] for r in rows})
        percent = math.floor(1000.0 * devices / total + .5) / 10
        if percent < 30:
            out.append({"FileName": name, "Devices": devices, "Percent": percent})
    return sorted(out, key=lambda r: (r["Percent"], r["FileName"]))


def process_tree(d):
    first = min(r["T"] for r in d.P if r["FileName"] == "WinRAR.exe")
    out = [{"Parent": r["InitiatingProcessFileName"], "Child": r["FileName"], "Second": r["T"] // TICKS - first // TICKS}
           for r in d.P if r["DeviceName"].startswith("fin-lt-014") and r["ProcessId"] >= 9000]
    return sorted(out, key=lambda r: (r["Second"], r["Child"]))


def long_commands(d):
    out = []
    for name, rows in group(d.P, lambda r: r["FileName"]).items():
        lengths = [len(r["ProcessCommandLine"]) for r in rows]
        if max(lengths) > 60:
            out.append({"FileName": name, "Longest": max(lengths), "Average": sum(lengths) / len(lengths),
                        "Deviation": statistics.stdev(lengths) if len(lengths) > 1 else 0.0})
    return out


def paths(d):
    def drive(row):
        return row["FolderPath"][:2] if re.match("[A-Z]:", row["FolderPath"]) else "/"
    of = group(d.P, drive)
    return [{"Drive": x, "Programs": len({r["FolderPath"] for r in rows}),
             "Deepest": max(len(r["FolderPath"].split("/" if x == "/" else "\\")) for r in rows)} for x, rows in of.items()]


def all_events(d):
    of = collections.Counter((name, r["ActionType"]) for name, rows in (
        ("DeviceProcessEvents", d.P), ("DeviceNetworkEvents", d.N), ("DeviceFileEvents", d.F), ("DeviceRegistryEvents", d.R))
        for r in rows if r["T"] > ago(1))
    return [{"Source": s, "ActionType": a, "Events": n} for (s, a), n in of.items()]


def timeline(d):
    mine = [[r for r in rows if r["DeviceName"] == "fin-lt-014.corp.contoso.com"] for rows in (d.P, d.F, d.R)]
    out = [(r["T"], r["ProcessCommandLine"]) for r in mine[0] if r["ProcessId"] >= 9000]
    out += [(r["T"], r["FileName"]) for r in mine[1] if r["FileName"] in ("cfg.dat", "debug.bin")]
    out += [(r["T"], r["RegistryKey"]) for r in mine[2] if r["RegistryValueName"] == "Updater"]
    return [{"Time": when(time)[11:19], "What": what} for time, what in sorted(out)]


def hour_of_day(d):
    of = collections.Counter(hour(r) for r in d.P if r["ProcessIntegrityLevel"] != "System")
    return [{"Hour": h, "Processes": n} for h, n in sorted(of.items())]


def first_seen(d):
    out = []
    for name, rows in group(d.P, lambda r: r["FileName"]).items():
        days = (max(r["T"] for r in rows) - min(r["T"] for r in rows)) / DAY
        if days < 20:
            out.append({"FileName": name, "Days": round(days, 3),
                        "Devices": len({r["DeviceId"] for r in rows if r["ProcessIntegrityLevel"] == "System"})})
    return out


def indicators(d):
    of = collections.Counter((r["DeviceName"], r["RemoteIP"]) for r in d.N
                             if r["RemoteIP"] in ("198.51.100.77", "203.0.113.250") or has(r["RemoteUrl"], "cdn-update.example.net"))
    return [{"DeviceName": n, "RemoteIP": a, "Hits": c} for (n, a), c in of.items()]


def mail_to_device(d):
    mails = {r["NetworkMessageId"]: r for r in d.W if r["EmailDirection"] == "Inbound"}
    out = []
    for a in d.B:
        mail = mails.get(a["NetworkMessageId"])
        if mail is None or not a["FileName"].endswith(".zip"):
            continue
        for f in [f for f in d.F if f["SHA256"] == a["SHA256"]] or [{"DeviceName": ""}]:
            out.append({"RecipientEmailAddress": a["RecipientEmailAddress"], "Subject": mail["Subject"],
                        "SenderFromDomain": mail["SenderFromDomain"], "DeviceName": f["DeviceName"]})
    return out


def mail_domains(d):
    out = [{"SenderFromDomain": s, "Mails": len(rows), "Recipients": len({r["RecipientEmailAddress"] for r in rows}),
            "WithLinks": sum(r["UrlCount"] > 0 for r in rows)} for s, rows in group(d.W, lambda r: r["SenderFromDomain"]).items()]
    return sorted(out, key=lambda r: (-r["Mails"], r["SenderFromDomain"]))


def risky_people(d):
    failures = collections.Counter(r["AccountObjectId"] for r in d.Y if r["ErrorCode"] != 0)
    return [{"AccountUpn": r["AccountUpn"], "AccountDisplayName": r["AccountDisplayName"], "Failures": failures[r["AccountObjectId"]]}
            for r in d.H if r["Department"] == "Finance" and r["IsAccountEnabled"] and r["AccountObjectId"] in failures]


def sign_in_applications(d):
    return [{"Application": a, "SignIns": len(rows), "Failures": sum(r["ErrorCode"] == 50126 for r in rows),
             "Countries": ",".join(sorted({r["Country"] for r in rows}))} for a, rows in group(d.Y, lambda r: r["Application"]).items()]


def local_admins(d):
    of = group([r for r in d.L if r["IsLocalAdmin"] and r["ActionType"] == "LogonSuccess"], lambda r: (r["AccountName"], r["DeviceName"]))
    return [{"Admin": a, "Host": h, "list_LogonType": sorted(r["LogonType"] for r in rows)} for (a, h), rows in of.items()]


def hashes(d):
    return [{"HashLengths": [40, 64, 32], "Same": True}]


def baseline(d):
    recent = {r["FileName"] for r in d.P if r["T"] > ago(7)}
    before = {r["FileName"] for r in d.P if ago(28) <= r["T"] <= ago(7)}
    return [{"FileName": n} for n in sorted(recent - before)]


def busiest_hours(d):
    of = collections.Counter(r["T"] // (3600 * TICKS) for r in d.N if r["T"] > ago(7))
    mean = sum(of.values()) / len(of)
    busy = [n for n in of.values() if n > 2 * mean]
    return [{"Hours": len(busy), "Most": max(busy)}]


def schema_of_alerts(d):
    names = ["Timestamp", "AlertId", "Title", "Category", "Severity", "ServiceSource", "DetectionSource", "AttackTechniques"]
    return [{"ColumnName": n, "ColumnOrdinal": i, "ColumnType": "datetime" if i == 0 else "string"} for i, n in enumerate(names)]


def file_profile(d):
    signers = {r["SHA1"]: r["Signer"] for r in d.Z}
    of = collections.Counter((r["SHA1"], r["FileName"]) for r in d.P if r["T"] > ago(28))
    return [{"FileName": n, "Runs": c, "IsCertificateValid": False, "ProfileAvailability": "Available"}
            for (s, n), c in of.items() if not signers.get(s) and n not in ("Safari", "launchd", "zsh")]


def rare_files(d):
    threats = {"cfg.dat": "Trojan:Win64/Loadcfg.A"}
    return [{"FileName": r["FileName"], "ThreatName": threats.get(r["FileName"], ""), "SignatureState": "Unsigned", "Rare": True}
            for r in d.F if r["FolderPath"].startswith("C:\\Users\\Public\\")]


def seen_by(d):
    return [{"OnboardingStatus": "Onboarded", "Seen": 2 * sum(r["OnboardingStatus"] != "Onboarded" for r in newest(d.D))}]


def device_from_ip(d):
    of = {a["IPAddress"]: r["DeviceId"] for r in d.I for a in json.loads(r["IPAddresses"])}
    return [{"IP": r["RemoteIP"], "DeviceId": of[r["RemoteIP"]]} for r in d.L if r["LogonType"] == "RemoteInteractive"]


def assigned_addresses(d):
    return [{"IPAddress": a["IPAddress"], "IPType": "Private"} for r in d.I if r["DeviceName"] == "fin-lt-014.corp.contoso.com"
            for a in json.loads(r["IPAddresses"])]


def parsed_commands(d):
    out = []
    for r in d.P:
        if r["FileName"] == "rundll32.exe":
            program, library, entry = re.match(r"(.*?) (.*?),(.*)$", r["ProcessCommandLine"]).groups()
            out.append({"DeviceName": r["DeviceName"], "Program": program, "Library": library, "Entry": entry})
    return out


def own_functions(d):
    runs = collections.Counter(r["FileName"] for r in d.P)
    rows = [r for r in d.P if runs[r["FileName"]] > 100]
    return [{"Programs": len({r["FolderPath"].split("\\")[-1] for r in rows}), "Runs": len(rows)}]


def logon_gaps(d):
    times = sorted(r["T"] for r in d.L if r["DeviceName"].startswith("fin-lt-014") and r["ActionType"] == "LogonSuccess")
    return [{"Logons": len(times), "Longest": max(b - a for a, b in zip(times, times[1:])) // TICKS}]


def software_per_platform(d):
    of = collections.defaultdict(lambda: {"google": set(), "microsoft": set()})
    for r in d.S:
        if r["SoftwareVendor"] in ("google", "microsoft"):
            of[r["OSPlatform"]][r["SoftwareVendor"]].add(r["DeviceId"])
    return [{"OSPlatform": p, "google": len(v["google"]), "microsoft": len(v["microsoft"])} for p, v in of.items()]


def event_fields(d):
    of = collections.Counter(fields(r)["ThreatName"] for r in d.E if r["ActionType"] == "AntivirusDetection")
    return [{"ThreatName": n, "Detections": c} for n, c in of.items()]


def top_ports_per_device(d):
    out = []
    for name, rows in group([r for r in d.N if r["DeviceName"].startswith("srv-")], lambda r: r["DeviceName"]).items():
        out.append({"DeviceName": name, "Connections": max(collections.Counter(r["RemotePort"] for r in rows).values())})
    return out


def technique_names(d):
    of = collections.Counter("; ".join(sorted(re.match(r"(.*?) \(", x).group(1) for x in json.loads(a["AttackTechniques"])))
                             for a in d.A if a["AttackTechniques"])
    return [{"Names": n, "Alerts": c} for n, c in of.items()]


def daily_detections(d):
    start, end = ago(7) // DAY * DAY, ago(0) // DAY * DAY
    return [{"Days": 7, "Total": sum(r["ActionType"] == "PowerShellCommand" and start <= r["T"] < end for r in d.E)}]


def needle(d):
    return [{"$table": name, "Rows": count} for name, count in (
        ("DeviceProcessEvents", sum(has(r["ProcessCommandLine"], "Updater") or has(r["InitiatingProcessCommandLine"], "Updater")
                                    for r in d.P)),
        ("DeviceRegistryEvents", sum(has(r["RegistryValueName"], "Updater") for r in d.R))) if count]


# ---- running and comparing

def plain(value):
    """Comparable: floats rounded, lists that are sets of texts kept as they are."""
    if isinstance(value, float):
        return float("%.9g" % value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float("%.9g" % value) if abs(value) < 2 ** 53 else value
    return [plain(v) for v in value] if isinstance(value, list) else value


def canonical(rows, ordered):
    out = [json.dumps({k: plain(v) for k, v in row.items()}, sort_keys=True) for row in rows]
    return out if ordered else sorted(out)


SHORT = {"P": "DeviceProcessEvents", "N": "DeviceNetworkEvents", "F": "DeviceFileEvents", "L": "DeviceLogonEvents",
         "R": "DeviceRegistryEvents", "M": "DeviceImageLoadEvents", "E": "DeviceEvents", "D": "DeviceInfo", "I": "DeviceNetworkInfo",
         "Z": "DeviceFileCertificateInfo", "S": "DeviceTvmSoftwareInventory", "V": "DeviceTvmSoftwareVulnerabilities",
         "K": "DeviceTvmSoftwareVulnerabilitiesKB", "C": "DeviceTvmSecureConfigurationAssessment",
         "G": "DeviceTvmSecureConfigurationAssessmentKB", "A": "AlertInfo", "X": "AlertEvidence", "W": "EmailEvents",
         "B": "EmailAttachmentInfo", "H": "IdentityInfo", "Y": "EntraIdSignInEvents"}


def dump(sim):
    data = Data()
    for short, name in SHORT.items():
        columns = TABLES[name].split()
        text = name + (" | project " + ", ".join(columns) if columns else "")
        answer = sim.api("POST", "/v1.0/security/runHuntingQuery", {"Query": text}, t.GRAPH)
        data[short] = answer.json["results"]
        for row in data[short]:
            row["T"] = ticks(row["Timestamp"]) if row.get("Timestamp") else None
    return data


def check(name, result, data, span):
    with open(os.path.join(DATA, name + ".kql"), encoding="utf-8") as file:
        last = [line for line in file.read().splitlines() if line.startswith("| ")]
    ordered = any(line.startswith(("| sort", "| order", "| top")) for line in last[-3:])
    if not result.get("ok"):
        t.ok(False, name)
        t.note(result.get("error"))
        return
    got = canonical(result["rows"], ordered)
    # The query ran at some instant in between: a row at the edge of ago() may be in or out.
    for Clock.ticks in span:
        want = canonical(globals()[name.replace("-", "_")](data), ordered)
        if got == want:
            break
    t.ok(got == want and got != [], "%s (%d rows)" % (name, len(got)))
    for row in [r for r in got if r not in want][:3]:
        t.note("got    " + row)
    for row in [r for r in want if r not in got][:3]:
        t.note("wanted " + row)


if __name__ == "__main__":
    names = sorted(os.path.basename(path)[:-4] for path in glob.glob(os.path.join(DATA, "*.kql")))
    with t.Sim("--window-scale", "0", "--hunting-rows", "20000") as sim:
        words = [word for name in names for word in ("-c", "query --show @" + os.path.join(DATA, name + ".kql"))]
        begun = now()
        run = t.Home(sim, scale=0).cordon("-k", "-o", "json", *words)
        results = run.json
        t.eq(len(results), len(names), "each query is answered")
        span, data = (begun, now()), dump(sim)
        for name, result in zip(names, results):
            check(name, result, data, span)
    t.done()
