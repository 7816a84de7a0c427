#!/usr/bin/env python3
"""Prints the corpus score as a table and holds it to its thresholds: check_score.py SCORE.json

The file is what the oracle's `score.py --json` prints. Exit code 1 if a threshold is missed.
"""
import json
import sys

COLUMNS = ["modules", "bad", "tp", "type", "message", "fn", "fp", "unknown", "skipped", "skip_hit"]
LEAST_TYPE = 0.85  # of the modules that fail, how many we predict with the right exception class


def share(top, bottom):
    return "    -" if not bottom else "%5.1f" % (100 * top / bottom)


def line(row):
    counts = row["counts"]
    cells = " ".join("%8d" % counts[name] for name in COLUMNS)
    return "%-26s %s   %s %%  %6.2f s" % (row["project"], cells, share(counts["type"], counts["bad"]), row["wall_s"])


def misses(rows):
    skewed = [row for row in rows if row["stratum"] != "green"]
    for row in rows:
        counts = row["counts"]
        if row.get("failure"):
            yield "%s: %s" % (row["project"], row["failure"])
        if row["stratum"] == "green" and counts["fp"]:
            yield "%s: %d false alarms in a suite that collects" % (row["project"], counts["fp"])
        if counts["missing"]:
            yield "%s: %d modules without an answer" % (row["project"], counts["missing"])
    bad, right = (sum(row["counts"][name] for row in skewed) for name in ("bad", "type"))
    if bad and right < LEAST_TYPE * bad:
        yield "the right exception class for %d of %d failing modules, at least %d %% are due" % (right, bad, 100 * LEAST_TYPE)


def main():
    with open(sys.argv[1]) as file:
        score = json.load(file)
    rows = score["projects"]
    if not rows:
        print("no project was scored")
        return 1
    print("%-26s %s   class of bad     wall" % ("project", " ".join("%8s" % name for name in COLUMNS)))
    for row in rows + [score["total"]]:
        print(line(row))
    for row in rows:
        for what, where, detail in row["wrong"]:
            if what in ("false alarm", "missed", "wrong type", "abort missed", "false abort"):
                print("%s: %s: %s: %s" % (row["project"], what, where, str(detail)[:200]))
    found = list(misses(rows))
    for text in found:
        print("threshold missed: " + text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
