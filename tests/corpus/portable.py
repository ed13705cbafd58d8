"""Asks whether all loaders read the skills that pass the profile `portable`, and read the same in them.

    python3 portable.py CORPUS CARGO-SKILLS NODE-FOLDER [--timeout SECONDS] [--examples NUMBER]

CORPUS is a folder whose folders are repositories that hold skills anywhere. CARGO-SKILLS is the executable. Run it with a
Python that has `skills-ref`, `PyYAML` and `ruamel.yaml`; NODE-FOLDER is where `npm install js-yaml yaml skills` was run.

Accepted is a skill that nothing in it is denied of. Its frontmatter goes to PyYAML (`safe_load`), ruamel.yaml (`safe`, YAML
1.2), js-yaml (`load`), yaml (`parse`) and, with the file around it, skills-ref and the `skills` installer (`skills add
FOLDER --list`, which shows names and descriptions). Ends with 1 if any of them refuses or differs. Printed are:

refused    what a loader refuses, and why
differing  values that the loaders do not agree on, by what each makes of them: a date is text to one and a date to another.
           skills-ref knows text alone, so it is asked only about what is text to PyYAML. `told` is what cargo-skills finds in
           the frontmatter of these skills, about this or anything else.
denied     the other way round: of the skills that cargo-skills denies for something in the frontmatter, those that every
           loader reads alike, by what denies them. Not every such rule is about YAML.
"""

import argparse
import collections
import dataclasses
import datetime
import json
import os
import pathlib
import re
import sys
import tempfile

import ruamel.yaml
import yaml

import corpus

LOADERS = ["PyYAML", "ruamel.yaml", "js-yaml", "yaml"]
FRONTMATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


@dataclasses.dataclass
class Skill:
    """A skill with what was said of it."""

    directory: pathlib.Path
    text: str
    findings: list
    denials: list
    results: dict = dataclasses.field(default_factory=dict)
    reference: dict = dataclasses.field(default_factory=dict)
    listed: dict = dataclasses.field(default_factory=dict)

    def refusals(self):
        """(loader, why) of the loaders that cannot read it."""
        return [(name, result["error"]) for name, result in self.results.items() if "error" in result]

    def is_disputed(self):
        return bool(self.all_differences() or self.refusals() or self.reference["errors"] or not self.listed)

    def all_differences(self):
        return [*self.differences(), *self.differences_from_reference(), *self.differences_from_installer()]

    def differences(self):
        """(path, {loader: what it makes of it}) of the values that not all agree on, who read the skill at all."""
        values = {name: dict(leaves(result["value"])) for name, result in self.results.items() if "value" in result}
        for path in sorted(set().union(*values.values())):
            readings = {name: value.get(path, ("absent", "")) for name, value in values.items()}
            if len(set(readings.values())) > 1:
                yield path, readings

    def differences_from_installer(self):
        """(path, {loader: reading}) of the name and the description, on one line as the installer shows them."""
        values = self.results["PyYAML"].get("value")
        for key, shown in self.listed.items():
            own = re.sub(r"[\r\n]+", " ", str(values.get(key))).strip() if isinstance(values, dict) else None
            if own != shown:
                yield f".{key}", {"PyYAML": ("text", str(own)), "skills": ("text", shown)}

    def differences_from_reference(self):
        """(path, {loader: reading}) of the texts at the top that skills-ref reads in its own way."""
        values = self.results["PyYAML"].get("value")
        if not isinstance(values, dict) or not self.reference["values"]:
            return
        for key, value in values.items():
            other = self.reference["values"].get(key)
            if isinstance(value, str) and value != other:
                yield f".{key}", {"PyYAML": ("text", value), "skills-ref": next(leaves(other))[1]}


def main():
    options = arguments()
    skills = read(options)
    accepted = [skill for skill in skills if not skill.denials]
    list_with_installer(accepted, options)
    print(f"{len(skills):,} skills with frontmatter; {len(accepted):,} are accepted")
    print_refused(accepted, options.examples)
    print_differing(accepted, options.examples)
    print_denied(skills, options.examples)
    return 1 if any(skill.is_disputed() for skill in accepted) else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("cargo_skills", type=os.path.abspath, metavar="cargo-skills")
    parser.add_argument("node_folder", type=os.path.abspath, metavar="node-folder")
    parser.add_argument("--timeout", type=float, default=600, help="the seconds that a run may take (%(default)s)")
    parser.add_argument("--examples", type=int, default=3, help="examples to print of each kind (%(default)s)")
    return parser.parse_args()


# -- reading ---------------------------------------------------------------------------------------------------------------


def read(options):
    skills = []
    for repository in corpus.repositories(options.corpus.absolute()):
        skills += read_repository(repository, options)
    texts = [skill.text for skill in skills]
    columns = [list(map(load_with(loader), texts)) for loader in (yaml.safe_load, ruamel_load)]
    columns += [load_in_node(name, texts, options) for name in LOADERS[2:]]
    _, references = corpus.verdicts(sys.executable, [skill.directory for skill in skills], options.timeout)
    for skill, results, reference in zip(skills, zip(*columns, strict=True), references, strict=True):
        skill.results, skill.reference = dict(zip(LOADERS, results)), reference
    return skills


def read_repository(repository, options):
    run, findings = corpus.check(options.cargo_skills, repository, options.timeout, "--profile", "portable")
    if run.trouble():
        raise SystemExit(f"{repository.name}: {run.trouble()}")
    directories = corpus.skills(repository)
    blame, by_file = corpus.blamed(directories, findings), collections.defaultdict(list)
    for finding in findings:
        by_file[finding.path].append(finding)
    for directory in directories:
        document = (directory / "SKILL.md").read_bytes().decode(errors="replace")
        found = FRONTMATTER.match(document)
        if found:
            here = [each for each in by_file[directory / "SKILL.md"] if each.span and each.span[0] <= len(found[0].encode())]
            yield Skill(directory, found[1], here, blame.get(directory, []))


def list_with_installer(skills, options):
    """Copies each SKILL.md into a folder where no other has its name, because the installer takes one of a name."""
    program = os.path.join(options.node_folder, "node_modules/skills/bin/cli.mjs")
    waiting = list(skills)
    while waiting:
        by_name = {skill.directory.name: skill for skill in reversed(waiting)}
        with tempfile.TemporaryDirectory() as folder:
            for name, skill in by_name.items():
                copy = pathlib.Path(folder, "skills", name)
                copy.mkdir(parents=True)
                (copy / "SKILL.md").write_bytes((skill.directory / "SKILL.md").read_bytes())
            # No home, so that nothing of the user's is read; no network.
            command = ["env", f"HOME={folder}", "DISABLE_TELEMETRY=1", "HTTPS_PROXY=http://127.0.0.1:9"]
            run = corpus.run([*command, "node", program, "add", ".", "--list"], options.timeout, directory=folder)
        if run.trouble({0}):
            raise SystemExit(f"skills {run.trouble({0})}")
        for name, description in shown_by_installer(run.output.decode()):
            if name in by_name:
                by_name[name].listed = {"name": name, "description": description}
        taken = {id(skill) for skill in by_name.values()}
        waiting = [skill for skill in waiting if id(skill) not in taken]


def shown_by_installer(output):
    """The names and descriptions: lines behind a bar, indented by four and by six."""
    return re.findall(r"^│    (\S.*)\n│\n│      (.*)$", output.partition("Available Skills")[2], re.MULTILINE)


def ruamel_load(text):
    return ruamel.yaml.YAML(typ="safe", pure=True).load(text)


def load_with(function):
    def load(text):
        try:
            return {"value": function(text)}
        except Exception as error:  # Loaders leak what they trip over: ValueError for 2024-13-45, TypeError, RecursionError.
            return {"error": f"{type(error).__name__}: {getattr(error, 'problem', None) or error}".partition("\n")[0]}

    return load


def load_in_node(name, texts, options):
    script = pathlib.Path(__file__).with_name("load.mjs")
    run = corpus.run(["node", script, name, options.node_folder], options.timeout, json.dumps(texts).encode())
    if run.trouble({0}):
        raise SystemExit(f"{name} {run.trouble({0})}")
    return json.loads(run.output)


# -- comparing -------------------------------------------------------------------------------------------------------------


def leaves(value, path=""):
    """(path, (kind, text)) of every scalar and of everything empty in a value, the same for equal values of all loaders."""
    match value:
        case dict() if value.keys() == {"$date"}:
            yield path, ("date", moment(datetime.datetime.fromisoformat(value["$date"])))
        case dict() if value.keys() == {"$number"}:
            yield path, scalar(float(value["$number"].replace("Infinity", "inf")))
        case dict() if value:
            for key, each in value.items():
                yield from leaves(each, f"{path}.{key}")
        case list() if value:
            for index, each in enumerate(value):
                yield from leaves(each, f"{path}[{index}]")
        case _:
            yield path, scalar(value)


def scalar(value):
    match value:
        case dict() | list():
            return "empty", str(value)
        case str():
            return "text", value
        case bool():
            return "bool", str(value)
        case int() | float():
            return "number", str(int(value)) if isinstance(value, int) or value.is_integer() else repr(value)
        case None:
            return "null", ""
        case datetime.datetime():
            return "date", moment(value)
        case datetime.date():
            return "date", moment(datetime.datetime(value.year, value.month, value.day))
        case _:
            return type(value).__name__, str(value)


def moment(time):
    """A time without a zone is one in UTC, as it is to all who know times."""
    aware = time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
    return aware.astimezone(datetime.timezone.utc).isoformat()


# -- printing --------------------------------------------------------------------------------------------------------------


def title(text):
    print(f"\n## {text}\n")


def print_refused(accepted, examples):
    title("refused")
    reasons = collections.defaultdict(list)
    for skill in accepted:
        for name, why in skill.refusals():
            reasons[name, without_particulars(why)].append((skill, why))
        for why in skill.reference["errors"]:
            reasons["skills-ref", without_particulars(why)].append((skill, why))
        if not skill.listed:
            reasons["skills", "not listed"].append((skill, ""))
    for name in [*LOADERS, "skills-ref", "skills"]:
        mine = {key: each for key, each in reasons.items() if key[0] == name}
        refused = {skill.directory for each in mine.values() for skill, _ in each}
        print(f"{name}: {len(refused):,}")
        for (_, why), each in sorted(mine.items(), key=lambda item: -len(item[1])):
            print(f"  {len(each):,} {why}")
            for skill, particulars in each[:examples]:
                print(f"      {shown(skill)}: {' '.join(particulars.split())[:160]}")


def without_particulars(why):
    """A message without what is one file's own, so that equal faults count as one."""
    general = re.sub(r"\d+", "N", re.sub(r"'[^']*'|\"[^\"]*\"|(?<=: ).*", "…", why.partition("\n")[0]))[:100]
    found = re.search(r"^Found [\w ]+", why, re.MULTILINE)  # The gist of strictyaml's faults, after an excerpt.
    return f"{general} {found[0].strip()}" if found else general


def print_differing(accepted, examples):
    title("differing")
    kinds = collections.defaultdict(list)
    for skill in accepted:
        for path, readings in skill.all_differences():
            signature = ", ".join(f"{name} {kind}" for name, (kind, _) in readings.items())
            kinds[signature].append((skill, path, readings))
    print(f"{len({skill.directory for each in kinds.values() for skill, _, _ in each}):,} skills")
    for signature, each in sorted(kinds.items(), key=lambda item: -len(item[1])):
        skills = {skill.directory: skill for skill, _, _ in each}
        codes = collections.Counter(code for skill in skills.values() for code in {each.code for each in skill.findings})
        told = ", ".join(f"{code} {amount:,}" for code, amount in sorted(codes.items())) or "nothing"
        print(f"{len(each):,} values in {len(skills):,} skills: {signature}; told: {told}")
        for skill, path, readings in each[:examples]:
            print(f"    {shown(skill)} {path}: {' | '.join(repr(text[:60]) for _, text in readings.values())}")


def print_denied(skills, examples):
    title("denied")
    codes = collections.defaultdict(list)
    for skill in skills:
        if not skill.refusals() and not any(skill.differences()):
            for code in {finding.code + " " + finding.name for finding in skill.findings if finding.level == corpus.DENY}:
                codes[code].append(skill)
    for code, each in sorted(codes.items()):
        valid = sum(not skill.reference["errors"] for skill in each)
        print(f"{len(each):,} {code}; skills-ref accepts {valid:,}")
        for skill in [skill for skill in each if not skill.reference["errors"]][:examples]:
            print(f"    {shown(skill)}")


def shown(skill):
    return os.path.join(*skill.directory.parts[-4:])


if __name__ == "__main__":
    sys.exit(main())
