"""Programs that run beside a server: the fault proxy, the load generator, openssl, and the server's own commands."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from verdict import Missing
from wire import PATIENCE, READ, raw_request

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
