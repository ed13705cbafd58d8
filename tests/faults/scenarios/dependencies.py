"""What a server depends on fails: the fault proxy stands between it and its authorization server, Redis, and collector."""

from __future__ import annotations

import http.server
import pathlib
import socket
import subprocess
import threading
import time

from scenarios.issuer import Issuer
from harness import READ, Load, Missing, Proxy, Server, Verdict, Wanted, ask, eventually, folder, get, new_key, raw_request, tool, victim

# How a dependency may fail while the server runs.
FAULTS = ("delay 10000", "blackhole", "refuse", "cut 40", "half-close 40", "drip 10")


def issuer_fails(executable: str, verdict: Verdict) -> None:
    """The authorization server hangs, stalls and breaks off: known keys go on to count, unknown ones are refused in time."""
    with folder() as directory, Issuer(directory) as issuer, Proxy(issuer.address) as proxy:
        issuer.issuer = f"http://{proxy.address[0]}:{proxy.address[1]}"
        policy = issuer.policy('connect = "300ms", total = "1s", cool-down = "200ms", refresh = "500ms"')
        proxy.set("blackhole")
        with Server(executable, ["--policy", str(policy)]) as server:
            verdict.equal("21", "readiness while it was never reached", get(server.address, "/health/ready").status, 503)
            answer = ask(server.address, more=bearer(issuer.token()))
            verdict.equal("21", "status of a token meanwhile", answer.status, 503)
            verdict.check("21", "Retry-After", "retry-after" in answer.headers, answer.headers.get("retry-after"))
            verdict.at_most("21", "until that answer", answer.seconds, 2, " s")
            proxy.set("pass")
            ready = eventually(lambda: get(server.address, "/health/ready").status == 200, 75)
            verdict.check("21", "until it is ready once it can be reached", ready is not None and ready <= 65, f"{ready} s")
            known = issuer.token()
            verdict.equal("21", "status of a token then", ask(server.address, more=bearer(known)).status, 200)
            for fault in FAULTS:
                issuer_fault(server, issuer, proxy, fault, known, verdict)
            proxy.set("pass")
            # The breaker tries again after 30 seconds.
            fresh = issuer.token()
            back = eventually(lambda: ask(server.address, more=bearer(fresh)).status == 200, 75)
            verdict.check("21", "until new keys are known when all is well again", back is not None, f"{back} s")


def issuer_fault(server: Server, issuer: Issuer, proxy: Proxy, fault: str, known: str, verdict: Verdict) -> None:
    proxy.set(fault)
    load = Load(server.address, [Wanted("known", 200, raw_request(*READ, more=bearer(known)))], rate=100, connections=4, seconds=4)
    issuer.rotate(fault.split()[0])
    unknown = issuer.token()
    answers = [ask(server.address, more=bearer(unknown)) for _ in range(6)]
    statuses = sorted({answer.status for answer in answers})
    verdict.check("21", f"statuses of unknown keys during `{fault}`", set(statuses) <= {401, 503}, statuses)
    verdict.at_most("21", "slowest of those answers", max(answer.seconds for answer in answers), 2.5, " s")
    result = load.result()
    verdict.equal("21", f"errors of known keys during `{fault}`", result["kinds"], {})
    verdict.latency("21", "their p99", result, 50)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Redis:
    def __init__(self, directory: pathlib.Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = ("127.0.0.1", free.getsockname()[1])
        command = [tool("redis-server"), "--port", str(self.address[1]), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        if eventually(self.answers) is None:
            raise Missing("redis-server does not start")

    def answers(self) -> bool:
        with socket.create_connection(self.address, 1):
            return True

    def __enter__(self) -> Redis:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def redis_fails(executable: str, verdict: Verdict) -> None:
    """Redis hangs, stalls and breaks off: quotas are kept by each instance, and no request waits or fails for it."""
    with folder() as directory, Redis(directory) as redis, Proxy(redis.address) as proxy:
        key = new_key(executable, directory / "keys.toml", "ci")
        policy = directory / "policy.toml"
        policy.write_text(f'api-keys = "keys.toml"\n[redis]\nurl = "redis://{proxy.address[0]}:{proxy.address[1]}/0"\n'
                          '[tiers]\ndefault = { requests = 100000, per = "1s" }\n')
        wanted = [Wanted("key", 200, raw_request(*READ, more={"X-API-Key": key}))]
        with Server(executable, ["--policy", str(policy)]) as server:
            for fault in ("pass", *FAULTS):
                proxy.set(fault)
                before = server.metric("mcp_ratelimit_backend_errors_total")
                result = Load(server.address, wanted, rate=100, connections=4, seconds=5).result()
                verdict.equal("26", f"errors during `{fault}`", result["kinds"], {})
                # A request may wait for Redis for its timeout (100 ms) until the fault is known.
                verdict.latency("26", "p99", result, 50 if fault == "pass" else 250)
                failed = server.metric("mcp_ratelimit_backend_errors_total") - before
                if fault == "pass":
                    verdict.equal("26", "failures counted", failed, 0)
                else:
                    verdict.at_least("26", "failures counted", failed, 1)
            proxy.set("pass")
            back = eventually(lambda: redis_counts(server, key), 40)
            verdict.check("26", "until Redis counts again", back is not None, f"{back} s")


def redis_counts(server: Server, key: str) -> bool:
    before = server.metric("mcp_ratelimit_backend_errors_total")
    fine = all(ask(server.address, more={"X-API-Key": key}).status == 200 for _ in range(5))
    return fine and server.metric("mcp_ratelimit_backend_errors_total") == before


class Collector:
    """Takes everything."""

    def __init__(self) -> None:
        self.taken = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.taken += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = ("127.0.0.1", self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def collector_fails(executable: str, verdict: Verdict) -> None:
    """The collector hangs, stalls and breaks off: no request waits for it, memory is bounded, and the server ends in time."""
    collector = Collector()
    with Proxy(collector.address) as proxy:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{proxy.address[0]}:{proxy.address[1]}", "OTEL_BSP_SCHEDULE_DELAY": "500"}
        for fault in ("pass", *FAULTS):
            proxy.set(fault)
            with Server(executable, ["--drain-timeout", "5s"], environment=environment) as server:
                load = victim(server.address, 6)
                result = load.result()
                if fault == "pass" and eventually(lambda: collector.taken > 0, 10) is None:
                    raise Missing("nothing arrives at the collector; was the executable built with the feature `otel`?")
                verdict.equal("26", f"errors during `{fault}` of the collector", result["kinds"], {})
                verdict.latency("26", "p99", result, 50)
                verdict.at_most("26", "peak memory", server.memory("VmHWM"), 64, " MiB")
                start = time.monotonic()
                server.stop()
                verdict.at_most("9", f"time to stop during `{fault}`", time.monotonic() - start, 5 + 2, " s")


SCENARIOS = (issuer_fails, redis_fails, collector_fails)
