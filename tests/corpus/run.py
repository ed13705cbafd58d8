"""Measures cargo-skills on real skills, against other linters of skills.

    python3 run.py CORPUS CARGO-SKILLS [--agnix EXECUTABLE] [--skills-ref PYTHON] [options]

CORPUS is a folder whose folders are repositories that hold skills anywhere. CARGO-SKILLS is the executable. EXECUTABLE is
agnix (crate `agnix-cli`). PYTHON is an interpreter that has `skills-ref` installed. Sections, in this order; `--only` picks
some of them:

time      Wall-clock and processor time of `check --format json` on a copy (of hard links) of CORPUS that holds nothing but
          its skills, of agnix on the same copy, and of skills-ref twice: as its command, a process a skill, and as its
          library in one process, which is the best a user could make of it. All run in every round, in an order that turns,
          after one round that is not counted. skills-ref gets a sample of the skills and is compared per skill.
sound     No run on a repository may panic, be killed, or take longer than `--timeout`, for programs or for people; what is
          found must lie inside its file and on boundaries of characters, as must what explains it and what repairs it.
counts    Findings per rule, per level, per repository.
peers     Repositories that are clean under skills-ref and what cargo-skills denies there; and both verdicts, skill by skill.
sample    `--sample` findings, or as many of each rule with `--each`, drawn with `--seed`, as text for a person to read.

Ends with 1 if `sound` found something unsound. Needs Python 3.11 or newer and nothing else.
"""

import argparse
import collections
import dataclasses
import os
import pathlib
import random
import statistics
import sys
import tempfile

import corpus

SECTIONS = ["time", "sound", "counts", "peers", "sample"]

# The denials that are listed of a repository that another linter finds clean.
SHOWN = 10


def main():
    options = arguments()
    skills = {repository: corpus.skills(repository) for repository in corpus.repositories(options.corpus)}
    print(f"{sum(map(len, skills.values())):,} skills in {len(skills)} repositories")
    if "time" in options.only:
        compare_times(options, [skill for each in skills.values() for skill in each])
    if options.only == ["time"]:
        return 0
    checks = {repository: corpus.check(options.cargo_skills, repository, options.timeout) for repository in skills}
    findings = [finding for _, each in checks.values() for finding in each]
    is_sound = "sound" not in options.only or print_soundness(options, checks, findings)
    if "counts" in options.only:
        print_counts(skills, findings)
    if "peers" in options.only and options.skills_ref:
        compare_verdicts(options, skills, findings)
    if "sample" in options.only:
        print_sample(options, findings)
    return 0 if is_sound else 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=folder)
    parser.add_argument("cargo_skills", type=os.path.abspath, metavar="cargo-skills")
    parser.add_argument("--agnix", type=os.path.abspath, metavar="EXECUTABLE")
    parser.add_argument("--skills-ref", type=os.path.abspath, metavar="PYTHON")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--rounds", type=int, default=7, help="rounds that are counted (%(default)s)")
    parser.add_argument("--timeout", type=float, default=300, help="the seconds that a run may take (%(default)s)")
    parser.add_argument("--timed", type=int, help="skills to time on, drawn (all)")
    parser.add_argument("--processes", type=int, default=40, help="skills for skills-ref, a process each (%(default)s)")
    parser.add_argument("--library", type=int, default=1000, help="skills for skills-ref in one process (%(default)s)")
    parser.add_argument("--sample", type=int, default=50, help="findings to draw (%(default)s)")
    parser.add_argument("--each", action="store_true", help="draw as many of each rule")
    parser.add_argument("--rule", help="draw only from this rule, by code or name")
    parser.add_argument("--level", help="draw only from this level")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def folder(text):
    path = pathlib.Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder")
    return path


def title(text):
    print(f"\n## {text}\n")


# -- time ------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Contender:
    """A way to check skills. Each command is one process; a command that reads skills reads them from `text`."""

    name: str
    skills: int
    commands: list
    codes: set = dataclasses.field(default_factory=lambda: {0, 1})
    text: bytes = b""
    seconds: list = dataclasses.field(default_factory=list)
    processor_seconds: list = dataclasses.field(default_factory=list)

    def measure(self, timeout):
        runs = [corpus.run(command, timeout, self.text) for command in self.commands]
        for each in runs:
            if each.trouble(self.codes):
                raise SystemExit(f"{self.name} {each.trouble(self.codes)}: {each.command}")
        return sum(each.seconds for each in runs), sum(each.processor_seconds for each in runs)


def compare_times(options, skills):
    """Times every contender in every round, so that what else the machine does meets all of them."""
    title("time")
    if options.timed:
        skills = random.Random(options.seed).sample(skills, min(options.timed, len(skills)))
    # Beside the corpus, because hard links do not leave a file system.
    with tempfile.TemporaryDirectory(prefix=".skills-", dir=options.corpus.parent) as copy:
        files, size = copy_skills(options.corpus, skills, pathlib.Path(copy))
        print(f"{len(skills):,} skills, {files:,} files, {size / 1e6:,.1f} MB, {os.cpu_count()} processors")
        contenders = list(all_contenders(options, skills, copy))
        for round in range(options.rounds + 1):
            turn = round % len(contenders)
            for contender in contenders[turn:] + contenders[:turn]:
                seconds, processor_seconds = contender.measure(options.timeout)
                if round > 0:  # The first round warms the caches of the system.
                    contender.seconds.append(seconds)
                    contender.processor_seconds.append(processor_seconds)
    print_times(contenders, options.rounds)


def copy_skills(root, skills, copy):
    """Links the files of all skills into `copy`, under the paths that they have; returns their number and size."""
    files = size = 0
    known = set(skills)
    for skill in skills:
        if known.isdisjoint(skill.parents):  # Skills inside of skills come with them.
            for source, path in corpus.files(skill, root):
                target = copy / path
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(source, target)
                files, size = files + 1, size + source.stat().st_size
    return files, size


def all_contenders(options, skills, copy):
    yield Contender("cargo-skills", len(skills), [[options.cargo_skills, "check", "--format", "json", copy]])
    if options.agnix:
        yield Contender("agnix", len(skills), [[options.agnix, "--format", "json", "--max-files", "0", copy]])
    if options.skills_ref:
        drawn = random.Random(options.seed).sample(skills, min(options.library, len(skills)))
        few = drawn[: options.processes]
        command = [options.skills_ref, "-c", "from skills_ref.cli import main; main()", "validate"]
        yield Contender("skills-ref, a process a skill", len(few), [[*command, skill] for skill in few])
        text = "\n".join(map(str, drawn)).encode()
        yield Contender("skills-ref, one process", len(drawn), [[options.skills_ref, "-c", corpus.VERDICTS]], text=text)


def print_times(contenders, rounds):
    print(f"median (least to most) of {rounds} rounds; ratios are per skill, the median of the ratios of each round\n")
    print(f"{'':30} {'skills':>7} {'seconds':>26} {'us/skill':>9} {'ratio':>7} {'processor s':>12} {'ratio':>7}")
    first = contenders[0]
    for each in contenders:
        seconds = statistics.median(each.seconds)
        spread = f"{seconds:.3f} ({min(each.seconds):.3f} to {max(each.seconds):.3f})"
        processor = statistics.median(each.processor_seconds)
        ratio = ratio_of(each, first, each.seconds, first.seconds)
        processor_ratio = ratio_of(each, first, each.processor_seconds, first.processor_seconds)
        seconds_each = f"{spread:>26} {seconds / each.skills * 1e6:9,.0f} {ratio:7.1f}"
        print(f"{each.name:30} {each.skills:7,} {seconds_each} {processor:12.3f} {processor_ratio:7.1f}")


def ratio_of(one, other, ours, theirs):
    return statistics.median(a / one.skills / (b / other.skills) for a, b in zip(ours, theirs))


# -- sound -----------------------------------------------------------------------------------------------------------------


def print_soundness(options, checks, findings):
    title("sound")
    unsound = [f"{repository.name}: {run.trouble()}" for repository, (run, _) in checks.items() if run.trouble()]
    # The text for people is made in a way of its own.
    shown = [(repository, corpus.show(options.cargo_skills, repository, options.timeout)) for repository in checks]
    unsound += [f"{repository.name}, for people: {run.trouble()}" for repository, run in shown if run.trouble()]
    unsound += [f"{finding.code}: {fault}" for finding in findings for fault in finding.misplaced()]
    places = sum(len(finding.places()) for finding in findings)
    longest, name = max((run.seconds, repository.name) for repository, (run, _) in checks.items())
    print(f"{len(checks)} runs, the longest {longest:.2f} s ({name}); {len(findings):,} findings, {places:,} places")
    print(f"{len(unsound)} unsound")
    for text in unsound:
        print("  " + text)
    return not unsound


# -- counts ----------------------------------------------------------------------------------------------------------------


def print_counts(skills, findings):
    title("counts")
    levels = sorted({finding.level for finding in findings})
    print("per level: " + ", ".join(f"{sum(f.level == level for f in findings):,} {level}" for level in levels))
    rules = collections.defaultdict(list)
    for finding in findings:
        rules[finding.code, finding.name, finding.level].append(finding)
    print(f"\n{'findings':>9} {'files':>7} {'repositories':>12}  rule")
    for (code, name, level), each in sorted(rules.items()):
        files, repositories = len({finding.path for finding in each}), len({finding.repository for finding in each})
        print(f"{len(each):9,} {files:7,} {repositories:12}  {code} {name} ({level})")
    print(f"\n{'skills':>7} {'with a denial':>13} " + " ".join(f"{level:>8}" for level in levels) + "  repository")
    for repository, documents in skills.items():
        mine = [finding for finding in findings if finding.repository == repository]
        denied = len(corpus.blamed(documents, mine))
        amounts = " ".join(f"{sum(finding.level == level for finding in mine):8,}" for level in levels)
        print(f"{len(documents):7,} {denied:13,} {amounts}  {repository.name}")


# -- peers -----------------------------------------------------------------------------------------------------------------


def compare_verdicts(options, skills, findings):
    title("peers")
    blame = corpus.blamed([skill for each in skills.values() for skill in each], findings)
    verdicts, reasons, clean = collections.Counter(), collections.Counter(), []
    for repository, each in skills.items():
        _, judged = corpus.verdicts(options.skills_ref, each, options.timeout)
        rejected = {skill for skill, verdict in zip(each, judged) if verdict["errors"]}
        verdicts.update((skill not in rejected, skill not in blame) for skill in each)
        for skill in blame.keys() & set(each) - rejected:
            reasons.update({finding.code for finding in blame[skill]})
        if each and not rejected:
            inside = [finding for skill in each for finding in blame.get(skill, [])]
            denials = sum(finding.repository == repository and finding.level == corpus.DENY for finding in findings)
            clean.append((repository, inside, denials - len(inside)))
    print_verdicts(verdicts, reasons)
    print(f"\n{len(clean)} repositories are clean under skills-ref; what cargo-skills denies there:")
    for repository, inside, outside in clean:
        print(f"  {repository.name}: {len(inside)} in its skills, {outside} elsewhere")
        for finding in inside[:SHOWN]:
            print(f"    {finding.code} {finding.data['path']}: {finding.data['message']}")
        if inside[SHOWN:]:
            print(f"    and {len(inside) - SHOWN} more")


def print_verdicts(verdicts, reasons):
    print(f"{'':24} {'denied here':>12} {'accepted here':>14}")
    for is_valid, name in [(False, "skills-ref rejects"), (True, "skills-ref accepts")]:
        print(f"{name:24} {verdicts[is_valid, False]:12,} {verdicts[is_valid, True]:14,}")
    told = ", ".join(f"{code} {amount:,}" for code, amount in reasons.most_common())
    print(f"skills that skills-ref accepts, by what denies them: {told or 'none'}")


# -- sample ----------------------------------------------------------------------------------------------------------------


def print_sample(options, findings):
    title("sample")
    groups = collections.defaultdict(list)
    for finding in findings:
        is_wanted = options.rule in (None, finding.code, finding.name) and options.level in (None, finding.level)
        if is_wanted:
            groups[finding.code if options.each else ""].append(finding)
    for code in sorted(groups):
        drawn = random.Random(f"{options.seed} {code}").sample(groups[code], min(options.sample, len(groups[code])))
        for finding in drawn:
            print(as_text(finding), end="\n\n")


def as_text(finding):
    """A finding with the lines that it is about, for a person."""
    data = finding.data
    lines = [f"{finding.level}[{finding.code} {finding.name}]: {data['message']}"]
    lines += [f"  --> {finding.repository.name}/{data['path']}", *excerpt(finding)]
    lines += [f"  note: {note}" for note in data["notes"]]
    for help in data["helps"]:
        lines.append(f"  {'repair' if help['certain'] else 'help'}: {help['text']}")
        lines += [f"    {described(finding, edit)}" for edit in help["edits"]]
    return "\n".join(lines)


def described(finding, edit):
    start, end = corpus.span(edit)
    place = f"{edit['start']['line']}:{edit['start']['column']}"
    return f"{place} {finding.path.read_bytes()[start:end].decode(errors='backslashreplace')!r} -> {edit['replacement']!r}"


def excerpt(finding, most=160):
    """The first line of the place with its number, and a line that marks the place."""
    if not finding.span or not finding.path.is_file():
        return []
    content = finding.path.read_bytes()
    start, end = finding.span
    line_start = content.rfind(b"\n", 0, start) + 1
    line_end = content.find(b"\n", start) if b"\n" in content[start:] else len(content)
    from_here = max(line_start, start - most // 2)
    shown = shown_as(content[from_here : min(line_end, from_here + most)])
    if finding.name == "hardcoded-secret":  # Its kind can be judged by its first bytes; a report is no place for the rest.
        shown = shown_as(content[from_here : start + 6]) + "..."
    before = shown_as(content[from_here:start])
    marked = max(1, len(shown_as(content[start : min(end, line_end, from_here + most)])))
    number = f"{content.count(bytes([10]), 0, start) + 1:5} | "
    mark = " " * len(before) + "^" * marked + f" {finding.data['label']}"
    return [number + shown, " " * (len(number) - 2) + "| " + mark.rstrip()]


def shown_as(text):
    """Text with what a terminal would obey or hide spelled out; an excerpt may begin and end inside of a character."""
    decoded = text.decode(errors="replace").strip("\ufffd")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in decoded)


if __name__ == "__main__":
    sys.exit(main())
