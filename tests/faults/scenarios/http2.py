"""Attacks over HTTP/2, in clear and over TLS, with a well-behaved client beside them."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Callable

from harness import Server, Verdict, certificate, folder, victim

DATA, HEADERS, PRIORITY, RST, SETTINGS, PING, WINDOW, CONTINUATION = 0, 1, 2, 3, 4, 6, 8, 9
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SECONDS = 4.0


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name: bytes, value: bytes) -> bytes:
    return b"\0" + length(name) + name + length(value) + value


def length(text: bytes, bits: int = 7) -> bytes:
    most = (1 << bits) - 1
    if len(text) < most:
        return bytes([len(text)])
    rest, out = len(text) - most, bytes([most])
    while rest >= 128:
        out += bytes([rest % 128 + 128])
        rest //= 128
    return out + bytes([rest])


def get(path: bytes, more: bytes = b"") -> bytes:
    """The header block of a GET."""
    return b"\x82\x86\x04" + length(path) + path + b"\x01\x09localhost" + more


class Attack:
    """One connection that sends as fast as it can, until the server ends it or the time is over."""

    def __init__(self, address: tuple[str, int], ca: str | None, settings: bytes = b"") -> None:
        self.socket: socket.socket = socket.create_connection(address, 5)
        if ca:
            context = ssl.create_default_context(cafile=ca)
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.sendall(PREFACE + frame(SETTINGS, payload=settings))
        self.socket.settimeout(0.001)
        self.sent = 0
        self.received = b""
        self.ended = False

    def run(self, pieces: Callable[[int], bytes], frames: int, seconds: float = SECONDS) -> None:
        """Sends a piece for each turn; `frames` is how many frames a piece has."""
        end, turn, rest = time.monotonic() + seconds, 0, b""
        while time.monotonic() < end and not self.ended:
            if not rest:
                rest = pieces(turn)
                turn += 1
                self.sent += frames
            try:
                rest = rest[self.socket.send(rest):]
            except (TimeoutError, ssl.SSLWantWriteError):
                pass
            except OSError:
                self.ended = True
            self.read()

    def read(self) -> None:
        try:
            piece = self.socket.recv(1 << 20)
            self.ended = self.ended or not piece
            self.received = (self.received + piece)[-4096:]
        except (TimeoutError, ssl.SSLWantReadError):
            pass
        except OSError:
            self.ended = True

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.ended:
            self.read()


def odd(turn: int, count: int) -> range:
    """The ids of `count` new streams."""
    return range(turn * count * 2 + 1, (turn + 1) * count * 2 + 1, 2)


def rapid_reset(turn: int) -> bytes:
    return b"".join(frame(HEADERS, 5, stream, get(b"/health/live")) + frame(RST, 0, stream, b"\0\0\0\x08") for stream in odd(turn, 50))


def continuation(turn: int) -> bytes:
    first = frame(HEADERS, 0, 1, get(b"/health/live")) if turn == 0 else b""
    return first + frame(CONTINUATION, 0, 1, literal(b"x-a", b"b" * 50)) * 50


def empty_continuation(turn: int) -> bytes:
    first = frame(HEADERS, 0, 1, get(b"/health/live")) if turn == 0 else b""
    return first + frame(CONTINUATION, 0, 1) * 200


def streams(turn: int) -> bytes:
    """Requests whose bodies never come."""
    post = b"\x83\x86\x04\x04/mcp\x01\x09localhost" + literal(b"content-type", b"application/json")
    return b"".join(frame(HEADERS, 4, stream, post) for stream in odd(turn, 50))


def hpack_bomb(turn: int) -> bytes:
    """A name that fills the table, and then references to it: one byte each, 4 KB in memory."""
    if turn == 0:
        return frame(HEADERS, 5, 1, get(b"/health/live", b"\x40" + length(b"x-a") + b"x-a" + length(b"b" * 3900) + b"b" * 3900))
    return b"".join(frame(HEADERS, 5, stream, get(b"/health/live", b"\xbe" * 8000)) for stream in odd(turn, 2))


FLOODS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "rapid reset": (rapid_reset, 100),
    "CONTINUATION": (continuation, 50),
    "empty CONTINUATION": (empty_continuation, 200),
    "10,000 streams": (streams, 50),
    "HPACK bomb": (hpack_bomb, 2),
    "PING": (lambda _: frame(PING, payload=b"12345678") * 200, 200),
    "SETTINGS": (lambda _: frame(SETTINGS, payload=b"\0\x04\0\0\xff\xff") * 200, 200),
    "empty SETTINGS": (lambda _: frame(SETTINGS) * 200, 200),
    "WINDOW_UPDATE": (lambda _: frame(WINDOW, payload=b"\0\0\0\x01") * 200, 200),
    "PRIORITY": (lambda turn: frame(PRIORITY, 0, 2 * turn + 1, b"\0\0\0\0\x10") * 200, 200),
    "unknown frames": (lambda _: frame(0xfa, payload=b"x" * 8) * 200, 200),
    "empty DATA": (lambda turn: (frame(HEADERS, 4, 1, b"\x83\x86\x04\x04/mcp\x01\x09localhost") if turn == 0 else b"")
                   + frame(DATA, 0, 1) * 200, 200),
}


def floods(executable: str, verdict: Verdict, ca: str | None, flags: list[str], where: str) -> None:
    for name, (pieces, frames) in FLOODS.items():
        with Server(executable, flags) as server:
            others = victim(server.address, SECONDS + 1, ca=ca)
            time.sleep(1)
            before = server.processor()
            attack = Attack(server.address, ca)
            attack.run(pieces, frames)
            spent, result = server.processor() - before, others.result()
            figure = (f"{attack.sent} frames, {'ended by the server' if attack.ended else 'still open'}, {spent:.2f} s of "
                      f"processor (the victim's requests included), peak {server.memory('VmHWM'):.1f} MiB")
            verdict.check("19", f"{name} {where}: connection ended, or little done for it",
                          attack.ended or spent < 0.1 * SECONDS, figure)
            verdict.at_most("19", f"{name} {where}: processor time", spent, 1, " s")
            verdict.at_most("19", f"{name} {where}: peak memory", server.memory("VmHWM"), 64, " MiB")
            verdict.equal("19", f"{name} {where}: errors of the client beside it", result["kinds"], {})
            verdict.latency("19", f"{name} {where}: its p99", result, 50)


def http2_floods(executable: str, verdict: Verdict) -> None:
    """Floods of frames over HTTP/2 in clear."""
    floods(executable, verdict, None, [], "in clear")


def http2_floods_over_tls(executable: str, verdict: Verdict) -> None:
    """The same over TLS."""
    with folder() as directory:
        pem, key = certificate(directory, "tls", 7)
        floods(executable, verdict, str(pem), ["--tls-cert", str(pem), "--tls-key", str(key)], "over TLS")


def http2_stall(executable: str, verdict: Verdict) -> None:
    """A window of nothing: answers that are asked for and never taken are let go in time."""
    with Server(executable, ["--write-timeout", "2s", "--keep-alive", "3s"]) as server:
        others = victim(server.address, 8)
        zero = b"\0\x04\0\0\0\0"
        attacks = [Attack(server.address, None, zero) for _ in range(20)]
        for attack in attacks:
            block = b"".join(frame(HEADERS, 5, stream, get(b"/.well-known/agent-skills/index.json")) for stream in odd(0, 100))
            attack.run(lambda turn, block=block: block if turn == 0 else b"", 100, 0.1)
        start = time.monotonic()
        while not all(attack.ended for attack in attacks) and time.monotonic() - start < 30:
            for attack in attacks:
                attack.read()
        last = time.monotonic() - start
        result = others.result()
        verdict.equal("19", "connections of a stalled window that were ended", sum(attack.ended for attack in attacks), 20)
        verdict.at_most("19", "until the last of them was", last, 15, " s")
        verdict.at_most("19", "peak memory with 2,000 stalled answers", server.memory("VmHWM"), 64, " MiB")
        verdict.equal("19", "errors of the client beside it", result["kinds"], {})
        verdict.latency("19", "its p99", result, 50)


SCENARIOS = (http2_floods, http2_floods_over_tls, http2_stall)
