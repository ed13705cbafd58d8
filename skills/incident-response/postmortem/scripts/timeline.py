#!/usr/bin/env python3
"""Merge time-stamped lines from several files into one timeline in UTC.

Each source is LABEL=FILE, or LABEL@OFFSET=FILE when its times carry no zone, for
example chat@+01:00=chat.txt. The first time stamp in a line counts; it may be
preceded by a list mark, a bracket or a log level. Understood are ISO 8601
(2026-03-02T14:05:00Z, 2026-03-02 14:05:00,123 +01:00), web server logs
(02/Mar/2026:14:05:00 +0000) and seconds since 1970 (1772460300).

Exit codes: 0 printed, 1 no entry left, 2 unreadable input or wrong usage.
"""

import argparse
import csv
import re
import sys
from datetime import datetime, timedelta, timezone

SOURCE = re.compile(r"(?P<label>[^=@]+)(?:@(?P<offset>Z|[+-]\d{2}:?\d{2}))?=(?P<path>.+)", re.DOTALL)
MONTHS = {name: index for index, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)}
ZONE = r"(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
LEAD = r"^[\s\-*|>\[({\"']{0,12}(?:(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL)[\]:\s]+\[?)?"
ISO = re.compile(
    LEAD + r"(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,](?P<fraction>\d{1,9}))?\s?" + ZONE + r"(?!\d)"
)
WEB = re.compile(
    r"^.{0,200}?\[(?P<day>\d{2})/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):(?P<time>\d{2}:\d{2}:\d{2})\s?" + ZONE + r"\]"
)
EPOCH = re.compile(LEAD + r"(?P<seconds>1\d{9})(?:\.(?P<fraction>\d{1,9}))?(?!\d)")


class Unreadable(Exception):
    """An argument or a file cannot be used; the message says what to do."""


def parse_offset(text):
    if text in ("Z", "UTC", "GMT"):
        return timezone.utc
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise Unreadable(f"no such offset from UTC: {text}")
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


def parse_stamp(line, default_zone):
    """Return (time in UTC, whether the zone was assumed, rest of the line), or None."""
    for pattern in (ISO, WEB, EPOCH):
        match = pattern.match(line)
        if not match:
            continue
        parts = match.groupdict()
        micros = int(((parts.get("fraction") or "") + "000000")[:6])
        try:
            if pattern is EPOCH:
                moment = datetime.fromtimestamp(int(parts["seconds"]), timezone.utc)
                assumed = False
            else:
                if pattern is WEB:
                    month = MONTHS.get(parts["month"], 0)
                    date = f"{parts['year']}-{month:02d}-{parts['day']}"
                else:
                    date = parts["date"]
                clock = parts["time"] if parts["time"].count(":") == 2 else parts["time"] + ":00"
                zone = parse_offset(parts["zone"]) if parts["zone"] else default_zone
                assumed = zone is None
                moment = datetime.strptime(f"{date} {clock}", "%Y-%m-%d %H:%M:%S")
                moment = moment.replace(tzinfo=zone or timezone.utc).astimezone(timezone.utc)
        except (ValueError, OverflowError):
            continue
        rest = line if pattern is WEB else line[match.end() :].lstrip(" \t]|:-)}\"',")
        return moment + timedelta(microseconds=micros), assumed, rest.strip()
    return None


def read_source(argument):
    match = SOURCE.fullmatch(argument)
    if not match:
        raise Unreadable(f"{argument!r} is not LABEL=FILE or LABEL@+01:00=FILE")
    default_zone = parse_offset(match["offset"]) if match["offset"] else None
    label, path = match["label"], match["path"]
    entries, without_time, assumed_zone = [], 0, 0
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                line = line.rstrip("\r\n")
                if not line.strip():
                    continue
                stamp = parse_stamp(line, default_zone)
                if stamp:
                    moment, assumed, text = stamp
                    assumed_zone += assumed
                    entries.append([moment, label, text, number])
                elif entries:
                    entries[-1][2] += " / " + line.strip()
                else:
                    without_time += 1
    except OSError as error:
        raise Unreadable(f"cannot read {path}: {error.strerror}") from None
    notes = []
    if not entries:
        notes.append(f"{path}: no line with a time stamp")
    elif without_time:
        notes.append(f"{path}: {without_time} lines before the first time stamp left out")
    if assumed_zone:
        notes.append(f"{path}: {assumed_zone} times without a zone read as UTC; if wrong, write {label}@+01:00={path}")
    return entries, notes


def moment_argument(text):
    stamp = parse_stamp(text, timezone.utc)
    if not stamp:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2026-03-02T14:05Z")
    return stamp[0]


def shorten(text, limit):
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def write_markdown(entries, limit):
    print("| Time (UTC) | Source | Event |")
    print("|---|---|---|")
    day = None
    for moment, label, text, _ in entries:
        if moment.date() != day:
            day = moment.date()
            print(f"| **{day.isoformat()}** | | |")
        cells = [moment.strftime("%H:%M:%S"), label, shorten(text, limit)]
        print("| " + " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells) + " |")


def write_csv(entries):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["time_utc", "source", "line", "event"])
    for moment, label, text, number in entries:
        writer.writerow([moment.isoformat().replace("+00:00", "Z"), label, number, text])


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sources", nargs="+", metavar="LABEL[@OFFSET]=FILE")
    parser.add_argument("--from", dest="start", type=moment_argument, metavar="TIME", help="leave out what is earlier")
    parser.add_argument("--to", dest="end", type=moment_argument, metavar="TIME", help="leave out what is later")
    parser.add_argument("--grep", metavar="PATTERN", help="keep entries that match this regular expression")
    parser.add_argument("--width", type=int, default=200, metavar="N", help="cut events in Markdown (default: 200)")
    parser.add_argument("--format", choices=["markdown", "csv"], default="markdown")
    args = parser.parse_args(argv)

    try:
        pattern = re.compile(args.grep) if args.grep else None
        entries = []
        for argument in args.sources:
            found, notes = read_source(argument)
            entries.extend(found)
            for note in notes:
                print(f"note: {note}", file=sys.stderr)
    except re.error as error:
        print(f"error: --grep is not a regular expression: {error}", file=sys.stderr)
        return 2
    except Unreadable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2

    entries = [
        entry
        for entry in entries
        if (not args.start or entry[0] >= args.start)
        and (not args.end or entry[0] <= args.end)
        and (not pattern or pattern.search(entry[2]))
    ]
    entries.sort(key=lambda entry: entry[0])
    if not entries:
        print("error: no entry left; check --from, --to and --grep", file=sys.stderr)
        return 1
    if args.format == "csv":
        write_csv(entries)
    else:
        write_markdown(entries, max(args.width, 20))
    return 0


if __name__ == "__main__":
    sys.exit(main())
