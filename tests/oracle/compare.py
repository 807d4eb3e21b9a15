#!/usr/bin/env python3
"""compare.py KQL_CHECK [PREDICATES PIPELINES [SEED]]: do we take what Microsoft's parser takes, and refuse what it
refuses? Prints every disagreement that tests/oracle/reasons.tsv does not explain, and the counts. Where oracle.js says
STRICT, the parser lets pass what the service is known to refuse: there we are to refuse. Needs node, and the parser where
`npm ci` puts it (ORACLE_MODULES: elsewhere)."""
import collections
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "data", "hunting", "schema.json")


def reasons():
    with open(os.path.join(HERE, "reasons.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    return [(who, re.compile(message), re.compile(query), reason) for who, message, query, reason in rows]


def run(command, text):
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def generate(kind, count, seed):
    return run([sys.executable, os.path.join(HERE, "generate.py"), str(seed), kind, str(count), SCHEMA], "")


def judge(check, kind, count, seed):
    texts, queries, ours = generate(kind, count, seed), [], []
    if kind == "predicates":
        by_table = collections.defaultdict(list)
        for text in texts:
            table, predicate = text.split("\t", 1)
            by_table[table].append(predicate)
        for table, predicates in by_table.items():
            queries += ["%s | where %s" % (table, p) for p in predicates]
            ours += run([check, "-t", table, SCHEMA], "".join(p + "\n" for p in predicates))
    else:
        queries = texts
        ours = run([check, SCHEMA], "".join(q + "\n" for q in queries))
    theirs = run(["node", "--stack-size=4000", os.path.join(HERE, "oracle.js"), SCHEMA], "".join(q + "\n" for q in queries))
    if not len(queries) == len(ours) == len(theirs):
        sys.exit("compare: %d texts, %d of our answers, %d of theirs" % (len(queries), len(ours), len(theirs)))
    return queries, ours, theirs


def main():
    check = sys.argv[1]
    counts = {"predicates": int(sys.argv[2]) if len(sys.argv) > 2 else 5000,
              "pipelines": int(sys.argv[3]) if len(sys.argv) > 3 else 2000}
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    known, failed = reasons(), False
    for kind, count in counts.items():
        if count == 0:
            continue
        queries, ours, theirs = judge(check, kind, count, seed)
        explained, unexplained, valid, lenient = collections.Counter(), 0, 0, 0
        for query, we, they in zip(queries, ours, theirs):
            valid += they == "OK"
            lenient += they.startswith("STRICT")
            if (we == "OK") == (they == "OK"):
                continue
            who, message = ("we", we) if they == "OK" else ("they", they)
            why = next((reason for side, in_message, in_query, reason in known
                        if side == who and in_message.search(message) and in_query.search(query)), None)
            if why is not None:
                explained[why] += 1
                continue
            unexplained += 1
            print("%s\n\twe:   %s\n\tthey: %s" % (query, we, they))
        total = sum(explained.values()) + unexplained
        for why, number in explained.most_common():
            print("%6d  %s" % (number, why))
        print("%s: %d texts, %d valid, %d that only Microsoft's parser takes (not the service); %d disagreements (%.2f %% agree), "
              "%d of them unexplained" % (kind, len(queries), valid, lenient, total, 100 - 100 * total / len(queries), unexplained))
        failed |= unexplained != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
