"""What the scripts of the fault programme share: servers here, requests in `wire.py`, programs beside servers in `programs.py`, and
verdicts in `verdict.py`.

Python's standard library alone. Everything listens on loopback, every wait has an end, and whatever was started is stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator

from programs import ROOT, Load, Proxy, Wanted, certificate, new_key, tool, victim
from verdict import Missing, Verdict
from wire import (DOCUMENT, INITIALIZED, PATIENCE, READ, STATELESS, Answer, ask, connect, get, headers_of, http_request, message, raw_get,
                  raw_request, status)

__all__ = [
    "DOCUMENT", "INITIALIZED", "PATIENCE", "READ", "ROOT", "STATELESS", "Answer", "Load", "Missing", "Proxy", "Server", "Verdict", "Wanted",
    "arguments", "ask", "certificate", "checked", "connect", "eventually", "folder", "get", "headers_of", "http_request", "message",
    "new_key", "raw_get", "raw_request", "status", "tool", "victim",
]

SERVER = ROOT / "target" / "release" / "skills-server"


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


@contextlib.contextmanager
def folder() -> Iterator[pathlib.Path]:
    path = pathlib.Path(tempfile.mkdtemp(prefix="skills-faults-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def eventually(condition: Callable[[], bool], patience: float = PATIENCE) -> float | None:
    """How long it took until something held, in seconds; nothing if it did not."""
    start = time.monotonic()
    while time.monotonic() - start < patience:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return time.monotonic() - start
        time.sleep(0.02)
    return None


def arguments(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", nargs="?", default=str(SERVER), help=f"the server [default: {SERVER}]")
    return parser


def checked(executable: str) -> str:
    if not os.access(executable, os.X_OK):
        sys.exit(f"{executable} is no executable; build it with `cargo build --release`, or name another")
    return executable
