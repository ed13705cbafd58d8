"""Soak: half an hour of mixed load over HTTPS while policy, keys and certificates are replaced (rows 6, 24, 25).

    python3 tests/faults/soak.py [EXECUTABLE] [--minutes 30] [--rate 1000]

Requests of both eras: reads, listings, tools, `initialize`, 304, refusals, and API keys. Meanwhile the policy and the keys are
written anew every 5 s (SIGHUP), and the certificate every 20 s. Fails if a request does, if memory grows by 5 % after the warm-up
(the first fifth), or if descriptors or threads do.
"""

from __future__ import annotations

import pathlib
import signal
import socket
import ssl
import statistics
import sys
import time

from harness import (READ, Load, Server, Verdict, Wanted, arguments, certificate, checked, folder, new_key,
                     raw_get, raw_request)

POLICY = """api-keys = "keys.toml"
anonymous = true
[tiers]
default = {{ requests = {requests}, per = "1s" }}
"""


def requests(key: str, etag: str) -> list[Wanted]:
    with_key = {"Authorization": f"Bearer {key}"}
    wanted = [
        Wanted("read", 200, raw_request(*READ)),
        Wanted("read-key", 200, raw_request(*READ, more=with_key)),
        Wanted("read-initialized", 200, raw_request(*READ, stateless=False)),
        Wanted("skills", 200, raw_request("skills/list")),
        Wanted("tools", 200, raw_request("tools/list", stateless=False)),
        Wanted("discover", 200, raw_request("server/discover")),
        Wanted("list-tool", 200, raw_request("tools/call", {"name": "list_skills", "arguments": {}}, more=with_key)),
        Wanted("read-tool", 200, raw_request("tools/call", {"name": "read_skill", "arguments": {"name": "conventional-commits"}})),
        Wanted("prompt", 200, raw_request("prompts/get", {"name": "conventional-commits"})),
        Wanted("initialize", 200, raw_request("initialize", {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "soak", "version": "0"},
        }, stateless=False)),
        Wanted("index", 200, raw_get("/.well-known/agent-skills/index.json")),
        Wanted("unchanged", 304, raw_get("/.well-known/agent-skills/index.json", {"If-None-Match": etag})),
        Wanted("live", 200, raw_get("/health/live")),
        Wanted("no-path", 404, raw_get("/nowhere")),
        Wanted("no-type", 415, raw_request(*READ, more={"Content-Type": "text/plain"})),
        Wanted("no-json", 400, raw_request(*READ).replace(b'{"jsonrpc', b'["jsonrpc')),
        Wanted("foreign-page", 403, raw_request(*READ, more={"Origin": "https://evil.example"})),
    ]
    # Most of what clients ask is reads.
    return wanted + [one for one in wanted if one.name.startswith("read")] * 3


def asked(address: tuple[str, int], ca: str, request: bytes) -> tuple[int, bytes, int]:
    """The status and the head of one answer over a new connection, and the serial of the certificate."""
    context = ssl.create_default_context(cafile=ca)
    with socket.create_connection(address, 10) as plain, context.wrap_socket(plain, server_hostname="localhost") as stream:
        stream.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        answer = b""
        while piece := stream.recv(65536):
            answer += piece
        shown = stream.getpeercert() or {}
    return int(answer.split(b" ", 2)[1]), answer.partition(b"\r\n\r\n")[0], int(str(shown["serialNumber"]), 16)


class Files:
    """What is replaced while the server runs."""

    def __init__(self, executable: str, directory: pathlib.Path) -> None:
        self.executable, self.directory = executable, directory
        self.keys = directory / "keys.toml"
        self.key = new_key(executable, self.keys, "soak")
        self.first = self.keys.read_text()
        self.certificates = [certificate(directory, f"tls-{number}", 1000 + number) for number in range(2)]
        self.ca = directory / "ca.pem"
        self.ca.write_text("".join(one.read_text() for one, _ in self.certificates))
        self.live = directory / "live.pem", directory / "live.key"
        self.serial = 0
        self.next_certificate()
        self.next_policy(0)

    def next_certificate(self) -> None:
        self.serial = 1000 + (self.serial + 1) % 2
        for target, source in zip(self.live, self.certificates[self.serial - 1000], strict=True):
            fresh = target.with_suffix(".new")
            fresh.write_bytes(source.read_bytes())
            fresh.chmod(0o600)
            fresh.replace(target)

    def next_policy(self, turn: int) -> None:
        (self.directory / "policy.toml").write_text(POLICY.format(requests=100_000 + turn))

    def next_key(self) -> str:
        """A new key; those before it are gone, but for the first."""
        fresh = self.keys.with_suffix(".new")
        fresh.write_text(self.first)
        fresh.chmod(0o600)
        fresh.replace(self.keys)
        return new_key(self.executable, self.keys, "passing")


def soak(executable: str, seconds: float, rate: float, verdict: Verdict) -> None:
    with folder() as directory:
        files = Files(executable, directory)
        flags = ["--policy", str(directory / "policy.toml"), "--tls-cert", str(files.live[0]), "--tls-key", str(files.live[1])]
        with Server(executable, flags) as server:
            ca = str(files.ca)
            _, head, _ = asked(server.address, ca, raw_get("/.well-known/agent-skills/index.json"))
            etag = next(line.split(b": ", 1)[1].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"etag"))
            load = Load(server.address, requests(files.key, etag), rate=rate, connections=64, seconds=seconds, ca=ca)
            samples = attend(server, files, load, verdict)
            result = load.result()
            report(server, samples, result, seconds * rate, verdict)
            verdict.at_most("6", "time to stop", server.stop(), 35, " s")
            verdict.equal("6", "exit code", server.process.returncode, 0)


def attend(server: Server, files: Files, load: Load, verdict: Verdict) -> list[tuple[float, int, int]]:
    """Replaces files while the load runs, and takes samples of memory, descriptors and threads."""
    samples, faults, effective, turn = [], [], [], 0
    while load.running():
        turn += 1
        time.sleep(1)
        samples.append((server.memory(), server.descriptors(), server.threads()))
        if turn % 5 == 0:
            files.next_policy(turn)
            key = files.next_key()
            start = time.monotonic()
            server.signal(signal.SIGHUP)
            request = raw_request(*READ, more={"X-API-Key": key})
            while (found := asked(server.address, str(files.ca), request)[0]) != 200 and time.monotonic() - start < 5:
                time.sleep(0.01)
            effective.append(time.monotonic() - start)
            if found != 200:
                faults.append(f"the key of turn {turn} gets {found}")
        if turn % 20 == 0:
            files.next_certificate()
            server.signal(signal.SIGHUP)
            start = time.monotonic()
            while (serial := asked(server.address, str(files.ca), raw_get("/health/live"))[2]) != files.serial:
                if time.monotonic() - start > 5:
                    faults.append(f"the certificate of turn {turn} is still {serial}")
                    break
                time.sleep(0.05)
    verdict.equal("24", "reloads that had no effect", faults, [])
    if effective:
        verdict.at_most("24", f"a new key counts after SIGHUP, worst of {len(effective)}", max(effective), 1, " s")
    return samples


def report(server: Server, samples: list[tuple[float, int, int]], result: dict, sent: float, verdict: Verdict) -> None:
    warm = samples[len(samples) // 5:] or samples
    tenth = max(1, len(warm) // 10)
    first, last = (statistics.median(one[0] for one in part) for part in (warm[:tenth], warm[-tenth:]))
    print(f"  memory: {first:.2f} MiB after the warm-up, {last:.2f} MiB at the end, peak {server.memory('VmHWM'):.2f} MiB")
    print(f"  latency: p50 {result['all']['p50']} ms, p99 {result['all']['p99']} ms, max {result['all']['max']} ms; this program "
          f"itself was woken late by p99 {result['wake']['p99']} ms; {server.processor():.1f} s of processor time")
    verdict.equal("6", f"errors among {sent:.0f} requests", result["kinds"], {})
    verdict.at_least("6", "requests answered", result["all"]["count"], sent * 0.999)
    verdict.at_most("6", "growth of memory after the warm-up", (last / first - 1) * 100, 5, " %")
    for index, what in ((1, "descriptors"), (2, "threads")):
        before, after = (statistics.median(one[index] for one in part) for part in (warm[:tenth], warm[-tenth:]))
        verdict.at_most("6", f"growth of {what}", after - before, 2)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long [default: 30]")
    parser.add_argument("--rate", type=float, default=1000, help="requests a second [default: 1000]")
    options = parser.parse_args()
    verdict = Verdict(f"soak: {options.minutes:g} minutes at {options.rate:g} requests a second")
    soak(checked(options.executable), options.minutes * 60, options.rate, verdict)
    return verdict.exit_code()


if __name__ == "__main__":
    sys.exit(main())
