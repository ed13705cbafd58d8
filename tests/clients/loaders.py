"""Reads frontmatter with the loaders of Python: python3 loaders.py < SKILLS

SKILLS is a JSON list of {"directory": ..., "frontmatter": ...}. What comes out is an object with a list for each loader, of
{"value": ...} or {"error": "..."}; what JSON cannot say is an object with the key `$`. skills-ref reads the directory.
"""

import json
import pathlib
import sys

import ruamel.yaml
import yaml
from skills_ref.parser import find_skill_md, parse_frontmatter
from skills_ref.validator import validate


def plain(value):
    match value:
        case dict():
            return {key if isinstance(key, str) else f"${key!r}": plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case None | bool() | int() | str():
            return value
        case _:
            return {"$": repr(value)}


def with_pyyaml(skill):
    return yaml.safe_load(skill["frontmatter"])


def with_ruamel(skill):
    return ruamel.yaml.YAML(typ="safe", pure=True).load(skill["frontmatter"])


def with_skills_ref(skill):
    directory = pathlib.Path(skill["directory"])
    if errors := validate(directory):
        raise ValueError("; ".join(errors))
    return parse_frontmatter(find_skill_md(directory).read_text(encoding="utf-8"))[0]


def result(load, skill):
    try:
        return {"value": plain(load(skill))}
    except Exception as error:  # Loaders leak what they trip over: ValueError, TypeError, AssertionError.
        return {"error": f"{type(error).__name__}: {error}"}


skills = json.load(sys.stdin)
loaders = {"PyYAML": with_pyyaml, "ruamel.yaml": with_ruamel, "skills-ref": with_skills_ref}
print(json.dumps({name: [result(load, skill) for skill in skills] for name, load in loaders.items()}))
