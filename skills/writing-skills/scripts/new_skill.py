#!/usr/bin/env python3
"""Create a skill folder with a SKILL.md from the bundled template.

The name and the description are checked before anything is written, and the
description is quoted so that it is valid YAML whatever it contains.

Exit codes: 0 created (or printed with --dry-run), 1 refused, 2 wrong usage.
"""

import argparse
import json
import re
import sys
import unicodedata
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent / "assets" / "skill-template.md"
SEGMENT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Plain scalars that some YAML parser does not read as a string.
NOT_PLAIN = re.compile(r"[0-9].*|y|n|yes|no|on|off|true|false|null")
MAX_NAME = 64
MAX_DESCRIPTION = 1024


class Refused(Exception):
    """The request is understood but must not be carried out."""


def check_segment(segment, what):
    if not SEGMENT.fullmatch(segment):
        raise Refused(
            f"{what} {segment!r} may contain only a-z, 0-9 and single hyphens between them"
        )
    if len(segment) > MAX_NAME:
        raise Refused(f"{what} {segment!r} is longer than {MAX_NAME} characters")


def check_description(text):
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise Refused("the description is empty: say what the skill does and when to use it")
    if len(text) > MAX_DESCRIPTION:
        raise Refused(f"the description has {len(text)} characters, the limit is {MAX_DESCRIPTION}")
    if any(unicodedata.category(char) in ("Cc", "Cf") for char in text):
        raise Refused("the description contains control or invisible characters; use one plain line")
    return text


def advice(description):
    """Weaknesses that do not make the skill invalid."""
    if len(description) < 40:
        yield "the description is short: clients decide by it alone whether to load the skill"
    if not re.search(r"\b(when|whenever|before|after|if)\b", description, re.IGNORECASE):
        yield "the description does not say when to use the skill"
    if re.match(r"(I|I'm|We|You|My)\b", description):
        yield "write the description in the third person ('Reviews ...', not 'I review ...')"


def fill(name, description, author):
    values = {
        "name": json.dumps(name) if NOT_PLAIN.fullmatch(name) else name,
        "description": json.dumps(description, ensure_ascii=False),
        "author": json.dumps(author, ensure_ascii=False),
        "title": name.replace("-", " ").capitalize(),
    }
    template = TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match.group(1)], template)


def main(argv=None):
    parser = argparse.ArgumentParser(
        description="Create a skill folder with a SKILL.md from the bundled template.",
        epilog="Exit codes: 0 created, 1 refused, 2 wrong usage.",
    )
    parser.add_argument("name", help="name of the skill and of its folder, for example pdf-forms")
    parser.add_argument("--description", required=True, help="what the skill does and when to use it")
    parser.add_argument("--root", type=Path, default=Path("skills"), help="skills directory (default: skills)")
    parser.add_argument("--prefix", default="", help="grouping folders, for example rust/supply-chain")
    parser.add_argument("--author", default="skills contributors", help="value of metadata.author")
    parser.add_argument("--dry-run", action="store_true", help="print the file instead of writing it")
    args = parser.parse_args(argv)

    try:
        check_segment(args.name, "the name")
        prefix = [part for part in args.prefix.split("/") if part]
        for part in prefix:
            check_segment(part, "the prefix segment")
        description = check_description(args.description)
        text = fill(args.name, description, args.author)

        for hint in advice(description):
            print(f"hint: {hint}", file=sys.stderr)
        if args.dry_run:
            print(text, end="")
            return 0
        if not args.root.is_dir():
            raise Refused(f"{args.root} is not a directory; create it, or pass --root")
        folder = args.root.joinpath(*prefix, args.name)
        if folder.exists():
            raise Refused(f"{folder} exists already; choose another name or edit it in place")
        folder.mkdir(parents=True)
        target = folder / "SKILL.md"
        target.write_bytes(text.encode("utf-8"))
        print(target)
        return 0
    except (Refused, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
