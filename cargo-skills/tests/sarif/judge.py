"""Says what the schema of SARIF 2.1.0 has against a log: judge.py FOLDER LOG, where npm left the schema's package in FOLDER."""

import hashlib
import json
import pathlib
import sys
import tarfile

from jsonschema.validators import validator_for

MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
DIGEST = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"

folder, log = map(pathlib.Path, sys.argv[1:])
with tarfile.open(next(folder.glob("*.tgz"))) as package:
    text = package.extractfile(MEMBER).read()
digest = hashlib.sha256(text).hexdigest()
assert digest == DIGEST, f"this is another schema: {digest}"

schema = json.loads(text)
validator = validator_for(schema)
validator.check_schema(schema)
judge = validator(schema, format_checker=validator.FORMAT_CHECKER)
for error in judge.iter_errors(json.loads(log.read_text())):
    print(error.json_path, error.message)
