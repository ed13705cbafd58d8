"""Runs Glewlwyd, an authorization server that has nothing in common with the other one: python3 glewlwyd.py ROOT FOLDER RESOURCE

ROOT is where its packages are unpacked, FOLDER is for its database. Says its issuer and a token for RESOURCE on standard output,
and serves until standard input ends.
"""

import base64
import gzip
import http.cookiejar
import json
import pathlib
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

root, folder, resource = sys.argv[1:]
root, folder = pathlib.Path(root), pathlib.Path(folder)
program = root / "usr/bin/glewlwyd"
modules = root / "usr/lib/glewlwyd"

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
base = f"http://127.0.0.1:{port}"

database = folder / "glewlwyd.db"
database.unlink(missing_ok=True)
with gzip.open(root / "usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz", "rt") as script:
    connection = sqlite3.connect(database)
    connection.executescript(script.read())
    connection.close()

settings = {
    "port": port,
    "bind_address": '"127.0.0.1"',
    "external_url": f'"{base}"',
    "log_level": '"WARNING"',
    "cookie_domain": '"127.0.0.1"',
    "cookie_secure": 0,
    "static_files_path": f'"{folder}"',
    "user_module_path": f'"{modules}/user"',
    "user_middleware_module_path": f'"{modules}/user_middleware"',
    "client_module_path": f'"{modules}/client"',
    "user_auth_scheme_module_path": f'"{modules}/scheme"',
    "plugin_module_path": f'"{modules}/plugin"',
}
with gzip.open(root / "usr/share/doc/glewlwyd/glewlwyd.conf.sample.gz", "rt") as sample:
    lines = [line for line in sample if line.split("=")[0].strip().lstrip("#") not in settings]
text = "".join(lines).replace("/var/cache/glewlwyd/glewlwyd.db", str(database))
text += "".join(f"{name}={value}\n" for name, value in settings.items())
(folder / "glewlwyd.conf").write_text(text)
server = subprocess.Popen([program, "--config-file", folder / "glewlwyd.conf"], stdout=sys.stderr)

browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def ask(path, value):
    request = urllib.request.Request(base + path, json.dumps(value).encode(), {"Content-Type": "application/json"})
    try:
        with browser.open(request, timeout=20) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        server.kill()
        sys.exit(f"{path}: {error.code} {error.read()[:500]}")


end = time.monotonic() + 30
while True:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            break
    if server.poll() is not None or time.monotonic() > end:
        server.kill()
        sys.exit("it does not start")

ask("/api/auth", {"username": "admin", "password": "password"})
ask("/api/scope", {"name": "skills:read", "display_name": "read", "password_required": False, "scheme": {}})
key = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1())))
keys = {"keys": [{**key, "kid": "one", "alg": "ES256", "use": "sig"}]}
issuer = f"{base}/api/oidc"
ask(
    "/api/mod/plugin",
    {
        "module": "oidc",
        "name": "oidc",
        "display_name": "oidc",
        "parameters": {
            "iss": issuer,
            "jwks-private": json.dumps(keys),
            "jwt-type": "ecdsa",
            "jwt-key-size": "256",
            "default-kid": "one",
            "access-token-duration": 3600,
            "refresh-token-duration": 3600,
            "code-duration": 60,
            "allow-non-oidc": True,
            "auth-type-client-enabled": True,
            "auth-type-code-enabled": False,
            "auth-type-token-enabled": False,
            "auth-type-id-token-enabled": False,
            "auth-type-none-enabled": False,
            "auth-type-password-enabled": False,
            "auth-type-refresh-enabled": False,
            "resource-allowed": True,
            "resource-scope": {"skills:read": [resource]},
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
            "jwks-show": True,
        },
    },
)
ask(
    "/api/client",
    {
        "client_id": "glewlwyd",
        "name": "glewlwyd",
        "token_endpoint_auth_method": ["client_secret_basic"],
        "password": "secret",
        "confidential": True,
        "enabled": True,
        "authorization_type": ["client_credentials"],
        "scope": ["skills:read"],
        "redirect_uri": ["http://127.0.0.1:1/"],
    },
)
form = {"grant_type": "client_credentials", "scope": "skills:read", "resource": resource}
request = urllib.request.Request(issuer + "/token", urllib.parse.urlencode(form).encode())
request.add_header("Authorization", "Basic " + base64.b64encode(b"glewlwyd:secret").decode())
try:
    with urllib.request.urlopen(request, timeout=20) as answer:
        token = json.load(answer)["access_token"]
    print(issuer, flush=True)
    print(token, flush=True)
    sys.stdin.read()
finally:
    server.kill()
