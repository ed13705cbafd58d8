"""How soon a server is there: over pipes, over HTTP, and again after it was killed."""

from __future__ import annotations

import pathlib
import re
import subprocess
import time

from harness import INITIALIZED, Server, Verdict, ask, eventually, get, message


def start_over_pipes(executable: str, verdict: Verdict) -> None:
    """From the start of the process to the answer to `initialize`, 100 times."""
    opening = message("initialize", {"protocolVersion": INITIALIZED, "capabilities": {}, "clientInfo": {"name": "x", "version": "0"}},
                      stateless=False)
    times, memory = [], 0.0
    for _ in range(100):
        start = time.monotonic()
        process = subprocess.Popen([executable], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdin and process.stdout
        process.stdin.write(opening + b"\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        times.append((time.monotonic() - start) * 1e3)
        found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
        memory = max(memory, int(found[1]) / 1024 if found else 0.0)
        process.communicate()
        if b"serverInfo" not in answer:
            verdict.check("1", "the answer to `initialize`", False, answer[:200])
    times.sort()
    print(f"  median {times[50]:.1f} ms")
    verdict.at_most("1", "start to answer, p99 of 100", times[98], 50, " ms")
    verdict.at_most("1", "peak memory", memory, 16, " MiB")


def start_over_http(executable: str, verdict: Verdict) -> None:
    """From the start of the process until it is ready, 20 times."""
    times = []
    for _ in range(20):
        start = time.monotonic()
        with Server(executable, admin=False) as server:
            while get(server.address, "/health/ready").status != 200:
                pass
            times.append((time.monotonic() - start) * 1e3)
    verdict.at_most("2", "start to ready, slowest of 20", max(times), 200, " ms")


def killed_and_started_again(executable: str, verdict: Verdict) -> None:
    """kill -9 and a supervisor that starts it again at the same address at once: connections of before are no obstacle."""
    with Server(executable, admin=False) as server:
        ask(server.address)
        listen = f"{server.address[0]}:{server.address[1]}"
        server.kill()
    start = time.monotonic()
    with Server(executable, admin=False, listen=listen) as server:
        back = eventually(lambda: ask(server.address).status == 200, 5)
        verdict.check("10", "it serves again", back is not None, back)
        verdict.at_most("10", "from the kill to the first answer", time.monotonic() - start, 3, " s")


SCENARIOS = (start_over_pipes, start_over_http, killed_and_started_again)
