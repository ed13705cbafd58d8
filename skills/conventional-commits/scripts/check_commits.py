#!/usr/bin/env python3
"""Check commit messages against Conventional Commits 1.0.0.

Errors are violations that make tools misread a message; warnings are style.
Merge commits and fixup!/squash!/amend! commits are skipped in ranges; the
latter are an error with --strict, since they must not reach a shared branch.

Exit codes: 0 no errors, 1 errors found, 2 wrong usage or git failed.
"""

import argparse
import json
import re
import subprocess
import sys

DEFAULT_TYPES = "feat fix perf revert refactor docs test build ci style chore".split()
HEADER = re.compile(
    r"(?P<type>[A-Za-z][\w-]*)(?:\((?P<scope>[^()\r\n]*)\))?(?P<bang>!)?:(?P<space> *)(?P<text>.*)"
)
FOOTER = re.compile(r"(?P<token>BREAKING[ -]CHANGE|[A-Za-z][A-Za-z0-9-]*)(?:: | #)(?P<value>.*)")
LOOSE_BREAKING = re.compile(r"breaking[ -]changes?\s*:", re.IGNORECASE)
EXACT_BREAKING = re.compile(r"BREAKING[ -]CHANGE: \S")
AUTOSQUASH = re.compile(r"(fixup|squash|amend)! ")
PAST_TENSE = re.compile(
    r"(added|adds|adding|fixed|fixes|fixing|changed|changes|changing|removed|removes|removing"
    r"|updated|updates|updating|refactored|refactors|improved|improves|implemented|implements)\b",
    re.IGNORECASE,
)
MAX_HEADER = 72
MAX_BODY = 100


def strip_comments(text):
    """What git does to an edited message: cut at the scissors line, drop comments."""
    lines = []
    for line in text.splitlines():
        if line.startswith("# ---") and ">8" in line:
            break
        if not line.startswith("#"):
            lines.append(line.rstrip())
    return "\n".join(lines).strip("\n")


def check(message, types, scopes):
    """Yield (level, line number, text) for each finding in one message."""
    lines = message.rstrip("\n").split("\n")
    header = lines[0]
    match = HEADER.fullmatch(header)
    if not header.strip():
        yield "error", 1, "the message is empty"
        return
    if not match:
        yield "error", 1, "the header is not of the form `type(scope): description`"
    else:
        yield from check_header(header, match, types, scopes)

    if len(lines) > 1 and lines[1].strip():
        yield "error", 2, "leave one blank line between the header and the body"
    yield from check_body(lines)


def check_header(header, match, types, scopes):
    kind, scope, text = match["type"], match["scope"], match["text"]
    if kind.lower() not in types:
        yield "error", 1, f"unknown type `{kind}`; known are {', '.join(types)}"
    elif kind != kind.lower():
        yield "warning", 1, f"write the type in lower case: `{kind.lower()}`"
    if scope is not None:
        if not scope.strip():
            yield "error", 1, "the scope is empty; drop the parentheses"
        elif scopes and scope not in scopes:
            yield "error", 1, f"unknown scope `{scope}`; known are {', '.join(scopes)}"
    if not text:
        yield "error", 1, "the description is missing"
        return
    if match["space"] != " ":
        yield "error", 1, "put exactly one space after the colon"
    if text.endswith("."):
        yield "warning", 1, "drop the final period of the description"
    if re.match(r"[A-Z][a-z]", text):
        yield "warning", 1, "start the description in lower case"
    if PAST_TENSE.match(text):
        yield "warning", 1, "use the imperative: `add`, not `added` or `adds`"
    if len(header) > MAX_HEADER:
        yield "warning", 1, f"the header has {len(header)} characters; keep it within {MAX_HEADER}"


def check_body(lines):
    in_code = False
    for number, line in enumerate(lines[1:], start=2):
        if line.startswith("```"):
            in_code = not in_code
        if LOOSE_BREAKING.match(line):
            if not EXACT_BREAKING.match(line):
                yield "error", number, "write it exactly as `BREAKING CHANGE: ` followed by the consequence"
            elif not starts_paragraph(lines, number - 1):
                yield "error", number, "a footer needs a blank line, or another footer, before it"
        if not in_code and len(line) > MAX_BODY and " " in line.strip():
            yield "warning", number, f"the line has {len(line)} characters; wrap at 72"


def starts_paragraph(lines, index):
    """Whether the line begins a paragraph, or continues one made of footers."""
    while index > 1 and lines[index - 1].strip():
        index -= 1
        if not FOOTER.fullmatch(lines[index]) and not lines[index].startswith(" "):
            return False
    return True


def git(*arguments):
    done = subprocess.run(
        ["git", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        raise OSError(done.stderr.decode("utf-8", "replace").strip() or "git failed")
    return done.stdout.decode("utf-8", "replace")


def messages(args):
    """Return [(label, message)] from whichever source was asked for."""
    if args.message_file:
        with open(args.message_file, encoding="utf-8", errors="replace") as file:
            return [(args.message_file, strip_comments(file.read()))]
    if args.stdin:
        return [("stdin", strip_comments(sys.stdin.read()))]
    log = git("log", "-z", "--no-merges", "--reverse", "--format=%h%n%B", args.range, "--")
    return [tuple(entry.split("\n", 1)) for entry in log.split("\0") if entry.strip()]


def main(argv=None):
    parser = argparse.ArgumentParser(
        description="Check commit messages against Conventional Commits 1.0.0.",
        epilog="Exit codes: 0 no errors, 1 errors found, 2 wrong usage or git failed.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("range", nargs="?", help="revision range, for example main..HEAD")
    source.add_argument("--message-file", metavar="FILE", help="check one message, as a commit-msg hook does")
    source.add_argument("--stdin", action="store_true", help="check one message from standard input")
    parser.add_argument("--types", help="allowed types, comma separated (replaces the default list)")
    parser.add_argument("--scopes", help="allowed scopes, comma separated (default: any)")
    parser.add_argument("--strict", action="store_true", help="warnings and fixup! commits are errors")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    args = parser.parse_args(argv)
    types = [t.strip().lower() for t in args.types.split(",")] if args.types else DEFAULT_TYPES
    scopes = [s.strip() for s in args.scopes.split(",")] if args.scopes else []

    try:
        commits = messages(args)
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2

    findings, skipped = [], 0
    for label, message in commits:
        header = message.split("\n", 1)[0]
        if AUTOSQUASH.match(header):
            if args.strict:
                found = [("error", 1, "an autosquash commit is left; run git rebase -i --autosquash")]
            else:
                skipped += 1
                continue
        else:
            found = check(message, types, scopes)
        for level, line, text in found:
            findings.append(
                {
                    "commit": label,
                    "header": header,
                    "level": "error" if args.strict else level,
                    "line": line,
                    "message": text,
                }
            )

    errors = sum(1 for finding in findings if finding["level"] == "error")
    if args.format == "json":
        print(json.dumps(findings, ensure_ascii=False, indent=2))
    else:
        report(findings)
        noun = "message" if len(commits) == 1 else "messages"
        summary = f"{len(commits)} {noun}, {errors} errors, {len(findings) - errors} warnings"
        print(summary + (f", {skipped} autosquash skipped" if skipped else ""))
    return 1 if errors else 0


def report(findings):
    previous = None
    for finding in findings:
        if finding["commit"] != previous:
            print(f"{finding['commit']} {finding['header']}")
            previous = finding["commit"]
        print(f"  {finding['level']}: line {finding['line']}: {finding['message']}")


if __name__ == "__main__":
    sys.exit(main())
