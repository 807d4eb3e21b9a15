"""Any change of a journal is found by `log verify`: every byte changed, taken out or put in, every line taken out, doubled or
moved. A journal that was shortened, or written anew with right sums, is found by its head. `--full`: every byte in several
ways."""

import hashlib
import json
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab
import scenarios
import cordon_test as t

BATCH = 4000


def byte_edits(text, full):
    for at in range(0, len(text), 1 if full else 9):
        byte = text[at]
        others = {byte ^ 1, byte ^ 0x20, byte ^ 0x80, 0x0a, 0x00, 0x20} if full else {byte ^ (1, 0x20)[at % 2]}
        for other in sorted(others - {byte}):
            yield "byte %d changed to 0x%02x" % (at, other), text[:at] + bytes([other]) + text[at + 1:]
        if full or at % 2:
            yield "byte %d taken out" % at, text[:at] + text[at + 1:]
            yield "a byte put in at %d" % at, text[:at] + b"0" + text[at:]


def line_edits(text, foreign):
    lines = text.splitlines(True)
    for at in range(len(lines)):
        if at < len(lines) - 1:
            yield "line %d taken out" % (at + 1), b"".join(lines[:at] + lines[at + 1:])
            yield "lines %d and %d swapped" % (at + 1, at + 2), \
                b"".join(lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:])
        yield "line %d doubled" % (at + 1), b"".join(lines[:at + 1] + lines[at:])
        yield "a foreign line put in at %d" % (at + 1), b"".join(lines[:at] + [foreign] + lines[at:])
        yield "a blank line put in at %d" % (at + 1), b"".join(lines[:at] + [b"\n"] + lines[at:])
    yield "the last line torn", text[:-20]
    yield "emptied", b""


def signed(record, previous):
    """The record's line as cordon writes it, and its sum."""
    record = {k: previous if k == "prev" else v for k, v in record.items() if k != "sum"}
    body = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    digest = hashlib.sha256(body).hexdigest()
    return body + b',"sum":"' + digest.encode() + b'"}\n', digest


def written_anew(text, change):
    """The whole chain made again after a change of the records: sums are right."""
    out, previous = b"", ""
    for line in text.splitlines():
        line, previous = signed(change(json.loads(line)), previous)
        out += line
    return out


def verify(room, files, *more):
    """Whether `log verify FILE` finds each file (name -> bytes) whole."""
    script = room.home.write("script", "\n".join("log verify edits/%d %s" % (i, " ".join(more))
                                                 for i in range(len(files))) + "\n")
    for i, name in enumerate(files):
        room.home.write("edits/%d" % i, files[name])
    run = room.home.cordon("-k", "-o", "json", "-f", script)
    return dict(zip(files, [answer["ok"] for answer in run.json]))


def verify_all(edits):
    """The same by a plain `log verify`, which looks into all files of a directory of their own."""
    home = t.Home()
    found, names = {}, list(edits)
    for begin in range(0, len(names), BATCH):
        shutil.rmtree(os.path.join(home.dir, "state", "cordon"), True)
        paths = {name: home.path("state/cordon/log/20000101-000000.000-%d.jsonl" % i)
                 for i, name in enumerate(names[begin:begin + BATCH])}
        for name, path in paths.items():
            with open(path, "wb") as file:
                file.write(edits[name])
        answer = home.cordon("-o", "json", "-c", "log verify").json[0]
        faulty = {fault["file"] for fault in answer["faults"]}
        found.update({name: path not in faulty for name, path in paths.items()})
    return found


def main(arguments):
    full = "--full" in arguments
    begun = time.monotonic()
    room = lab.Lab(scenarios.Isolate("edits", "isolate full"))
    room.cordon(*room.scenario.command(room))
    room.cordon("note 'the next session'")
    logs = [path for path in room.log_files() if path.endswith(".jsonl")]
    text, foreign = [open(path, "rb").read() for path in logs]
    heads = [json.loads(line)["sum"] for line in text.splitlines()]
    t.eq(verify(room, {"": text}), {"": True}, "a journal of %d bytes is whole" % len(text))
    t.eq(written_anew(text, lambda record: record), text, "and this test can write one")

    edits = dict(byte_edits(text, full))
    found = verify_all(edits)
    t.eq(len(found), len(edits), "%d edits of bytes" % len(edits))
    t.eq([name for name, whole in found.items() if whole], [], "each is found")
    edits = dict(line_edits(text, foreign.splitlines(True)[1]))
    found = verify(room, edits)
    t.ok(len(found) == len(edits), "%d edits of lines" % len(edits))
    t.eq([name for name, whole in found.items() if whole], [], "each is found")

    # what only a head tells
    lines = text.splitlines(True)
    short = {"%d lines left" % n: b"".join(lines[:n]) for n in range(1, len(lines))}
    t.eq(set(verify(room, short).values()), {True}, "a journal shortened by whole lines looks whole by itself")
    t.eq(set(verify(room, short, "--head", heads[-1]).values()), {False}, "but not with its head")
    t.eq([verify(room, {"": text}, "--head", head)[""] for head in (heads[0], heads[len(heads) // 2])], [True, True],
         "an earlier head is found in what was not changed")
    forged = {"": written_anew(text, lambda r: dict(r, outcome="refused") if r["type"] == "action.result" else r)}
    t.eq(verify(room, forged), {"": True}, "a journal written anew looks whole by itself")
    t.eq(verify(room, forged, "--head", heads[-1]), {"": False}, "but not with its head")

    # and what the next session tells
    def all_is_whole(change):
        with open(logs[0], "wb") as file:
            file.write(change)
        return room.home.cordon("-c", "log verify").status == 0
    t.ok(all_is_whole(text), "all logs are whole")
    t.ok(not all_is_whole(b"".join(lines[:-1])), "one that was shortened shows: the next session names its head")
    t.ok(not all_is_whole(forged[""]), "one that was written anew shows")
    os.unlink(logs[0])
    t.ok(room.home.cordon("-c", "log verify").status == 1, "one that is gone shows")
    t.eq(room.breaches, [], "the job itself was in order")
    t.note("%.0f s" % (time.monotonic() - begun))
    room.close()
    t.done()


if __name__ == "__main__":
    main(sys.argv[1:])
