"""Users in open loop: 1,000 of them, a request a second each, for ten minutes (row 5); with --saturate, how much there is beyond
(rows 3 and 4).

    python3 tests/faults/users.py [EXECUTABLE] [--users 1000] [--seconds 600] [--saturate]

Latencies count from when a request was due, so that a server which stalls is charged for all who would have asked meanwhile.
`benches/sustained.py` asks in closed loop, and has rows 11, 12 and 14 as well.
"""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import sys

from harness import (READ, Load, Missing, Server, Verdict, Wanted, arguments, ask, checked, eventually, folder, headers_of, message,
                     raw_request)
from scenarios.issuer import Issuer


def users(executable: str, count: int, seconds: float, verdict: Verdict) -> None:
    flags = ["--max-connections-per-client", "4096"]
    with Server(executable, flags) as server:
        wanted = [Wanted("read", 200, raw_request(*READ)), Wanted("skills", 200, raw_request("skills/list"))]
        result = Load(server.address, wanted, rate=count, connections=count, seconds=seconds).result()
        print(f"  p50 {result['all']['p50']} ms, p90 {result['all']['p90']} ms, p99.9 {result['all']['p999']} ms, max "
              f"{result['all']['max']} ms; this program itself was woken late by p99 {result['wake']['p99']} ms")
        verdict.equal("5", f"errors among {count * seconds:.0f} requests of {count} users", result["kinds"], {})
        verdict.latency("5", "p99", result, 50)
        verdict.at_most("5", "peak memory", server.memory("VmHWM"), 96, " MiB")


SCRIPT = """wrk.method = "POST"
wrk.body = [==[{body}]==]
{headers}
"""


def saturate(executable: str, seconds: float, verdict: Verdict) -> None:
    """As many requests as there is room for, by 1,000 connections at once: without authentication, and with access tokens."""
    if not shutil.which("wrk"):
        verdict.not_run("3", Missing("wrk is not installed"))
        return
    with folder() as directory, Issuer(directory) as issuer:
        issuer.issuer = f"http://{issuer.address[0]}:{issuer.address[1]}"
        policy = str(issuer.policy('refresh = "5m"'))
        token = {"Authorization": f"Bearer {issuer.token(lasts=3600)}"}
        for row, flags, more, floor in (("3", [], {}, 8000), ("4", ["--policy", policy], token, 6000)):
            with Server(executable, [*flags, "--max-connections-per-client", "4096", "--max-requests", "4096"]) as server:
                if eventually(lambda: ask(server.address, more=more).status == 200) is None:
                    raise RuntimeError("the server does not answer")
                rate, p99, faults = wrk(server.address, directory, more, seconds)
            verdict.equal(row, "errors of 1,000 connections", faults, [])
            verdict.at_least(row, "tools/call a second", rate, floor)
            verdict.at_most(row, "p99", p99, 500, " ms")


def wrk(address: tuple[str, int], directory: pathlib.Path, more: dict[str, str], seconds: float) -> tuple[float, float, list[str]]:
    """Requests a second, the p99 in milliseconds, and what went wrong."""
    params = {"name": "read_skill", "arguments": {"name": "conventional-commits"}}
    headers = headers_of("tools/call", params) | more
    lines = "\n".join(f"wrk.headers[{name!r}] = {value!r}" for name, value in headers.items())
    script = directory / "load.lua"
    script.write_text(SCRIPT.format(body=message("tools/call", params).decode(), headers=lines))
    url = f"http://{address[0]}:{address[1]}/mcp"
    command = ["wrk", "-t1", "-c1000", f"-d{seconds:g}s", "--latency", "-s", str(script), url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    scale = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    p99 = float(late[1]) * scale[late[2]] if late else float("inf")
    return float(rate[1]) if rate else 0.0, p99, re.findall(r"(Non-2xx.*|Socket errors.*)", text)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--users", type=int, default=1000, help="how many [default: 1000]")
    parser.add_argument("--seconds", type=float, default=600, help="for how long [default: 600]")
    parser.add_argument("--saturate", action="store_true", help="measure throughput instead, with wrk")
    options = parser.parse_args()
    executable = checked(options.executable)
    verdict = Verdict("throughput" if options.saturate else f"{options.users} users in open loop for {options.seconds:g} s")
    if options.saturate:
        saturate(executable, min(options.seconds, 60), verdict)
    else:
        users(executable, options.users, options.seconds, verdict)
    return verdict.exit_code()


if __name__ == "__main__":
    sys.exit(main())
