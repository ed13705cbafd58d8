"""Says what is wrong with a directory that `cargo skills dist` wrote: judge.py DIRECTORY NAME."""

import hashlib
import json
import pathlib
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

directory, name = pathlib.Path(sys.argv[1]), sys.argv[2]


def digest(path):
    return hashlib.sha256((directory / path).read_bytes()).hexdigest()


sbom = (directory / "sbom.cdx.json").read_text()
if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom):
    print("sbom.cdx.json:", fault)
references = {"executable"} | {component["bom-ref"] for component in json.loads(sbom)["components"]}
for edge in json.loads(sbom)["dependencies"]:
    for reference in [edge["ref"], *edge.get("dependsOn", [])]:
        if reference not in references:
            print("sbom.cdx.json: nothing is called", reference)

text = (directory / "provenance.intoto.json").read_text()
statement = json_format.Parse(text, statement_pb2.Statement())
Statement.copy_from_pb(statement).validate()
json_format.ParseDict(json.loads(text)["predicate"], provenance_pb2.Provenance())
subjects = {subject.name: subject.digest["sha256"] for subject in statement.subject}
for path, known in subjects.items():
    if digest(path) != known:
        print("provenance.intoto.json:", path, "has another digest")
files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
if unsaid := files - set(subjects) - {"provenance.intoto.json", "SHA256SUMS"}:
    print("provenance.intoto.json: nothing of", unsaid)

sums = [line.split("  ", 1) for line in (directory / "SHA256SUMS").read_text().splitlines()]
if {path for _, path in sums} != files - {"SHA256SUMS"} or any(digest(path) != known for known, path in sums):
    print("SHA256SUMS: not the digests of the files")

server = json.loads((directory / "server.json").read_text())
if server["packages"][0]["fileSha256"] != digest(f"{name}.mcpb"):
    print("server.json: the package has another digest")
