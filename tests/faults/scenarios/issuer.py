"""An authorization server for scenarios: metadata, keys, and tokens that openssl signs."""

from __future__ import annotations

import base64
import http.server
import json
import pathlib
import subprocess
import threading
import time

from harness import tool

RESOURCE = "http://127.0.0.1/mcp"


class Issuer:
    """Serves `issuer` at a free port; `issuer` may be the address of a proxy in front of it."""

    def __init__(self, directory: pathlib.Path) -> None:
        tool("openssl")
        self.directory, self.keys, self.fetches = directory, [], 0
        self.issuer = ""
        self.kid = ""
        self.rotate("first")
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetches += 1
                body = json.dumps(outer.keyset() if "jwks" in self.path else outer.metadata()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = ("127.0.0.1", self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> Issuer:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()

    def rotate(self, kid: str) -> None:
        """A new key beside those there are, which signs from now on."""
        self.kid = kid
        file = self.directory / f"{kid}.pem"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(file)], check=True)
        command = ["openssl", "ec", "-in", str(file), "-pubout", "-outform", "DER"]
        point = subprocess.run(command, check=True, capture_output=True).stdout[-64:]
        self.keys.append({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
                          "x": encoded(point[:32]), "y": encoded(point[32:])})

    def metadata(self) -> dict:
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "response_types_supported": ["code"]}

    def keyset(self) -> dict:
        return {"keys": self.keys}

    def token(self, offset: float = 0, lasts: float = 300) -> str:
        """A token whose clock is off by so many seconds."""
        now = int(time.time() + offset)
        header = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid}
        claims = {"iss": self.issuer, "aud": RESOURCE, "sub": "alice", "client_id": "faults", "iat": now, "nbf": now,
                  "exp": now + int(lasts), "jti": str(time.monotonic_ns()), "scope": "skills:read"}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.directory / f"{self.kid}.pem")]
        der = subprocess.run(command, input=signed.encode(), check=True, capture_output=True).stdout
        return f"{signed}.{encoded(raw(der))}"

    def policy(self, times: str) -> pathlib.Path:
        file = self.directory / "policy.toml"
        file.write_text(f"[oauth]\nresource = \"{RESOURCE}\"\ntimes = {{ {times} }}\n[[oauth.issuers]]\nissuer = \"{self.issuer}\"\n")
        return file


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(der: bytes) -> bytes:
    """A signature of two numbers in DER as JWS has it: both with 32 bytes."""
    numbers, at = [], 2
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + length]).to_bytes(32))
        at += 2 + length
    return b"".join(numbers)
