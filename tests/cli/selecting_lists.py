"""Device lists through the program: exactly the devices that a careful person would read, or an error with its place."""

import os

import cordon_test as t

MACHINES = t.data("data/fleet/machines.json")
A, B, C, D = ("00a1b2c3d4e5f6000000000000000000000" + end for end in ("01eef", "03dde", "05ccd", "07bbc"))
PORTAL = ["1eef", "3dde", "5ccd", "7bbc", "9aab", "d889", "f778", "1667", "3556"]


def ends(devices):
    return sorted(device["id"][-4:] for device in devices)


def select(home, path, *options):
    run = home.cordon("-o", "json", "-c", " ".join(["select --csv", path] + list(options)), "-c", "list")
    return run, run.json[0], run.json[1]["devices"] if len(run.json) > 1 else []


def check(home, path, wanted, status=0, unresolved=(), ambiguous=(), options=()):
    run, answer, devices = select(home, path, *options)
    name = os.path.basename(path)
    t.eq(ends(devices), sorted(wanted), name + ": its devices")
    t.eq(run.status, status, name + ": status")
    t.eq([e["line"] for e in answer.get("unresolved", [])], list(unresolved), name + ": lines of what is unresolved")
    t.eq([e["line"] for e in answer.get("ambiguous", [])], list(ambiguous), name + ": lines of what is ambiguous")


def check_error(home, path, line, column, words):
    run, answer, _ = select(home, path)
    name = os.path.basename(path)
    t.ok(run.status in (1, 2), name + ": fails")
    t.eq((answer["error"]["line"], answer["error"]["column"]), (line, column), name + ": with its place")
    t.has(answer["error"]["message"], words, name + ": and why")


with t.Sim("--machines", MACHINES, "--window-scale", 0) as sim:
    home = t.Home(sim, scale=0)

    def fixture(name):
        return t.data("data/fleet/csv/" + name)

    for name in ("portal_devices_utf8_bom_crlf.csv", "portal_devices_semicolon_bom.csv", "portal_devices_sep_line.csv",
                 "portal_devices_utf16le_bom.csv", "ah_export_devicename_deviceid.csv"):
        check(home, fixture(name), PORTAL)
    check(home, fixture("seed_name_column.csv"), [d for d in PORTAL if d != "f778"])
    check(home, fixture("headerless_ids.txt"), ["1eef", "3dde", "9aab"])
    check(home, fixture("formula_injection_names.csv"), ["1eef", "3dde", "5ccd"])
    # The second row's name is one that a host could have, and not the one that its id's device has.
    check(home, fixture("quoted_newline_and_comma.csv"), ["1eef"], 4, ambiguous=[4])
    check(home, fixture("quoted_newline_and_comma.csv"), ["1eef", "3dde"], options=['--column "Device ID"'])
    check_error(home, fixture("empty_file.csv"), 1, 1, "empty")

    def written(name, text, encoding="utf-8"):
        return home.write(name, text.encode(encoding))

    check(home, written("swapped.csv", "DeviceId,DeviceName\n%s,ws-0002\n%s,lnx-0003\n" % (A, C)), ["5ccd"], 4,
          ambiguous=[2])
    # A quoted word is a literal name, never a pattern.
    for line, status in (("select ws-000*", 0), ("select 'ws-000*'", 4), ('device "ws-000?"', 1)):
        t.eq(home.cordon("-c", line).status, status, line)
    check(home, written("stars.csv", "Name\n*\nws-*\nws-000?\nws-0001\n"), ["1eef"], 4, unresolved=[2, 3, 4])
    check(home, written("cr.csv", "\ufeffsep=\t\rDEVICE_NAME \tOS\rWS-0001.\tx\r\r\rCORP\\lnx-0003$\ty", "utf-16"),
          ["1eef", "5ccd"])
    check(home, written("latin.csv", "Gruppe;Hostname\nB\u00fcro;M\u00dcNCHEN-0007\n", "cp1252"), ["d889"])
    check(home, written("remarks.txt", "# he said \"all, of them\"\nws-0001 # first\n\n%s\n" % B.upper()), ["1eef", "3dde"])
    check(home, written("shifted.csv", "Name,Software\nws-0001,a, b\nlnx-0003,c\n"), ["5ccd"], 4, unresolved=[2])
    check(home, written("titles.csv", "Device ID,Device Name\r\n"), [])
    check_error(home, written("quote.csv", "Name,x\nws-0001,a\nws-0002,\"b\nlnx-0003,c\n"), 3, 9, "quote")
    check_error(home, written("after.csv", "Name,x\r\n\u00fc,\"a\"b\r\n"), 2, 6, "quote")
    check_error(home, home.write("odd.csv", "Name\nws".encode("utf-16") + b"x"), 2, 3, "half a character")
t.done()
