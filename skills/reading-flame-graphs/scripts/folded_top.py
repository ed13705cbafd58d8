#!/usr/bin/env python3
"""Answer questions about folded stacks that a flame graph shows badly.

Folded stacks have one line per distinct stack, root first, frames separated by
semicolons, then a space and the number of samples.

  folded_top.py STACKS                     self and total share of each function
  folded_top.py STACKS --callers FUNCTION  who calls it, with shares
  folded_top.py STACKS --under FUNCTION    only what runs below it
  folded_top.py NEW --baseline OLD         what grew and what shrank

A function counts once per stack for its total, so recursion does not inflate it.

Exit codes: 0 printed, 1 nothing matched, 2 unreadable input or wrong usage.
"""

import argparse
import re
import sys
from collections import Counter

LINE = re.compile(r"(?P<stack>.*\S)\s+(?P<count>\d+(?:\.\d+)?)\s*$")


class Unreadable(Exception):
    """The input is not a file of folded stacks."""


def read(path):
    """Return {tuple of frames: samples}."""
    stacks = Counter()
    try:
        with open(path, encoding="utf-8", errors="replace") if path != "-" else sys.stdin as file:
            for number, line in enumerate(file, start=1):
                if not line.strip() or line.startswith("#"):
                    continue
                match = LINE.match(line)
                if not match:
                    raise Unreadable(
                        f"{path}:{number}: expected `frame;frame COUNT`; fold the profile first"
                        " (stackcollapse or inferno-collapse)"
                    )
                frames = tuple(frame.strip() for frame in match["stack"].split(";") if frame.strip())
                if frames:
                    stacks[frames] += float(match["count"])
    except OSError as error:
        raise Unreadable(str(error)) from None
    if not sum(stacks.values()):
        raise Unreadable(f"{path}: no samples")
    return stacks


def matcher(pattern, exact):
    if exact:
        return lambda frame: frame == pattern
    found = re.compile(pattern)
    return lambda frame: bool(found.search(frame))


def below(stacks, matches):
    """The parts of all stacks from the first matching frame on."""
    part = Counter()
    for frames, count in stacks.items():
        for index, frame in enumerate(frames):
            if matches(frame):
                part[frames[index:]] += count
                break
    return part


def self_and_total(stacks):
    own, total = Counter(), Counter()
    for frames, count in stacks.items():
        own[frames[-1]] += count
        for frame in set(frames):
            total[frame] += count
    return own, total


def callers(stacks, matches):
    """Direct callers of the outermost matching frame in each stack."""
    result = Counter()
    for frames, count in stacks.items():
        for index, frame in enumerate(frames):
            if matches(frame):
                result[frames[index - 1] if index else "(root)"] += count
                break
    return result


def number(value):
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def print_table(headings, rows):
    widths = [max(len(row[index]) for row in [headings, *rows]) for index in range(len(headings) - 1)]
    for row in [headings, *rows]:
        print("  ".join([cell.rjust(width) for cell, width in zip(row, widths)] + [row[-1]]))


def show_top(stacks, whole, args):
    own, total = self_and_total(stacks)
    order = own if args.sort == "self" else total
    names = sorted(total, key=lambda name: (-order[name], -total[name], name))
    rows = [
        [
            f"{100 * own[name] / whole:.1f}",
            f"{100 * total[name] / whole:.1f}",
            number(own[name]),
            number(total[name]),
            name,
        ]
        for name in names[: args.limit]
    ]
    print_table(["self %", "total %", "self", "total", "function"], rows)


def show_difference(new, old, args):
    new_sum, old_sum = sum(new.values()), sum(old.values())
    new_own, new_total = self_and_total(new)
    old_own, old_total = self_and_total(old)
    new_side, old_side = (new_own, old_own) if args.sort == "self" else (new_total, old_total)
    change = {
        name: 100 * new_side[name] / new_sum - 100 * old_side[name] / old_sum
        for name in set(new_side) | set(old_side)
    }
    names = sorted(change, key=lambda name: (-abs(change[name]), name))
    rows = [
        [
            f"{100 * old_side[name] / old_sum:.1f}",
            f"{100 * new_side[name] / new_sum:.1f}",
            f"{change[name]:+.1f}",
            f"{new_side[name] - old_side[name]:+,.0f}",
            name,
        ]
        for name in names[: args.limit]
        if abs(change[name]) >= 0.05
    ]
    print(f"{args.sort} time in percent of all samples: {number(old_sum)} before, {number(new_sum)} after")
    print_table(["before", "after", "points", "samples", "function"], rows)


def main(argv=None):
    parser = argparse.ArgumentParser(
        description="Answer questions about folded stacks that a flame graph shows badly.",
        epilog="Exit codes: 0 printed, 1 nothing matched, 2 unreadable input or wrong usage.",
    )
    parser.add_argument("stacks", help="folded stacks, or - for standard input")
    parser.add_argument("--sort", choices=["self", "total"], default="self")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="rows to print (default: 20)")
    parser.add_argument("--exact", action="store_true", help="FUNCTION is a whole name, not a regular expression")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--callers", metavar="FUNCTION", help="list the direct callers")
    what.add_argument("--under", metavar="FUNCTION", help="look only at what runs below")
    what.add_argument("--baseline", metavar="OLD", help="compare with this older profile")
    args = parser.parse_args(argv)
    if args.limit < 1:
        parser.error("--limit must be at least 1")

    try:
        stacks = read(args.stacks)
        whole = sum(stacks.values())
        if args.baseline:
            show_difference(stacks, read(args.baseline), args)
            return 0
        pattern = args.callers or args.under
        if pattern:
            matches = matcher(pattern, args.exact)
            part = below(stacks, matches)
            if not part:
                print(f"error: no frame matches {pattern!r}", file=sys.stderr)
                return 1
            share = sum(part.values())
            print(f"{pattern}: {number(share)} of {number(whole)} samples, {100 * share / whole:.1f} %")
            if args.callers:
                found = callers(stacks, matches).most_common(args.limit)
                rows = [[f"{100 * n / share:.1f}", number(n), name] for name, n in found]
                print_table(["share %", "samples", "caller"], rows)
                return 0
            stacks = part
        show_top(stacks, whole, args)
        return 0
    except re.error as error:
        print(f"error: not a regular expression: {error}; add --exact for a plain name", file=sys.stderr)
        return 2
    except Unreadable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
