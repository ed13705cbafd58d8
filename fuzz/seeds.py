"""Writes the seed corpus of every target into fuzz/corpus: the rules' own fixtures, cut up as each target reads them.

    python3 fuzz/seeds.py
"""

import hashlib
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent
FIXTURES = ROOT.parent / "skills-compiler" / "tests" / "fixtures"


def write(target: str, text: str) -> None:
    folder = ROOT / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


for fixture in sorted(FIXTURES.glob("*.skill")):
    text = fixture.read_text(encoding="utf-8")
    files = re.split(r"^=== ", text, flags=re.M) if text.startswith("=== ") else ["SKILL.md\n" + text]
    for part in filter(None, files):
        header, _, content = part.partition("\n")
        write("fence", content)
        if header.startswith("../"):
            write("settings", content)
            continue
        match = re.match(r"---\n(.*?)\n---\n(.*)", content, flags=re.S)
        yaml, body = match.groups() if match else ("", content)
        write("frontmatter", yaml)
        write("body", body)
        for comment in re.findall(r"<!-- skills:(.*?)-->", body, flags=re.S):
            write("allowance", comment)
