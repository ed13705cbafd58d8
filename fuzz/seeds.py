"""Writes the seed corpus of every target into fuzz/corpus: the rules' own fixtures, cut up as each target reads them, and for the
runtime what its manuals and tests say.

    python3 fuzz/seeds.py
"""

import base64
import hashlib
import json
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

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "fuzz", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {"roots": {}},
}
METHODS = {
    "initialize": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "fuzz", "version": "0"}},
    "completion/complete": {"ref": {"type": "ref/prompt", "name": "pdf"}, "argument": {"name": "x", "value": "y"}},
    "ping": {},
    "prompts/get": {"name": "pdf", "arguments": {"x": "y"}},
    "prompts/list": {"cursor": "100"},
    "resources/directory/read": {"uri": "skill://pdf"},
    "resources/read": {"uri": "skill://pdf/SKILL.md"},
    "resources/list": {},
    "server/discover": {},
    "skills/get": {"uri": "skill://pdf"},
    "skills/list": {},
    "subscriptions/listen": {},
    "tools/call": {"name": "read_skill", "arguments": {"name": "pdf", "more": [1, -2.5e3, None, True, "\u00e9"]}},
    "tools/list": {},
}
for method, params in METHODS.items():
    for id in (1, "a"):
        for meta in ({}, {"_meta": META}):
            write("message", json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params | meta}))
write("message", '{"jsonrpc":"2.0","id":1,"result":{}}')
write("message", '{"jsonrpc":"2.0","method":"notifications/initialized"}')
write("lines", "\x03\x08{}\n\n123456789\r\nrest")

for name in ("skill://pdf/SKILL.md", "=?base64?c2tpbGw6Ly9wZGYvU0tJTEwubWQ=?="):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "skill://pdf/SKILL.md", "_meta": META}})
    write("request", f"MCP-Protocol-Version: 2026-07-28\nMcp-Method: resources/read\nMcp-Name: {name}\n\n{body}")
write("head", "Origin: http://localhost:6274\nAuthorization: Bearer abc\nX-Forwarded-For: 1.1.1.1, 10.0.0.2")
write("head", 'Forwarded: for="[2001:db8::7]:4711";host=a.test, for=10.0.0.3;proto=https\nX-API-Key: skl_a_b')
write("head", "X-Forwarded-Host: a.test\nOrigin: https://[::1]:1\nAuthorization: Basic abc")
for name in ("*", "localhost", "skills.example.com:8443", "::1", "[::1]:80", "http://localhost:*", "https://app.test", "https://[::1]:1"):
    write("name_patterns", name)
for path in ("index.json", "pdf.zip", "pdf@ab.zip", "pdf@ab/SKILL.md", "pdf/a%20b/%c3%A4@2x.md"):
    write("discovery_path", f"/acme/.well-known/agent-skills/{path}")
    write("discovery_path", f"/.well-known/skills/{path}")

for manual in ("secure.md", "audit.md", "operate.md"):
    text = (ROOT.parent / "docs" / manual).read_text(encoding="utf-8")
    for block in re.findall(r"```toml\n(.*?)```", text, flags=re.S):
        write("policy", block)
write("policy", '[limits]\nall = { requests = 4294967295, per = "1ns", burst = 1 }\n[audit]\nfile = "a"\nmax-size = "1MiB"\n')
write("key_file", "skl_0123456789_" + "0" * 64)
write("key_file", "0" * 64)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


for header in ({"alg": "ES256", "typ": "at+jwt", "kid": "1"}, {"alg": "none", "typ": "JWT"}, {"alg": "RS256", "crit": ["b64"]}):
    write("token", f"{part(header)}.{part({'iss': 'https://id.example', 'aud': ['a'], 'exp': 1, 'scope': 'x y'})}.AAAA")
KEYS = [
    {"kty": "EC", "crv": "P-256", "kid": "1", "alg": "ES256", "use": "sig", "x": "AQ" * 21 + "A", "y": "AQ" * 21 + "A"},
    {"kty": "OKP", "crv": "Ed25519", "kid": "2", "alg": "EdDSA", "x": "AQ" * 21 + "A"},
    {"kty": "RSA", "kid": "3", "alg": "RS256", "n": "AQ" * 171, "e": "AQAB", "key_ops": ["verify"]},
]
write("key_set", json.dumps({"keys": KEYS}))
for key in KEYS:
    write("key_set", json.dumps({"keys": [key]}))
EVENT = {"seq": 1, "prev": "0" * 64, "time": "2026-07-28T00:00:00.000Z", "event": "start", "seal": "0" * 64}
second = EVENT | {"seq": 2, "event": "request", "prev": hashlib.sha256(json.dumps(EVENT).encode()).hexdigest(), "decision": "allow"}
write("audit_file", json.dumps(EVENT) + "\n" + json.dumps(second) + "\n")
write("audit_file", json.dumps(EVENT))
