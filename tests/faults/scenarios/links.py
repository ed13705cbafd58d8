"""A client behind a bad link: the fault proxy stands between it and the server."""

from __future__ import annotations

import socket
import time

from harness import READ, Proxy, Server, Verdict, ask, connect, eventually, get, raw_request, status, victim

FLAGS = ["--body-timeout", "2s", "--header-timeout", "2s", "--keep-alive", "3s", "--write-timeout", "3s"]


def bad_links(executable: str, verdict: Verdict) -> None:
    """Slow, cut, half-closed and dead links hurt those at them, and leave nothing behind."""
    with Server(executable, FLAGS) as server, Proxy(server.address) as proxy:
        before = server.descriptors()
        others = victim(server.address, 12)
        proxy.set("delay 200")
        answer = ask(proxy.address)
        verdict.equal("13", "status over a link with 200 ms each way", answer.status, 200)
        verdict.check("13", "seconds over it", 0.4 <= answer.seconds < 2, f"{answer.seconds:.2f} (0.4 to 2)")
        proxy.set("drip 4000")
        verdict.equal("13", "status when the answer drips", status(lambda: ask(proxy.address)), 200)
        proxy.set("cut 100")
        verdict.one_of("13", "what a client of a cut link sees", status(lambda: ask(proxy.address)),
                       ("ConnectionResetError", "IncompleteRead", "RemoteDisconnected"))
        proxy.set("half-close 700")
        verdict.equal("13", "what a client of a half-closed answer sees", status(lambda: ask(proxy.address)), "IncompleteRead")
        proxy.set("refuse")
        verdict.one_of("13", "what a client that is refused sees", status(lambda: ask(proxy.address)),
                       ("ConnectionResetError", "RemoteDisconnected"))
        proxy.set("blackhole")
        verdict.equal("13", "what a client of a dead link sees", status(lambda: ask(proxy.address, timeout=1)), "TimeoutError")
        proxy.set("pass")
        verdict.equal("13", "status when the link is well again", status(lambda: ask(proxy.address)), 200)
        result = others.result()
        verdict.equal("13", "errors of a client at another link", result["kinds"], {})
        verdict.latency("13", "its p99", result, 50)
        settled(server, before, verdict)


def half_closed_requests(executable: str, verdict: Verdict) -> None:
    """A client that sends no more is answered, and one that sends half a request is told so in time."""
    with Server(executable, FLAGS) as server:
        before = server.descriptors()
        with connect(server.address) as client:
            client.sendall(raw_request(*READ))
            client.shutdown(socket.SHUT_WR)
            verdict.check("13", "answer to a client that closed its half", b" 200 " in everything(client)[:20], "")
        with connect(server.address) as client:
            client.sendall(raw_request(*READ)[:-20])
            start = time.monotonic()
            answer = everything(client)
            verdict.check("13", "answer to a body that stops", answer.startswith(b"HTTP/1.1 408 "), answer[:20])
            verdict.at_most("13", "until then", time.monotonic() - start, 2 + 2, " s")
        with connect(server.address) as client:
            client.sendall(raw_request(*READ)[:60])
            start = time.monotonic()
            everything(client)
            verdict.at_most("11", "until headers that stop are given up", time.monotonic() - start, 2 + 2, " s")
        settled(server, before, verdict)


def slow_reader(executable: str, verdict: Verdict) -> None:
    """Clients that ask for much and read nothing are let go, and what was held for them is free again."""
    with Server(executable, FLAGS) as server:
        before = server.descriptors()
        clients = []
        for _ in range(50):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(server.address)
            client.setblocking(False)
            clients.append(client)
        others = victim(server.address, 5)
        request = raw_request("resources/list") * 400
        for client in clients:
            try:
                client.send(request)
            except BlockingIOError:
                pass
        result = others.result()
        verdict.equal("13", "errors of another client beside 50 that read nothing", result["kinds"], {})
        verdict.latency("13", "its p99", result, 50)
        verdict.at_most("13", "peak memory", server.memory("VmHWM"), 64, " MiB")
        settled(server, before, verdict, patience=20)
        for client in clients:
            client.close()


def everything(client: socket.socket) -> bytes:
    pieces = []
    try:
        while piece := client.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def settled(server: Server, descriptors: int, verdict: Verdict, patience: float = 10) -> None:
    """Nothing is under way any more, and no descriptor is held."""
    idle = eventually(lambda: server.metric("mcp_inflight_requests") <= 1 and server.descriptors() <= descriptors + 2, patience)
    figure = f"{idle:.1f} s" if idle is not None else f"not after {patience:g} s: {server.descriptors()} descriptors"
    verdict.check("13", "until nothing is left of it", idle is not None, figure)
    verdict.equal("13", "health afterwards", get(server.address, "/health/ready").status, 200)


SCENARIOS = (bad_links, half_closed_requests, slow_reader)
