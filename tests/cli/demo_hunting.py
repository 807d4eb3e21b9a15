#!/usr/bin/env python3
"""`cordon --demo -c 'query --show @FILE'`: every table of the schema is there with its columns, a search over all of them
answers, and hunting queries give what Python makes of the demonstration's own rows. All in one session, since each
demonstration is a tenant of its own. Without HUNTING=all those queries are left out that read the large tables."""

import glob
import json
import os
import re

import cordon_test as t
import hunting_queries as h

LARGE = {"P", "N", "F", "L", "M"}


def texts_of(name):
    with open(os.path.join(h.DATA, name + ".kql"), encoding="utf-8") as file:
        return file.read()


def reads_large(name):
    return any(re.search(r"\b%s\b" % h.SHORT[short], texts_of(name)) for short in LARGE)


def ask(home, texts):
    words = [word for text in texts for word in ("-c", "query --show " + text)]
    return home.cordon("--demo", "-k", "-q", "-o", "json", *words, timeout=300).json


def whole(name):
    columns = h.TABLES[name].split()
    return name + (" | project " + ", ".join(columns) if columns else "")


if __name__ == "__main__":
    everything = os.environ.get("HUNTING") == "all"
    with open(os.path.join(h.DATA, "schema.json"), encoding="utf-8") as file:
        schema = {name: table["columns"] for name, table in json.load(file)["tables"].items() if name != "Machines"}
    names = sorted(os.path.basename(path)[:-4] for path in glob.glob(os.path.join(h.DATA, "*.kql")))
    names = [name for name in names if everything or not reads_large(name)]
    shorts = [short for short in h.SHORT if everything or short not in LARGE]
    overall = ["union withsource=T * | summarize Rows = count() by T", 'search "powershell.exe" | summarize Rows = count() by $table',
               "print a = real(nan), b = 1.0 / 0"]
    begun = h.now()
    results = ask(t.Home(), [whole(h.SHORT[short]) for short in shorts] + [name + " | getschema" for name in schema] + overall +
                  ["@" + os.path.join(h.DATA, name + ".kql") for name in names])
    span = (begun, h.now())
    t.eq(len(results), len(shorts) + len(schema) + len(overall) + len(names), "each query is answered")
    data = h.Data()
    for short, result in zip(shorts, results):
        data[short] = result["rows"]
        for row in data[short]:
            row["T"] = h.ticks(row["Timestamp"]) if row.get("Timestamp") else None
    del results[:len(shorts)]
    t.eq([name for name, result in zip(schema, results) if {r["ColumnName"]: r["ColumnType"] for r in result["rows"]} !=
          schema[name]], [], "%d tables have the columns of the schema" % len(schema))
    del results[:len(schema)]
    rows = {r["T"]: r["Rows"] for r in results[0]["rows"]}
    t.eq({h.SHORT[short]: rows[h.SHORT[short]] for short in shorts}, {h.SHORT[short]: len(data[short]) for short in shorts},
         "a union of all tables has all their rows")
    t.eq([name for name in schema if not rows.get(name)], [], "every table has rows")
    found = {r["$table"]: r["Rows"] for r in results[1]["rows"]}
    t.eq({h.SHORT[s]: found.get(h.SHORT[s], 0) for s in ("X", "A", "W")},
         {h.SHORT[s]: sum(any(h.has(str(v), "powershell.exe") for k, v in r.items() if k != "T") for r in data[s])
          for s in ("X", "A", "W")}, "a search over all tables finds its rows")
    t.eq(results[2]["rows"], [{"a": "NaN", "b": "Infinity"}], "numbers that are none are written as the service writes them")
    for name, result in zip(names, results[len(overall):]):
        h.check(name, result, data, span)
    t.done()
