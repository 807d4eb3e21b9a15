#!/usr/bin/env python3
"""summarize against an independent computation: random rows, random keys, aggregates and filters. GROUPING=N takes another
seed; a failing one is told."""

import json
import math
import os
import random
import statistics

import cordon_test as t

SEED = int(os.environ.get("GROUPING", "4711"))
ROWS, QUERIES = 500, 120
DAY = 86400


def stamp(seconds):
    return "2026-01-%02dT%02d:%02d:%02dZ" % (1 + seconds // DAY, seconds % DAY // 3600, seconds % 3600 // 60, seconds % 60)


def make_rows(r):
    words = ["", "a", "A", "beta", "Beta", "ünï", "x y", "10", "with,comma", 'quo"te']
    rows = []
    for n in range(ROWS):
        rows.append({"n": n, "s": r.choice(words), "k": r.choice(["red", "green", "blue"]), "l": r.choice([None, r.randint(-50, 50), r.randint(-9, 9)]),
                     "r": r.choice([None, round(r.uniform(-5, 5), 3), 0.5]), "b": r.choice([True, False, None]), "w": r.randint(0, 4),
                     "t": stamp(r.randint(0, 9 * DAY)), "m": r.choice([None, ["p", "q"], ["q"], [], [1, 2], {"u": n % 3}, {"v": 1, "u": 9}])})
    return rows


def floor(value, size):
    return None if value is None else math.floor(value / size) * size


# An expression of KQL, and the same of a row here.
KEYS = [
    ("k", lambda x: x["k"]), ("s", lambda x: x["s"]), ("b", lambda x: x["b"]), ("l", lambda x: x["l"]), ("r", lambda x: x["r"]),
    ("w", lambda x: x["w"]), ("K=strcat(k, '/', w)", lambda x: "%s/%d" % (x["k"], x["w"])), ("K=bin(l, 10)", lambda x: floor(x["l"], 10)),
    ("K=l % 3", lambda x: None if x["l"] is None else x["l"] % 3), ("K=tolower(s)", lambda x: x["s"].lower()),
    ("K=bin(todatetime(t), 1d)", lambda x: x["t"][:10] + "T00:00:00.0000000Z"), ("K=isnull(r)", lambda x: x["r"] is None),
    ("K=iff(b, 'yes', 'no')", lambda x: "yes" if x["b"] else "no"), ("K=tostring(m)", lambda x: "" if x["m"] is None else json.dumps(x["m"], separators=(",", ":"))),
    ("K=n % 97", lambda x: x["n"] % 97),
]
FILTERS = [
    ("", lambda x: True), ("| where l > 0 ", lambda x: x["l"] is not None and x["l"] > 0), ("| where s has 'beta' ", lambda x: x["s"].lower() == "beta"),
    ("| where b ", lambda x: x["b"] is True), ("| where n < 40 ", lambda x: x["n"] < 40), ("| where n < 0 ", lambda x: False),
    ("| where isnotnull(r) and w != 2 ", lambda x: x["r"] is not None and x["w"] != 2),
]
CONDITIONS = [
    ("l > 3", lambda x: x["l"] is not None and x["l"] > 3), ("b", lambda x: x["b"] is True), ("k == 'red'", lambda x: x["k"] == "red"),
    ("isempty(s)", lambda x: x["s"] == ""), ("r < 0", lambda x: x["r"] is not None and x["r"] < 0),
]
LONGS = [("l", lambda x: x["l"]), ("w", lambda x: x["w"]), ("l * 2", lambda x: None if x["l"] is None else x["l"] * 2)]
NUMBERS = LONGS + [("r", lambda x: x["r"]), ("r + w", lambda x: None if x["r"] is None else x["r"] + x["w"])]
VALUES = NUMBERS + [("s", lambda x: x["s"]), ("k", lambda x: x["k"]), ("b", lambda x: x["b"]), ("t", lambda x: x["t"])]
ORDERED = NUMBERS + [("todatetime(t)", lambda x: x["t"][:-1] + ".0000000Z")]


def there(rows, value):
    return [value(x) for x in rows if value(x) is not None]


def different(values):
    return list(dict.fromkeys((type(v).__name__, v) for v in values))


def elements(values):
    return [v for _, v in different(values)]


def spread(values, population):
    if len(values) < (1 if population else 2):
        return 0.0
    return statistics.pvariance(values) if population else statistics.variance(values)


def rank(values, percent):
    values = sorted(values)
    return values[max(math.ceil(percent * len(values) / 100) - 1, 0)] if values else None


def together(a, b, population):
    count = len(a) - (0 if population else 1)
    if count < 1 or not a:
        return 0.0
    return sum((x - statistics.fmean(a)) * (y - statistics.fmean(b)) for x, y in zip(a, b)) / count


class Set(list):
    """Compared in any order."""


class Any(list):
    """One of these is right."""


def bits(values, what):
    out = None
    for value in values:
        value &= 2 ** 64 - 1
        out = value if out is None else out & value if what == "and" else out | value if what == "or" else out ^ value
    return out if out is None or out < 2 ** 63 else out - 2 ** 64


def arg(rows, value, other, best):
    rated = [x for x in rows if value(x) is not None]
    if not rated:
        return None, Any([other(x) for x in rows] or [None])
    top = best(value(x) for x in rated)
    return top, Any([other(x) for x in rated if value(x) == top])


def aggregates(r):
    """The text of some aggregates, and functions of a group's rows that give their values."""
    (text, value), (ordered, sortable), (number, amount), (long, whole) = (r.choice(of) for of in (VALUES, ORDERED, NUMBERS, LONGS))
    condition, holds = r.choice(CONDITIONS)
    percent = r.choice([1, 25, 50, 90, 99.5, 100])

    def only(rows):
        return [x for x in rows if holds(x)]

    def summed(rows):
        return sum(there(rows, amount))

    def mean(rows):
        return statistics.fmean(there(rows, amount)) if there(rows, amount) else "NaN"
    return r.sample([
        ("count()", len), ("countif(%s)" % condition, lambda g: len(only(g))),
        ("dcount(%s)" % text, lambda g: len(different(there(g, value)))),
        ("dcountif(%s, %s)" % (text, condition), lambda g: len(different(there(only(g), value)))),
        ("count_distinct(%s)" % text, lambda g: len(different(there(g, value)))),
        ("sum(%s)" % number, summed), ("sumif(%s, %s)" % (number, condition), lambda g: summed(only(g))),
        ("avg(%s)" % number, mean), ("avgif(%s, %s)" % (number, condition), lambda g: mean(only(g))),
        ("min(%s)" % ordered, lambda g: min(there(g, sortable), default=None)),
        ("max(%s)" % ordered, lambda g: max(there(g, sortable), default=None)),
        ("minif(%s, %s)" % (ordered, condition), lambda g: min(there(only(g), sortable), default=None)),
        ("maxif(%s, %s)" % (ordered, condition), lambda g: max(there(only(g), sortable), default=None)),
        ("make_list(%s)" % text, lambda g: there(g, value)),
        ("make_list(%s, 3)" % text, lambda g: there(g, value)[:3]),
        ("make_list_if(%s, %s)" % (text, condition), lambda g: there(only(g), value)),
        ("make_list_with_nulls(%s)" % number, lambda g: [amount(x) for x in g]),
        ("make_set(%s)" % text, lambda g: Set(elements(there(g, value)))),
        ("make_set_if(%s, %s)" % (text, condition), lambda g: Set(elements(there(only(g), value)))),
        ("array_length(make_set(%s, 2))" % text, lambda g: min(len(different(there(g, value))), 2)),
        ("make_bag(bag_pack(k, 1))", lambda g: {x["k"]: 1 for x in g}),
        ("stdev(%s)" % number, lambda g: math.sqrt(spread(there(g, amount), False))),
        ("stdevp(%s)" % number, lambda g: math.sqrt(spread(there(g, amount), True))),
        ("variance(%s)" % number, lambda g: spread(there(g, amount), False)),
        ("varianceif(%s, %s)" % (number, condition), lambda g: spread(there(only(g), amount), False)),
        ("variancep(%s)" % number, lambda g: spread(there(g, amount), True)),
        ("covariance(n, w)", lambda g: together([x["n"] for x in g], [x["w"] for x in g], False)),
        ("covariancep(n, w)", lambda g: together([x["n"] for x in g], [x["w"] for x in g], True)),
        ("percentile(%s, %s)" % (number, percent), lambda g: rank(there(g, amount), percent)),
        ("percentilew(n, w, %s)" % percent, lambda g: rank([x["n"] for x in g for _ in range(x["w"])], percent)),
        ("binary_all_and(%s)" % long, lambda g: bits(there(g, whole), "and")),
        ("binary_all_or(%s)" % long, lambda g: bits(there(g, whole), "or")),
        ("binary_all_xor(%s)" % long, lambda g: bits(there(g, whole), "xor")),
        ("take_any(%s)" % text, lambda g: Any([value(x) for x in g if value(x) not in (None, "")] or [value(x) for x in g] or [None])),
        ("take_anyif(%s, %s)" % (text, condition),
         lambda g: Any([value(x) for x in only(g) if value(x) not in (None, "")] or [value(x) for x in only(g)] or [None, ""])),
        ("abs(sum(%s) * 1.0 / count())" % number, lambda g: abs(summed(g) / len(g)) if g else "NaN"),
    ], r.randint(1, 5)), (ordered, sortable, r.choice(VALUES), r.choice(["max", "min"]))


def alike(got, want):
    if isinstance(want, Any):
        return any(alike(got, one) for one in want)
    if isinstance(want, Set):
        return isinstance(got, list) and len(got) == len(want) and all(any(alike(g, w) for g in got) for w in want)
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(alike(g, w) for g, w in zip(got, want))
    if isinstance(want, bool) or isinstance(got, bool) or want is None or isinstance(want, (str, dict)):
        return type(got) is type(want) and got == want or (want is None and got == "")
    return isinstance(got, (int, float)) and math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-9)


def make_query(r, rows):
    """A query, and by key what it is to give."""
    (before, passes), keys = r.choice(FILTERS), r.sample(KEYS, r.choice([0, 1, 1, 1, 2, 3]))
    (chosen, (ordered, sortable, (other, value), best)), arguments = aggregates(r), r.random() < 0.3
    keys = [("K%d=%s" % (n, text.partition("=")[2] or text), of) for n, (text, of) in enumerate(keys)]
    texts = ["A%d=%s" % (n, text) for n, (text, _) in enumerate(chosen)]
    if arguments:
        texts.append("(B0, B1)=arg_%s(%s, %s)" % (best, ordered, other))
    text = "show T %s| summarize %s" % (before, ", ".join(texts)) + (" by " + ", ".join(k for k, _ in keys) if keys else "")
    groups = {} if keys else {(): []}
    for row in rows:
        if passes(row):
            groups.setdefault(tuple(repr(of(row)) for _, of in keys), []).append(row)
    want = {}
    for key, group in groups.items():
        want[key] = [of(group) for _, of in chosen]
        if arguments:
            want[key] += arg(group, sortable, value, max if best == "max" else min)
    return text, [len(keys), len(chosen), arguments], want


def check(number, text, shape, want, result):
    keys, chosen, arguments = shape
    names = ["A%d" % n for n in range(chosen)] + (["B0", "B1"] if arguments else [])
    fine, shown = result.get("ok") and len(result["rows"]) == len(want), None
    for row in result.get("rows", []):
        key = tuple(repr(row["K%d" % n]) for n in range(keys))
        got = [row.get(name) for name in names]
        if key not in want or not all(alike(g, w) for g, w in zip(got, want[key])):
            fine, shown = False, (key, got, want.get(key))
            break
    if not t.ok(fine, "%d: %s" % (number, text[5:])):
        t.note("seed %d, %r" % (SEED, shown or (len(result.get("rows", [])), len(want), result.get("error"))))


if __name__ == "__main__":
    r = random.Random(SEED)
    rows = make_rows(r)
    home = t.Home()
    path = os.path.join(home.dir, "rows.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(rows, file)
    queries = [make_query(r, rows) for _ in range(QUERIES)]
    words = [word for text, _, _ in queries for word in ("-c", text)]
    with t.Sim("--window-scale", "0", "--devices", "1") as sim:
        results = t.Home(sim).cordon("-k", "-q", "-o", "json", "-c", "load T '%s'" % path, *words).json[1:]
    t.eq(len(results), len(queries), "each query is answered")
    for number, ((text, shape, want), result) in enumerate(zip(queries, results)):
        check(number, text, shape, want, result)
    t.done()
