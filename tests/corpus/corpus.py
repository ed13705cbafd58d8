"""What the scripts of this folder share: where skills are, how a program is run and measured, what cargo-skills reports.

Only the standard library is used. Nothing that stands in a corpus is ever executed.
"""

import collections
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

# The level of what must not be.
DENY = "error"

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


def run(command, timeout, text=b"", directory=None):
    """Runs one program, and no other at the time, so that what it used can be told apart; measures it."""
    command = [os.fspath(part) for part in command]
    # Files and not pipes, so that reading megabytes of output is not measured and nothing can block.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(text)
        given.seek(0)
        before, start, timed_out = used(), time.perf_counter(), False
        with start_process(command, given, output, errors, directory) as process:
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                timed_out = True
                os.killpg(process.pid, signal.SIGKILL)
        seconds = time.perf_counter() - start
        for file in (output, errors):
            file.seek(0)
        return Run(command, process.returncode, seconds, used() - before, output.read(), errors.read(), timed_out)


def start_process(command, given, output, errors, directory):
    return subprocess.Popen(command, stdin=given, stdout=output, stderr=errors, cwd=directory, start_new_session=True)


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
        return (self.repository / self.data["path"]).absolute()

    @property
    def span(self):
        """The bytes it is about, from and to, or None where it is about the path itself."""
        return span(self.data)

    def places(self):
        """Every (what, place) that is named: the place, what explains it, and the edits."""
        places = [("place", self.data)] if self.span else []
        places += [("related", place) for place in self.data["related"]]
        places += [("edit", {"path": self.data["path"], **edit}) for help in self.data["helps"] for edit in help["edits"]]
        return places

    def misplaced(self):
        """What is wrong with its places, as texts."""
        for what, place in self.places():
            path, (start, end) = self.repository / place["path"], span(place)
            content = path.read_bytes() if path.is_file() else b""
            here = f"{what} {start}..{end} of {path}"
            if not 0 <= start <= end <= len(content):
                yield f"{here}: the file has {len(content)} bytes"
            elif is_utf8(content):
                points = place["start"], place["end"]
                yield from (f"{here}: {fault}" for point in points for fault in faults(content, point))


def span(place):
    """The two ends of a place, or None."""
    return (place["start"]["byte"], place["end"]["byte"]) if "start" in place else None


def faults(content, point):
    """What is wrong with a point of a text: it splits a character, or its line or column are not those of its byte."""
    byte, line_start = point["byte"], content.rfind(b"\n", 0, point["byte"]) + 1
    if byte < len(content) and content[byte] & 0xC0 == 0x80:
        yield "it splits a character"
        return
    line, column = content.count(b"\n", 0, byte) + 1, len(content[line_start:byte].decode()) + 1
    if (line, column) != (point["line"], point["column"]):
        yield f"byte {byte} is at {line}:{column}, not at {point['line']}:{point['column']}"


def is_utf8(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def check(executable, repository, timeout, *arguments):
    """Checks one repository: the run, and what was found."""
    # From inside, so that paths are told from there.
    result = run([executable, "check", "--format", "json", *arguments, "."], timeout, directory=repository)
    return result, [Finding(repository, json.loads(line)) for line in result.output.splitlines()]


def show(executable, repository, timeout):
    """Checks one repository as a person does."""
    return run([executable, "check", "."], timeout, directory=repository)


def blamed(skills, findings):
    """The skills that have a denial, each with its denials; a denial belongs to the innermost skill around it."""
    known, blame = set(skills), collections.defaultdict(list)
    for finding in findings:
        if finding.level == DENY:
            owner = next((path for path in [finding.path, *finding.path.parents] if path in known), None)
            if owner:
                blame[owner].append(finding)
    return blame


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
    print(json.dumps(judge(pathlib.Path(line)), default=repr))
"""


def verdicts(python, directories, timeout):
    """What skills-ref says of each directory, in one process: {"errors": [...], "values": {...} or None}."""
    result = run([python, "-c", VERDICTS], timeout, "\n".join(map(os.fspath, directories)).encode())
    if result.trouble({0}):
        raise SystemExit(f"skills-ref {result.trouble({0})}")
    return result, [json.loads(line) for line in result.output.splitlines()]
