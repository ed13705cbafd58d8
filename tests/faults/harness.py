"""What the scripts of the fault programme share: servers, requests, programs beside them, and verdicts.

Python's standard library alone. Everything listens on loopback, every wait has an end, and whatever was started is stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = ROOT / "target" / "release" / "skills-server"
PATIENCE = 30.0
STATELESS = "2026-07-28"
INITIALIZED = "2025-11-25"
DOCUMENT = "skill://conventional-commits/SKILL.md"


class Missing(Exception):
    """Something that a scenario needs is not on this machine, or not in this executable."""


@dataclass
class Verdict:
    """The figures of one script. A figure has a bound, and is right or wrong; the exit code is that of the worst."""

    title: str
    failures: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"== {self.title}", flush=True)

    def check(self, row: str, what: str, holds: bool, figure: object) -> bool:
        print(f"{'PASS' if holds else 'FAIL'}  row {row}  {what}: {figure}", flush=True)
        if not holds:
            self.failures.append(f"row {row}, {what}: {figure}")
        return holds

    def at_most(self, row: str, what: str, figure: float, bound: float, unit: str = "") -> bool:
        return self.check(row, what, figure <= bound, f"{figure:.6g}{unit} (at most {bound:g}{unit})")

    def at_least(self, row: str, what: str, figure: float, bound: float, unit: str = "") -> bool:
        return self.check(row, what, figure >= bound, f"{figure:.6g}{unit} (at least {bound:g}{unit})")

    def equal(self, row: str, what: str, found: object, expected: object) -> bool:
        return self.check(row, what, found == expected, f"{found!r}" + ("" if found == expected else f", not {expected!r}"))

    def one_of(self, row: str, what: str, found: object, expected: tuple[object, ...]) -> bool:
        return self.check(row, what, found in expected, f"{found!r} (one of {expected!r})")

    def latency(self, row: str, what: str, result: dict, bound: float) -> None:
        """The p99 of a load. Where the load generator itself was woken too late to tell, nothing is decided."""
        p99, wake = result["all"]["p99"], result["wake"]["p99"]
        figure = f"{p99:g} ms (at most {bound:g} ms; the load generator itself was {wake:g} ms late)"
        if p99 > bound and wake > bound / 5:
            self.not_run(row, f"{what}: {figure}: the machine is too busy for a verdict")
        else:
            self.check(row, what, p99 <= bound, figure)

    def not_run(self, row: str, reason: object) -> None:
        print(f"NOT RUN  row {row}  {reason}", flush=True)
        self.missing.append(f"row {row}: {reason}")

    def exit_code(self) -> int:
        for failure in self.failures:
            print(f"  failed: {failure}")
        for reason in self.missing:
            print(f"  not run: {reason}")
        outcome = "FAIL" if self.failures else "INCOMPLETE" if self.missing else "PASS"
        print(f"{outcome}: {self.title}", flush=True)
        return {"PASS": 0, "FAIL": 1, "INCOMPLETE": 3}[outcome]


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


class Server:
    """A server that listens, with its log and its figures; stopped at the end of a `with`."""

    def __init__(self, executable: str, flags: list[str] | None = None, *, prefix: list[str] | None = None,
                 environment: dict[str, str] | None = None, admin: bool = True, wait: bool = True,
                 listen: str = "127.0.0.1:0") -> None:
        command = [*(prefix or []), str(executable), "serve", "--listen", listen]
        command += ["--admin-listen", "127.0.0.1:0"] if admin else []
        self.process = subprocess.Popen(
            [*command, *(flags or [])], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, errors="replace", env=os.environ | (environment or {}),
        )
        self.log: list[str] = []
        self.lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.address = self.admin = ("", 0)
        if wait:
            self.address = self._place("MCP")
            if admin:
                self.admin = self._place("metrics")
                # What is opened with the first request, such as a poller for each thread, is no leak.
                with contextlib.suppress(OSError):
                    for _ in range(4):
                        get(self.admin, "/metrics", timeout=5)

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log.append(line.rstrip("\n"))
            self.lines.put(line)
        self.lines.put(None)

    def until(self, text: str, patience: float = PATIENCE) -> str:
        """The next line of the log, from the first that was not looked at, that has this in it."""
        end = time.monotonic() + patience
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise TimeoutError(f"{text!r} is not in the log:\n" + "\n".join(self.log[-20:]))
            if text in line:
                return line

    def _place(self, what: str) -> tuple[str, int]:
        try:
            line = self.until(f"Serving {what} at ")
        except TimeoutError as error:
            self.kill()
            if "unknown field" in str(error) or "was built without" in str(error):
                raise Missing(f"the executable lacks a feature: {self.log[-1]}") from None
            raise
        match = re.search(r"https?://([^/\s\"]+):(\d+)", line)
        return (match[1], int(match[2])) if match else ("", 0)

    @property
    def pid(self) -> int:
        return self.process.pid

    def memory(self, key: str = "VmRSS") -> float:
        """VmRSS or VmHWM, in MiB."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(rf"^{key}:\s+(\d+) kB", status, re.M)
        return int(match[1]) / 1024 if match else 0.0

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def processor(self) -> float:
        """Seconds on a processor."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def metric(self, name: str, labels: str = "") -> float:
        """The sum over all series of this name whose labels have this text in them."""
        text = get(self.admin, "/metrics").body.decode()
        found = re.findall(rf"^{name}(\{{[^}}]*\}})? ([0-9.e+-]+)", text, re.M)
        return sum(float(value) for label, value in found if labels in label)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, patience: float = 60.0) -> float:
        """Has it end; how long it took in seconds. One that does not end is killed."""
        start = time.monotonic()
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()
        return time.monotonic() - start

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class Proxy:
    """The fault proxy in front of an address."""

    def __init__(self, to: tuple[str, int]) -> None:
        self.process = subprocess.Popen(
            [program("fault_proxy"), f"{to[0]}:{to[1]}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )
        assert self.process.stdout
        host, port = self.process.stdout.readline().split()[-1].rsplit(":", 1)
        self.address = (host, int(port))

    def set(self, fault: str) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(fault + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "ok\n":
            raise RuntimeError(f"the proxy does not know {fault!r}")

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


def program(name: str) -> str:
    """A program of the crate `skills-faults`, in whatever profile it was built last."""
    for profile in (os.environ.get("FAULT_PROGRAMS", "release"), "release", "debug"):
        path = ROOT / "target" / profile / name
        if path.exists():
            return str(path)
    raise Missing(f"{name}: build it with `cargo build --release -p skills-faults`")


@dataclass
class Wanted:
    """A request for the load generator."""

    name: str
    status: int
    bytes: bytes


class Load:
    """The load generator, which runs until it is done."""

    def __init__(self, address: tuple[str, int], requests: list[Wanted], *, rate: float, connections: int, seconds: float,
                 ca: str | None = None, source: str | None = None) -> None:
        with tempfile.NamedTemporaryFile("wb", suffix=".requests", delete=False) as file:
            for one in requests:
                file.write(f"{one.name} {one.status} {len(one.bytes)}\n".encode() + one.bytes)
        self.file = file.name
        # Connections take turns, so that a part of a second is rounded up.
        arguments = [f"{address[0]}:{address[1]}", file.name, f"{rate:g}", str(connections), str(max(1, round(seconds)))]
        self.process = subprocess.Popen(
            [program("load"), *arguments, ca or "-", source or "127.0.0.1"], stdout=subprocess.PIPE, text=True,
        )

    def running(self) -> bool:
        return self.process.poll() is None

    def result(self) -> dict:
        text, _ = self.process.communicate()
        os.unlink(self.file)
        if self.process.returncode:
            raise RuntimeError("the load generator failed")
        return json.loads(text)


def victim(address: tuple[str, int], seconds: float, **options: object) -> Load:
    """A well-behaved client at another address, 100 requests a second."""
    return Load(address, [Wanted("read", 200, raw_request(*READ))], rate=100, connections=4, seconds=seconds,
                source="127.0.0.2", **options)  # type: ignore[arg-type]


@contextlib.contextmanager
def folder() -> Iterator[pathlib.Path]:
    path = pathlib.Path(tempfile.mkdtemp(prefix="skills-faults-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def new_key(executable: str, file: pathlib.Path, principal: str, *more: str) -> str:
    command = [executable, "keys", "new", "--api-keys", str(file), principal, *more]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(r"skl_\w+", output)
    if not match:
        raise RuntimeError(f"no key in {output!r}")
    return match[0]


def certificate(directory: pathlib.Path, name: str, serial: int) -> tuple[pathlib.Path, pathlib.Path]:
    """A self-signed certificate for localhost: the files of the certificate and of its key."""
    tool("openssl")
    paths = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         # A root that is a server at the same time would be refused by readers that tell the two apart.
         "-addext", "basicConstraints=critical,CA:FALSE", "-set_serial", str(serial),
         "-out", str(paths[0]), "-keyout", str(paths[1])],
        check=True, capture_output=True,
    )
    return paths


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def eventually(condition: Callable[[], bool], patience: float = PATIENCE) -> float | None:
    """How long it took until something held, in seconds; nothing if it did not."""
    start = time.monotonic()
    while time.monotonic() - start < patience:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return time.monotonic() - start
        time.sleep(0.02)
    return None


def connect(address: tuple[str, int], source: str = "127.0.0.1", timeout: float = PATIENCE) -> socket.socket:
    return socket.create_connection(address, timeout, source_address=(source, 0))


def arguments(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", nargs="?", default=str(SERVER), help=f"the server [default: {SERVER}]")
    return parser


def checked(executable: str) -> str:
    if not os.access(executable, os.X_OK):
        sys.exit(f"{executable} is no executable; build it with `cargo build --release`, or name another")
    return executable
