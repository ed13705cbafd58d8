#!/usr/bin/env python3
"""Compare translated release notes with their source and check typography.

Files are named NAME.LANGUAGE.md, for example release-notes.de.md. Errors are
differences in structure or facts and harmful characters; warnings are style.

Exit codes: 0 no errors, 1 errors (with --strict also warnings), 2 unreadable
input or wrong usage.
"""

import argparse
import difflib
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

FILE_NAME = re.compile(r".+\.(?P<tag>[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\.md")
FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
HEADING = re.compile(r"(#{1,6})\s+(.*)")
ITEM = re.compile(r"\s*(?:[-*+]|(\d+)[.)])\s+(.*)")
TABLE_ROW = re.compile(r"\s*\|.*")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
LINK = re.compile(r"\[([^\]]*)\]\(\s*<?([^)\s>]+)[^)]*\)")
BARE_URL = re.compile(r"<?https?://[^\s<>)]+>?")
VERSION = re.compile(r"(?<![\w.])v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)")
ISSUE = re.compile(r"(?<![\w&])#(\d+)\b")
# Joiners are part of the spelling in these languages.
JOINER_LANGUAGES = {"fa", "ur", "ps", "ckb", "hi", "mr", "ne", "bn", "gu", "kn", "ml", "ta", "te", "si"}
JOINERS = {0x200C, 0x200D}
NBSP, NNBSP = "\u00a0", "\u202f"


class Unreadable(Exception):
    """The input cannot be compared; the message says why."""


class Block:
    """A heading, list entry, table row or paragraph."""

    def __init__(self, kind, line, text):
        self.kind = kind
        self.line = line
        self.text = text

    def facts(self):
        """What must be the same in every language."""
        plain = CODE.sub(" ", self.text)
        without_links = BARE_URL.sub(" ", LINK.sub(r" \1 ", plain))
        return {
            "code": Counter(match[2] for match in CODE.finditer(self.text)),
            "link": Counter([match[2] for match in LINK.finditer(plain)] + BARE_URL.findall(LINK.sub(" ", plain))),
            "issue": Counter("#" + number for number in ISSUE.findall(without_links)),
            "version": Counter(VERSION.findall(without_links)),
        }

    def prose(self):
        """The text without code and link targets, for typography."""
        text = CODE.sub("\ufffc", self.text)
        return BARE_URL.sub("\ufffc", LINK.sub(r"\1", text))


def parse(text):
    blocks, fence = [], None
    current = None
    for number, line in enumerate(text.split("\n"), start=1):
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
                fence = None
            else:
                blocks[-1].text += "\n" + line
            continue
        if mark:
            fence = mark[1][:3]
            blocks.append(Block("code block", number, ""))
            current = None
            continue
        heading, item = HEADING.fullmatch(line), ITEM.fullmatch(line)
        if not line.strip():
            current = None
        elif heading:
            blocks.append(Block(f"heading {len(heading[1])}", number, heading[2]))
            current = None
        elif item:
            current = Block("step" if item[1] else "entry", number, item[2])
            blocks.append(current)
        elif TABLE_ROW.fullmatch(line):
            blocks.append(Block("table row", number, line.strip()))
            current = None
        elif current:
            current.text += " " + line.strip()
        else:
            current = Block("paragraph", number, line.strip())
            blocks.append(current)
    return blocks


class Document:
    def __init__(self, path):
        match = FILE_NAME.fullmatch(path.name)
        if not match:
            raise Unreadable(f"{path}: the name must be NAME.LANGUAGE.md, for example release-notes.de.md")
        self.path = path
        self.tag = match["tag"]
        self.language = self.tag.split("-")[0].lower()
        try:
            data = path.read_bytes()
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(f"{path}: not UTF-8 at byte {error.start}; convert it first") from None
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}") from None
        self.blocks = parse(self.text.replace("\r\n", "\n"))


def excerpt(text, limit=50):
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def compare(source, translation):
    """Yield (level, line, message) for differences in structure and facts."""
    matcher = difflib.SequenceMatcher(
        a=[block.kind for block in source.blocks],
        b=[block.kind for block in translation.blocks],
        autojunk=False,
    )
    for operation, a1, a2, b1, b2 in matcher.get_opcodes():
        if operation == "equal":
            for ours, theirs in zip(source.blocks[a1:a2], translation.blocks[b1:b2]):
                yield from compare_block(ours, theirs)
            continue
        line = translation.blocks[b1].line if b1 < len(translation.blocks) else translation.text.count("\n") + 1
        for block in source.blocks[a1:a2]:
            yield "error", line, f"{block.kind} of source line {block.line} is missing: {excerpt(block.text)}"
        for block in translation.blocks[b1:b2]:
            yield "error", block.line, f"{block.kind} has no counterpart in the source: {excerpt(block.text)}"


def compare_block(source, translation):
    if source.kind == "code block":
        return
    ours, theirs = source.facts(), translation.facts()
    for name in ours:
        for value in (ours[name] - theirs[name]).elements():
            yield "error", translation.line, f"{name} is missing: {value} (source line {source.line})"
        for value in (theirs[name] - ours[name]).elements():
            yield "error", translation.line, f"{name} is not in the source: {value} (source line {source.line})"
    words = re.findall(r"[^\W\d_]{2,}", source.prose())
    if len(words) >= 3 and source.prose().split() == translation.prose().split():
        yield "error", translation.line, f"not translated: {excerpt(source.text)}"


def harmful(code_point, language):
    if code_point in JOINERS:
        return language not in JOINER_LANGUAGES
    return (
        code_point in (0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF)
        or 0x202A <= code_point <= 0x202E
        or 0x2060 <= code_point <= 0x206F
        or 0xE0000 <= code_point <= 0xE0FFF
    )


def check_characters(document):
    for number, line in enumerate(document.text.split("\n"), start=1):
        for char in sorted(set(line)):
            if harmful(ord(char), document.language):
                name = unicodedata.name(char, "unnamed")
                yield "error", number, f"invisible or direction control character U+{ord(char):04X} {name}"
        if not unicodedata.is_normalized("NFC", line):
            yield "error", number, "not in Unicode normal form NFC"


STYLE = {
    "de": [
        (re.compile(r"\d ?%"), "put a no-break space between number and percent sign"),
        (re.compile(r"[\u201d]|(?:^|\s)\u201c"), "German quotation marks are „…“"),
    ],
    "fr": [
        (re.compile(r"\d ?%"), "put a no-break space between number and percent sign"),
        (re.compile(rf"[^\s{NBSP}{NNBSP}:;?!.…*][:;?!](?=[\s*]|$)"), "put a no-break space before : ; ? !"),
        (re.compile(r" [:;?!](?=[\s*]|$)"), "the space before : ; ? ! must be a no-break space"),
        (re.compile(rf"«[^{NBSP}{NNBSP}]|[^{NBSP}{NNBSP}]»"), "put no-break spaces inside « »"),
        (re.compile(r"[^\W\d]'[^\W\d]"), "the apostrophe in French prose is ’"),
    ],
    "ja": [
        (re.compile(r"[\uff61-\uff9f]"), "use full-width katakana and punctuation"),
        (re.compile(r"[\u3040-\u30ff\u4e00-\u9fff][.,!?](?=\s|$)"), "end sentences with 。 and separate with 、"),
    ],
    "ar": [
        (re.compile(r"[\u0620-\u064a][\u064b-\u0652]*\s?[,;?]"), "use the Arabic marks ، ؛ ؟"),
    ],
}


def check_style(document, is_source):
    rules = STYLE.get(document.language, [])
    for block in document.blocks:
        if block.kind == "code block":
            continue
        prose = block.prose()
        for pattern, advice in rules:
            match = pattern.search(prose)
            if match:
                yield "warning", block.line, f"{advice}: {excerpt(prose[max(0, match.start() - 12) : match.end() + 6])}"
        if not is_source and '"' in prose:
            yield "warning", block.line, "use the quotation marks of the language instead of \""


def main(argv=None):
    parser = argparse.ArgumentParser(
        description="Compare translated release notes with their source and check typography.",
        epilog="Exit codes: 0 no errors, 1 errors (with --strict also warnings), 2 unreadable input or wrong usage.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="NAME.LANGUAGE.md")
    parser.add_argument("--source", default="en", metavar="LANGUAGE", help="language of the source (default: en)")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    args = parser.parse_args(argv)

    try:
        documents = [Document(path) for path in args.files]
        sources = [document for document in documents if document.tag == args.source]
        if len(sources) != 1:
            raise Unreadable(f"expected exactly one file for the source language {args.source!r}, found {len(sources)}")
    except Unreadable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2

    source = sources[0]
    levels = Counter()
    for document in documents:
        findings = [*check_characters(document), *check_style(document, document is source)]
        if document is not source:
            findings.extend(compare(source, document))
        for level, line, message in sorted(findings, key=lambda finding: finding[1]):
            levels[level] += 1
            print(f"{document.path}:{line}: {level}: {message}")
    print(f"{len(documents)} files, {levels['error']} errors, {levels['warning']} warnings")
    return 1 if levels["error"] or (args.strict and levels["warning"]) else 0


if __name__ == "__main__":
    sys.exit(main())
