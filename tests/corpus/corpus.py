"""What the scripts of this folder share: where skills are, how a program is run and measured, what cargo-skills reports.

Only the standard library is used. Nothing that stands in a corpus is ever executed.
"""

import dataclasses
import json
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import time

# Directories that no contender is asked about: stores of version control, installed packages, output of builds.
LEFT_OUT = {".git", ".hg", ".svn", ".jj", "node_modules", ".venv", "__pycache__", "target"}

# The level that a skill must not have anything of.
DENY = "deny"

# How cargo-skills ends when nothing went wrong: nothing is denied, something is denied.
EXIT_CODES = {0, 1}


@dataclasses.dataclass
class Run:
    """One run of a program that has ended, in its own way or in ours."""

    command: list
    code: int
    seconds: float
    processor_seconds: float
    output: bytes
    errors: bytes
    timed_out: bool

    def trouble(self, codes=EXIT_CODES):
        """What went wrong, or None."""
        if self.timed_out:
            return f"timed out after {self.seconds:.0f} s"
        if b"panicked at" in self.errors:
            return "panicked: " + first_line(self.errors[self.errors.index(b"panicked at") :])
        if self.code < 0:
            return f"killed by {signal.Signals(-self.code).name}"
        if self.code not in codes:
            return f"ended with {self.code}: {first_line(self.errors)}"
        return None


def first_line(text):
    return text.decode(errors="replace").strip().partition("\n")[0]


def run(command, timeout, text=b""):
    """Runs one program alone, so that what its children used can be told apart, and measures it."""
    command = [os.fspath(part) for part in command]
    # Files and not pipes, so that reading megabytes of output is not measured and nothing can block.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(text)
        given.seek(0)
        before, start, timed_out = used(), time.perf_counter(), False
        with subprocess.Popen(command, stdin=given, stdout=output, stderr=errors, start_new_session=True) as process:
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                timed_out = True
                os.killpg(process.pid, signal.SIGKILL)
        seconds = time.perf_counter() - start
        for file in (output, errors):
            file.seek(0)
        return Run(command, process.returncode, seconds, used() - before, output.read(), errors.read(), timed_out)


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def repositories(folder):
    """The repositories: what the folder holds, in one order everywhere."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def skills(root):
    """The directories at and below `root` that hold a SKILL.md which is a file of its own, in one order everywhere."""
    found = []
    for directory, below, files in os.walk(root):
        below[:] = sorted(name for name in below if name not in LEFT_OUT)
        document = pathlib.Path(directory, "SKILL.md")
        if "SKILL.md" in files and document.is_file() and not document.is_symlink():
            found.append(document.parent)
    return found


def files(skill, root):
    """Every file of a skill that is no link, with its path below `root`."""
    for directory, below, names in os.walk(skill):
        below[:] = sorted(name for name in below if name not in LEFT_OUT)
        for name in sorted(names):
            path = pathlib.Path(directory, name)
            if path.is_file() and not path.is_symlink():
                yield path, path.relative_to(root)


@dataclasses.dataclass
class Finding:
    """One line of `cargo-skills check --format json`, and the repository it is about."""

    repository: pathlib.Path
    data: dict

    @property
    def code(self):
        return self.data["code"]

    @property
    def name(self):
        return self.data["rule"]

    @property
    def level(self):
        return self.data["level"]

    @property
    def path(self):
        """The file, or whatever else has a path."""
        return self.repository / self.data["path"]

    @property
    def span(self):
        """The bytes it is about, or None where it is about the path itself."""
        return span(self.data)

    def spans(self):
        """Every (what, path, start, end) that is named: the place, what explains it, and the edits."""
        places = [("span", self.data)]
        places += [("related", place) for place in self.data.get("related", [])]
        for help in self.data.get("helps", []):
            edited = {"path": help.get("path") or self.data["path"]}
            places += [("patch", edited | patch) for patch in help.get("patches", [])]
        for what, place in places:
            if span(place):
                yield what, self.repository / place.get("path", self.data["path"]), *span(place)

    def misplaced(self):
        """What is wrong with its spans, as texts."""
        for what, path, start, end in self.spans():
            if not path.is_file():
                yield f"{what} {start}..{end} in what is no file: {path}"
                continue
            content = path.read_bytes()
            if not 0 <= start <= end <= len(content):
                yield f"{what} {start}..{end} in {len(content)} bytes: {path}"
            elif is_utf8(content) and not (is_boundary(content, start) and is_boundary(content, end)):
                yield f"{what} {start}..{end} splits a character: {path}"


def span(place):
    """The two ends of a place, or None."""
    ends = place.get("span")
    return (ends["start"], ends["end"]) if ends else None


def is_utf8(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_boundary(content, at):
    return at == len(content) or content[at] & 0xC0 != 0x80


def check(executable, repository, timeout):
    """Checks one repository: the run, and what was found."""
    result = run([executable, "check", "--format", "json", repository], timeout)
    findings = []
    for line in result.output.splitlines():
        data = json.loads(line)
        if "code" in data:
            findings.append(Finding(repository, data))
    return result, findings


# Judges the directories whose paths are given line by line, with the functions that `agentskills validate` calls.
VERDICTS = """
import json, pathlib, sys
from skills_ref.parser import find_skill_md, parse_frontmatter
from skills_ref.validator import validate

def judge(directory):
    try:
        errors = validate(directory)
    except Exception as error:
        errors = [f"{type(error).__name__}: {error}"]
    try:
        values, _ = parse_frontmatter(find_skill_md(directory).read_text(encoding="utf-8"))
    except Exception:
        values = None
    return {"errors": errors, "values": values}

for line in sys.stdin.read().splitlines():
    print(json.dumps(judge(pathlib.Path(line))))
"""


def verdicts(python, directories, timeout):
    """What skills-ref says of each directory, in one process: {"errors": [...], "values": {...} or None}."""
    result = run([python, "-c", VERDICTS], timeout, "\n".join(map(os.fspath, directories)).encode())
    if result.trouble({0}):
        raise SystemExit(f"skills-ref {result.trouble({0})}")
    return result, [json.loads(line) for line in result.output.splitlines()]
