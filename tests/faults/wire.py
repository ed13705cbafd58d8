"""Requests: as bytes for the load generator and for those who cut them up, and as calls that wait for the answer."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 30.0
STATELESS = "2026-07-28"
INITIALIZED = "2025-11-25"
DOCUMENT = "skill://conventional-commits/SKILL.md"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self) -> dict:
        return json.loads(self.body)


def meta() -> dict:
    return {
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": {"name": "faults", "version": "0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }


def message(method: str, params: dict | None = None, *, stateless: bool = True, number: int = 1) -> bytes:
    params = dict(params or {})
    if stateless:
        params["_meta"] = meta()
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()


def headers_of(method: str, params: dict | None = None, *, stateless: bool = True) -> dict[str, str]:
    headers = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": STATELESS if stateless else INITIALIZED,
    }
    if stateless:
        headers["Mcp-Method"] = method
        name = (params or {}).get("uri") or (params or {}).get("name")
        if name and method in ("resources/read", "tools/call", "prompts/get"):
            headers["Mcp-Name"] = name
    return headers


def raw_request(method: str, params: dict | None = None, *, stateless: bool = True, more: dict[str, str] | None = None) -> bytes:
    """A POST of one message as it goes over the wire."""
    body = message(method, params, stateless=stateless)
    headers = headers_of(method, params, stateless=stateless) | (more or {}) | {"Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /mcp HTTP/1.1\r\n{head}\r\n".encode() + body


def raw_get(path: str, more: dict[str, str] | None = None) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in ({"Host": "localhost"} | (more or {})).items())
    return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()


READ = ("resources/read", {"uri": DOCUMENT})


def ask(address: tuple[str, int], method: str = READ[0], params: dict | None = None, *, more: dict[str, str] | None = None,
        stateless: bool = True, timeout: float = PATIENCE) -> Answer:
    """Asks over a connection of its own."""
    params = READ[1] if params is None and method == READ[0] else params
    headers = headers_of(method, params, stateless=stateless) | (more or {})
    return http_request(address, "POST", "/mcp", message(method, params, stateless=stateless), headers, timeout)


def get(address: tuple[str, int], path: str, *, more: dict[str, str] | None = None, timeout: float = PATIENCE) -> Answer:
    return http_request(address, "GET", path, None, {"Host": "localhost"} | (more or {}), timeout)


def http_request(address: tuple[str, int], method: str, path: str, body: bytes | None, headers: dict[str, str],
                 timeout: float) -> Answer:
    start = time.monotonic()
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, content, time.monotonic() - start)
    finally:
        connection.close()


def status(request: Callable[[], Answer]) -> int | str:
    """The status of the answer, or the kind of the error instead of one."""
    try:
        return request().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__


def connect(address: tuple[str, int], source: str = "127.0.0.1", timeout: float = PATIENCE) -> socket.socket:
    return socket.create_connection(address, timeout, source_address=(source, 0))
