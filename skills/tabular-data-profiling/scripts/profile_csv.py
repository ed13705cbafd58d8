#!/usr/bin/env python3
"""Profile a CSV or TSV file: types, missing values, keys, and typical damage.

Reads the file once in bounded memory and prints a report in Markdown or JSON.
Nothing is written to the file or next to it.

Exit codes: 0 profiled, 1 findings with --strict, 2 unreadable file or wrong usage.
"""

import argparse
import codecs
import csv
import datetime
import hashlib
import json
import math
import random
import re
import sys
from collections import Counter

SNIFF_BYTES = 1 << 20
MAX_DISTINCT = 100_000
MAX_ROW_HASHES = 1_000_000
SAMPLE_SIZE = 10_000
MAJORITY = 0.95
NULL_TOKENS = {"", "null", "none", "nil", "na", "n/a", "#n/a", "nan", "-", "--", "?", "\\n"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
BOOLEANS = {"true", "false", "yes", "no"}
IDENTIFIER_NAME = re.compile(
    r"(^|[_\W])(id|ids|key|code|sku|zip|postcode|postal|plz|account|konto|iban|phone|isbn|ean)($|[_\W])",
    re.IGNORECASE,
)
TOTAL_ROW = re.compile(r"(grand |sub)?(total|sum|summe|gesamt|somme|totale)s?\b", re.IGNORECASE)
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
DOTTED_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2}|[A-Z]{3,4})?")
STAND_IN_DATES = {"1899-12-30", "1900-01-01", "1970-01-01", "2099-12-31", "9999-12-31"}


class Unreadable(Exception):
    """The file cannot be profiled; the message says what to try."""


def make_number_patterns(decimal):
    point, group = (r"\.", ",") if decimal == "point" else (",", r"\.")
    whole = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)"
    integer = re.compile(rf"[+-]?{whole}")
    fraction = re.compile(rf"[+-]?(?:{whole}?{point}\d+(?:[eE][+-]?\d+)?|{whole}{point}|\d+[eE][+-]?\d+)")
    return integer, fraction


def to_float(text, decimal):
    if decimal == "comma":
        text = text.replace(".", "").replace(",", ".")
    else:
        text = text.replace(",", "")
    value = float(text)
    return value if math.isfinite(value) else None


def to_date(text):
    """Return None, or (format, ISO date if unambiguous, first part, second part, has a time)."""
    for pattern, label in ((ISO_DATE, "YYYY-MM-DD"), (DOTTED_DATE, "DD.MM.YYYY"), (SLASHED_DATE, "slashes")):
        match = pattern.match(text)
        if not match:
            continue
        rest = text[match.end() :]
        if rest and not TIME.fullmatch(rest):
            return None
        a, b, c = (int(part) for part in match.groups())
        orders = {"YYYY-MM-DD": [(a, b, c)], "DD.MM.YYYY": [(c, b, a)], "slashes": [(c, a, b), (c, b, a)]}[label]
        valid = []
        for year, month, day in orders:
            try:
                valid.append(datetime.date(year, month, day).isoformat())
            except ValueError:
                pass
        if not valid:
            return None
        settled = valid[0] if len(set(valid)) == 1 else None
        return label, settled, a, b, bool(rest)
    return None


def damaged_text(value):
    """Whether the text was decoded with the wrong encoding earlier in its life."""
    if "\ufffd" in value:
        return True
    if value.isascii():
        return False
    try:
        return value.encode("cp1252").decode("utf-8") != value
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False


class Column:
    def __init__(self, name, options):
        self.name = name
        self.options = options
        self.missing = 0
        self.present = 0
        self.kinds = Counter()
        self.examples = {}
        self.values = Counter()
        self.values_complete = True
        self.lowest = {}
        self.highest = {}
        self.mean = 0.0
        self.numbers = 0
        self.sample = []
        self.random = random.Random(0)
        self.negatives = 0
        self.spaced = []
        self.damaged = []
        self.leading_zeros = 0
        self.long_digits = 0
        self.digit_lengths = Counter()
        self.zero_lengths = Counter()
        self.date_formats = Counter()
        self.slash_settled = False

    def add(self, raw, line):
        value = raw.strip(" \t\u00a0")
        if value.lower() in NULL_TOKENS or value in self.options.null:
            self.missing += 1
            return
        self.present += 1
        if value != raw and len(self.spaced) < 1000:
            self.spaced.append(line)
        if damaged_text(value) and len(self.damaged) < 1000:
            self.damaged.append((line, value))
        if raw in self.values or len(self.values) < MAX_DISTINCT:
            self.values[raw] += 1
        else:
            self.values_complete = False
        kind = self.classify(value)
        self.kinds[kind] += 1
        examples = self.examples.setdefault(kind, [])
        if len(examples) < 3:
            examples.append((line, value))

    def classify(self, value):
        if value.lower() in BOOLEANS:
            return "boolean"
        integer, fraction = self.options.patterns
        if integer.fullmatch(value):
            self.note_digits(value)
            self.note_number(value)
            return "integer"
        date = to_date(value)
        if date:
            label, iso, first, second, has_time = date
            self.date_formats[label] += 1
            if label == "slashes" and (first > 12 or second > 12):
                self.slash_settled = True
            kind = "datetime" if has_time else "date"
            if iso:
                self.note_order("date", iso, iso)
            return kind
        if fraction.fullmatch(value):
            self.note_number(value)
            return "decimal"
        self.note_order("text", value, value)
        return "text"

    def note_digits(self, value):
        if not value.isdigit():
            return
        self.digit_lengths[len(value)] += 1
        if len(value) > 1 and value[0] == "0":
            self.leading_zeros += 1
            self.zero_lengths[len(value)] += 1
        if len(value) > 15:
            self.long_digits += 1

    def note_number(self, value):
        number = to_float(value, self.options.decimal)
        if number is None:
            return
        self.numbers += 1
        self.mean += (number - self.mean) / self.numbers
        self.negatives += number < 0
        self.note_order("number", number, value)
        if len(self.sample) < SAMPLE_SIZE:
            self.sample.append(number)
        else:
            place = self.random.randrange(self.numbers)
            if place < SAMPLE_SIZE:
                self.sample[place] = number

    def note_order(self, group, key, value):
        if group not in self.lowest or key < self.lowest[group][0]:
            self.lowest[group] = (key, value)
        if group not in self.highest or key > self.highest[group][0]:
            self.highest[group] = (key, value)

    def kind(self):
        """The type of the column as a whole."""
        if not self.present:
            return "empty"
        kinds = Counter(self.kinds)
        if kinds["decimal"]:
            kinds["decimal"] += kinds.pop("integer", 0)
        name, count = kinds.most_common(1)[0]
        if count / self.present >= MAJORITY:
            return name
        return "text" if name == "text" else "mixed"

    def group(self):
        kind = self.kind()
        if kind in ("integer", "decimal"):
            return "number"
        return "date" if kind in ("date", "datetime") else "text"

    def median(self):
        ordered = sorted(self.sample)
        middle = len(ordered) // 2
        if len(ordered) % 2:
            return ordered[middle]
        return (ordered[middle - 1] + ordered[middle]) / 2

    def summary(self, rows):
        group = self.group()
        numeric = group == "number"
        result = {
            "name": self.name,
            "type": self.kind(),
            "missing": self.missing,
            "missing_share": round(self.missing / rows, 4) if rows else 0,
            "distinct": len(self.values),
            "distinct_complete": self.values_complete,
            "min": self.lowest.get(group, (None, None))[1],
            "max": self.highest.get(group, (None, None))[1],
            "mean": self.mean if numeric else None,
            "median": self.median() if numeric else None,
            "top": [[value, count] for value, count in self.values.most_common(3) if count > 1],
            "key_candidate": self.values_complete and not self.missing and len(self.values) == rows > 1,
        }
        return result

    def findings(self, rows):
        kind = self.kind()
        if kind == "empty":
            yield "empty: no value in any row"
            return
        if len(self.values) == 1 and rows > 1 and not self.missing:
            yield f"constant: every row has {quote(next(iter(self.values)))}"
        yield from self.type_findings(kind)
        yield from self.identifier_findings()
        yield from self.date_findings()
        if self.spaced:
            yield f"surrounding spaces: {count_of(self.spaced)}, first in line {self.spaced[0]}"
        if self.damaged:
            line, value = self.damaged[0]
            yield f"wrongly decoded text: {count_of(self.damaged)}, such as {quote(value)} in line {line}"
        if kind == "text" and len(self.values) <= 1000:
            yield from self.spelling_findings()
        yield from self.stand_in_findings()

    def type_findings(self, kind):
        if kind == "mixed":
            parts = ", ".join(f"{name} {count}" for name, count in self.kinds.most_common())
            yield f"mixed types: {parts}"
        members = {"integer", "decimal"} if kind == "decimal" else {kind}
        if kind in ("text", "mixed"):
            return
        for other, count in self.kinds.items():
            if other not in members:
                shown = ", ".join(f"{quote(value)} in line {line}" for line, value in self.examples[other])
                yield f"{count} of {self.present} values are {other}, not {kind}: {shown}"

    def identifier_findings(self):
        if self.leading_zeros:
            yield f"leading zeros: {self.leading_zeros} of {self.present} values; read this column as text"
        if self.long_digits:
            yield f"numbers too long for a float: {self.long_digits} have more than 15 digits; read as text"
        total = sum(self.digit_lengths.values())
        if total < 10:
            return
        usual, often = self.digit_lengths.most_common(1)[0]
        shorter = {length: n for length, n in self.digit_lengths.items() if usual - 3 <= length < usual}
        likely = self.zero_lengths[usual] or IDENTIFIER_NAME.search(self.name)
        if usual >= 4 and shorter and likely and often / total >= 0.8 and often + sum(shorter.values()) == total:
            yield (
                f"mixed length identifiers: {often} values have {usual} digits,"
                f" {sum(shorter.values())} fewer; leading zeros were probably lost"
            )

    def date_findings(self):
        if len(self.date_formats) > 1:
            parts = ", ".join(f"{label} {count}" for label, count in self.date_formats.most_common())
            yield f"date formats: {parts}"
        if self.date_formats["slashes"] and not self.slash_settled:
            yield "ambiguous dates: no value shows whether day or month comes first"

    def spelling_findings(self):
        groups = {}
        for value in self.values:
            groups.setdefault(" ".join(value.split()).casefold(), []).append(value)
        for spellings in groups.values():
            if len(spellings) > 1:
                shown = ", ".join(f"{quote(value)} {self.values[value]}" for value in sorted(spellings))
                yield f"spellings of one value: {shown}"

    def stand_in_findings(self):
        for bounds in (self.lowest, self.highest):
            if "number" in bounds and self.group() == "number":
                value = bounds["number"][1]
                digits = value.lstrip("-")
                nines = len(digits) >= 3 and set(digits) == {"9"}
                lone_negative = value in ("-1", "-9", "-99") and self.negatives == self.values[value]
                if nines or lone_negative:
                    yield f"stand-in value? {quote(value)} at the end of the range (count {self.values[value]})"
            if "date" in bounds and bounds["date"][1] in STAND_IN_DATES:
                yield f"stand-in value? the date {bounds['date'][1]} at the end of the range"


def count_of(items):
    return f"{len(items)} or more" if len(items) >= 1000 else str(len(items))


def quote(value, limit=40):
    text = value if len(value) <= limit else value[: limit - 1] + "…"
    return json.dumps(text, ensure_ascii=False)


def detect_encoding(head):
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name, "byte order mark"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < SNIFF_BYTES)
        return "utf-8", "valid"
    except UnicodeDecodeError:
        return "cp1252", "guessed"


def detect_delimiter(text):
    """The delimiter that cuts most of the first records into the same number of fields."""
    lines = text.splitlines(keepends=True)[:200]
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS.values():
        try:
            counts = Counter(len(record) for record in csv.reader(lines, delimiter=delimiter) if record)
        except csv.Error:
            continue
        fields, often = counts.most_common(1)[0] if counts else (1, 0)
        if fields > 1:
            best = max(best, (often / sum(counts.values()), fields, delimiter))
    return best[2]


def unique_names(header, findings):
    names, seen = [], set()
    for index, cell in enumerate(header, start=1):
        name = cell.strip()
        if not name:
            findings.append(f"header: column {index} has no name")
            name = f"column_{index}"
        if name in seen:
            findings.append(f"header: {quote(name)} occurs more than once")
            name = f"{name}#{index}"
        seen.add(name)
        names.append(name)
    return names


def profile(options):
    with open(options.file, "rb") as raw:
        head = raw.read(SNIFF_BYTES)
    if not head:
        raise Unreadable("the file is empty")
    encoding, how = (options.encoding, "given") if options.encoding else detect_encoding(head)
    try:
        head_text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    except LookupError:
        raise Unreadable(f"unknown encoding {encoding!r}; try utf-8, cp1252 or latin-1") from None
    sniffed = "".join(head_text.splitlines(keepends=True)[options.skip :])
    delimiter = DELIMITERS.get(options.delimiter, options.delimiter) or detect_delimiter(sniffed)

    findings, ragged, line_hashes = [], [], set()
    rows = blank = duplicates = 0
    first_duplicate = None
    hashes_complete, partial, last = True, False, []
    with open(options.file, encoding=encoding, newline="") as file:
        for _ in range(options.skip):
            file.readline()
        reader = csv.reader(file, delimiter=delimiter)
        header = next((record for record in reader if record), None)
        if header is None:
            raise Unreadable("no record found; is --skip too large?")
        pending = []
        if options.no_header:
            pending.append(header)
            header = [f"column_{index}" for index in range(1, len(header) + 1)]
        elif any(looks_like_data(cell, options) for cell in header):
            findings.append("header: the first record looks like data; if so, pass --no-header")
        columns = [Column(name, options) for name in unique_names(header, findings)]
        width = len(columns)

        def records():
            yield from pending
            yield from reader

        for record in records():
            if not record:
                blank += 1
                continue
            if options.rows and rows == options.rows:
                partial = True
                break
            rows += 1
            line = reader.line_num + options.skip
            last = record
            if len(record) != width:
                ragged.append((line, len(record)))
            for column, value in zip(columns, record):
                column.add(value, line)
            for column in columns[len(record) :]:
                column.add("", line)
            digest = hashlib.blake2b("\x1f".join(record).encode("utf-8", "surrogatepass"), digest_size=12).digest()
            if digest in line_hashes:
                duplicates += 1
                first_duplicate = first_duplicate or line
            elif len(line_hashes) < MAX_ROW_HASHES:
                line_hashes.add(digest)
            else:
                hashes_complete = False

    if ragged:
        shown = ", ".join(f"{count} in line {line}" for line, count in ragged[:3])
        findings.append(f"ragged rows: {len(ragged)} without exactly {width} fields ({shown})")
    if duplicates:
        more = "" if hashes_complete else f" among the first {MAX_ROW_HASHES} different rows"
        findings.append(f"duplicate records: {duplicates}{more}, first in line {first_duplicate}")
    if last and any(TOTAL_ROW.match(cell.strip()) for cell in last):
        findings.append("the last record looks like a total row")
    if blank:
        findings.append(f"blank lines: {blank}")
    for column in columns:
        findings.extend(f"{column.name}: {text}" for text in column.findings(rows))
    return {
        "file": options.file,
        "encoding": f"{encoding} ({how})",
        "delimiter": {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}.get(delimiter, delimiter),
        "records": rows,
        "partial": partial,
        "columns": [column.summary(rows) for column in columns],
        "findings": findings,
    }


def looks_like_data(cell, options):
    cell = cell.strip()
    return bool(to_date(cell) or any(pattern.fullmatch(cell) for pattern in options.patterns))


def cell_text(value):
    if value is None:
        return ""
    if isinstance(value, float):
        value = f"{value:.6g}"
    text = value if len(value) <= 24 else value[:23] + "…"
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


def markdown(report):
    head = f"{report['records']:,} records" + (" (partial)" if report["partial"] else "")
    yield f"# Profile of {report['file']}"
    yield ""
    yield f"{head}, {len(report['columns'])} columns, {report['encoding']}, {report['delimiter']}."
    yield ""
    yield "## Findings"
    yield ""
    yield from (f"- {text}" for text in report["findings"] or ["none"])
    yield ""
    yield "## Columns"
    yield ""
    yield "| Column | Type | Missing | Distinct | Min | Max | Mean | Median | Most frequent |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for column in report["columns"]:
        top = ", ".join(f"{cell_text(value)} ({count})" for value, count in column["top"])
        distinct = ("" if column["distinct_complete"] else "≥ ") + f"{column['distinct']:,}"
        cells = [
            cell_text(column["name"]),
            column["type"],
            f"{column['missing']:,} ({column['missing_share']:.1%})" if column["missing"] else "0",
            distinct + (" (key)" if column["key_candidate"] else ""),
            cell_text(column["min"]),
            cell_text(column["max"]),
            cell_text(column["mean"]),
            cell_text(column["median"]),
            top,
        ]
        yield "| " + " | ".join(cells) + " |"


def arguments(argv):
    parser = argparse.ArgumentParser(
        description="Profile a CSV or TSV file: types, missing values, keys, and typical damage.",
        epilog="Exit codes: 0 profiled, 1 findings with --strict, 2 unreadable file or wrong usage.",
    )
    parser.add_argument("file")
    parser.add_argument("--delimiter", help="comma, semicolon, tab, pipe or one character (default: detected)")
    parser.add_argument("--encoding", help="such as utf-8, cp1252, utf-16 (default: detected)")
    parser.add_argument("--decimal", choices=["point", "comma"], default="point", help="decimal separator")
    parser.add_argument("--null", action="append", default=[], metavar="TOKEN", help="further missing value")
    parser.add_argument("--no-header", action="store_true", help="the first record is data")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="lines before the header")
    parser.add_argument("--rows", type=int, default=0, metavar="N", help="stop after N records")
    parser.add_argument("--format", choices=["markdown", "json"], default="markdown")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if there are findings")
    options = parser.parse_args(argv)
    if options.delimiter and options.delimiter not in DELIMITERS and len(options.delimiter) != 1:
        parser.error("--delimiter is comma, semicolon, tab, pipe or one character")
    if options.skip < 0 or options.rows < 0:
        parser.error("--skip and --rows cannot be negative")
    options.patterns = make_number_patterns(options.decimal)
    return options


def main(argv=None):
    options = arguments(argv)
    csv.field_size_limit(16 << 20)
    try:
        report = profile(options)
    except UnicodeDecodeError as error:
        print(f"error: not valid {error.encoding} further down; pass --encoding cp1252 or another", file=sys.stderr)
        return 2
    except csv.Error as error:
        print(f"error: {error}; check --delimiter and look for unclosed quotes", file=sys.stderr)
        return 2
    except (OSError, Unreadable) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.format == "json":
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        print("\n".join(markdown(report)))
    return 1 if options.strict and report["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
