"""Clients that hold connections and say little: slow headers, silence, slow bodies, idleness. A well-behaved one is measured."""

from __future__ import annotations

import contextlib
import resource
import select
import socket
import time

from harness import READ, Server, Verdict, ask, connect, eventually, get, raw_get, raw_request, victim

MANY = 3000


def crowd(server: Server, count: int, first: bytes) -> list[socket.socket]:
    """Connections from eight addresses, because one alone has a limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    clients = []
    for number in range(count):
        with contextlib.suppress(OSError):
            client = connect(server.address, f"127.0.0.{10 + number % 8}", timeout=5)
            clients.append(client)
            client.sendall(first)
    return clients


def until_closed(clients: list[socket.socket], patience: float, drip: bytes = b"") -> tuple[int, float]:
    """How many the server ended, and how long it took until the last of them."""
    start, open_ones, last = time.monotonic(), {client.fileno(): client for client in clients}, 0.0
    poll = select.poll()
    for number in open_ones:
        poll.register(number, select.POLLIN)
    due = start + 1
    while open_ones and time.monotonic() - start < patience:
        for number, _ in poll.poll(200):
            client = open_ones[number]
            try:
                is_over = not client.recv(65536)
            except OSError:
                is_over = True
            if is_over:
                poll.unregister(number)
                del open_ones[number]
                last = time.monotonic() - start
        if drip and time.monotonic() > due:
            due += 1
            for client in open_ones.values():
                with contextlib.suppress(OSError):
                    client.send(drip, socket.MSG_DONTWAIT)
    return len(clients) - len(open_ones), last


def bear(executable: str, verdict: Verdict, row: str, what: str, first: bytes, drip: bytes, bound: float) -> None:
    with Server(executable, ["--header-timeout", "5s", "--body-timeout", "5s"]) as server:
        others = victim(server.address, 12)
        clients = crowd(server, MANY, first)
        closed, last = until_closed(clients, bound + 5, drip)
        result = others.result()
        verdict.equal(row, f"{what}: ended by the server", closed, len(clients))
        verdict.at_most(row, f"{what}: until the last was ended", last, bound, " s")
        verdict.equal(row, f"{what}: errors of a client at another address", result["kinds"], {})
        verdict.latency(row, f"{what}: its p99", result, 50)
        verdict.at_most(row, f"{what}: peak memory", server.memory("VmHWM"), 128, " MiB")
        for client in clients:
            client.close()


def slow_headers(executable: str, verdict: Verdict) -> None:
    """3,000 connections whose headers never end."""
    bear(executable, verdict, "11", "slow headers", b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n", b"X-More: of this\r\n", 10)


def silence(executable: str, verdict: Verdict) -> None:
    """3,000 connections that send nothing."""
    bear(executable, verdict, "12", "silence", b"", b"", 10)


def slow_bodies(executable: str, verdict: Verdict) -> None:
    """Bodies of a byte a second."""
    head = raw_request(*READ).partition(b"\r\n\r\n")[0] + b"\r\n\r\n{"
    bear(executable, verdict, "13", "slow bodies", head, b" ", 10)


def idle(executable: str, verdict: Verdict) -> None:
    """Connections that asked once and stay: what each costs, and what those get for whom there is no room."""
    flags = ["--max-connections", "4000", "--max-connections-per-client", "1000", "--keep-alive", "30s"]
    with Server(executable, flags) as server:
        before = server.memory()
        clients = crowd(server, 3000, raw_get("/health/live"))
        time.sleep(1)
        each = (server.memory() - before) * 1024 / len(clients)
        verdict.at_most("14", f"memory for each of {len(clients)} idle connections", each, 30, " KiB")
        times = sorted(ask(server.address).seconds * 1e3 for _ in range(50))
        verdict.at_most("14", "p90 of a request beside them", times[45], 50, " ms")
        more = crowd(server, 1500, raw_get("/health/live"))
        statuses = {first(client) for client in more}
        verdict.check("14", "what clients beyond the limit get", statuses <= {b"200", b"503", b""} and b"503" in statuses, statuses)
        for client in clients + more:
            client.close()
        back = eventually(lambda: server.metric("mcp_connections") <= 2, 10)
        verdict.check("14", "until none is counted any more", back is not None, f"{back} s")
        verdict.equal("14", "health", get(server.address, "/health/ready").status, 200)


def first(client: socket.socket) -> bytes:
    try:
        return client.recv(65536)[9:12]
    except OSError:
        return b""


SCENARIOS = (slow_headers, silence, slow_bodies, idle)
