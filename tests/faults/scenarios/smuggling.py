"""Requests that two readers could take for different ones: direct, and through nginx and HAProxy."""

from __future__ import annotations

import http.client
import json
import pathlib
import socket
import subprocess


from harness import Server, Verdict, ask, connect, eventually, folder, message, headers_of, tool

HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + HIDDEN
HEAD = (b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
        b"MCP-Protocol-Version: 2025-11-25\r\n")


def with_length(header: bytes, body: bytes = CHUNKED) -> bytes:
    return HEAD + b"Content-Length: " + str(len(body)).encode() + b"\r\n" + header + b"\r\n\r\n" + body


def payloads() -> dict[str, bytes]:
    short = b"Content-Length: 0\r\n"
    long = b"Content-Length: " + str(len(HIDDEN)).encode() + b"\r\n"
    return {
        "length and encoding": with_length(b"Transfer-Encoding: chunked"),
        "encoding and length": HEAD + b"Transfer-Encoding: chunked\r\n" + long + b"\r\n" + CHUNKED,
        "space before the colon": with_length(b"Transfer-Encoding : chunked"),
        "tab before the value": with_length(b"Transfer-Encoding:\tchunked"),
        "vertical tab before the value": with_length(b"Transfer-Encoding:\x0bchunked"),
        "folded header": with_length(b"X: y\r\n Transfer-Encoding: chunked"),
        "folded value": with_length(b"Transfer-Encoding:\r\n chunked"),
        "first header with a space": HEAD.replace(b"Host", b" Transfer-Encoding: chunked\r\nHost", 1) + long + b"\r\n" + HIDDEN,
        "coding that is none": with_length(b"Transfer-Encoding: xchunked"),
        "chunked first": with_length(b"Transfer-Encoding: chunked, identity"),
        "chunked twice": with_length(b"Transfer-Encoding: chunked, chunked"),
        "two encodings": with_length(b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"),
        "encoding in quotes": with_length(b'Transfer-Encoding: "chunked"'),
        "encoding with a NUL": with_length(b"Transfer-Encoding: chunked\x00"),
        "header name with a NUL": with_length(b"Transfer-Encoding\x00: chunked"),
        "header with an underscore": with_length(b"Transfer_Encoding: chunked"),
        "bare CR": with_length(b"X: y\rTransfer-Encoding: chunked"),
        "bare LF": with_length(b"X: y\nTransfer-Encoding: chunked"),
        "two lengths, short first": HEAD + short + long + b"\r\n" + HIDDEN,
        "two lengths, long first": HEAD + long + short + b"\r\n" + HIDDEN,
        "list of lengths": HEAD + b"Content-Length: 0, " + str(len(HIDDEN)).encode() + b"\r\n\r\n" + HIDDEN,
        "length with a sign": HEAD + b"Content-Length: +" + str(len(HIDDEN)).encode() + b"\r\n\r\n" + HIDDEN,
        "negative length": HEAD + b"Content-Length: -1\r\n\r\n" + HIDDEN,
        "length in hexadecimal": HEAD + b"Content-Length: 0x" + f"{len(HIDDEN):x}".encode() + b"\r\n\r\n" + HIDDEN,
        "length with a space": HEAD + b"Content-Length: 4 4\r\n\r\n" + HIDDEN,
        "huge length": HEAD + b"Content-Length: 18446744073709551616\r\n\r\n" + HIDDEN,
        "chunk size in C": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + HIDDEN,
        "chunk size that overflows": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" + HIDDEN,
        "chunk that is longer": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nAB\r\n0\r\n\r\n" + HIDDEN,
        "chunk extension with a bare LF": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;a=\n0\r\n\r\n" + HIDDEN + b"\r\n0\r\n\r\n",
        "chunk with a bare LF": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\nAB\n0\n\n" + HIDDEN,
        "trailer that is a length": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 50\r\n\r\n",
        "version 1.0 with an encoding": with_length(b"Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    }


def answers(address: tuple[str, int], payload: bytes) -> tuple[list[int], bool]:
    """The statuses of all answers on one connection, and whether the server ended it."""
    received, ended = b"", False
    with connect(address, timeout=1.0) as client:
        try:
            client.sendall(payload)
            while not ended and len(received) < 1 << 20:
                piece = client.recv(65536)
                received += piece
                ended = not piece
        except (ConnectionResetError, BrokenPipeError):
            ended = True
        except (socket.timeout, TimeoutError):
            pass
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]], ended


def smuggling_direct(executable: str, verdict: Verdict) -> None:
    """Ambiguous requests: at most one answer, which is a refusal or ends the connection; what is hidden is never reached."""
    with Server(executable, ["--access-log", "all", "--body-timeout", "1s"]) as server:
        wrong = []
        for name, payload in payloads().items():
            statuses, ended = answers(server.address, payload)
            # An underscore is no obfuscation, and neither is a tab before a value: they are read as they stand.
            is_sound = len(statuses) <= 1 and (ended or statuses == [400] or name == "header with an underscore")
            if not is_sound:
                wrong.append((name, statuses, ended))
        verdict.equal("18", f"of {len(payloads())} ambiguous requests, answered twice or kept open", wrong, [])
        verdict.equal("18", "hidden requests that were reached", [line for line in server.log if "smuggled" in line], [])
        absolute = b"POST http://evil.example/mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        verdict.one_of("18", "status of an absolute target with a foreign name", answers(server.address, absolute)[0], ([400], [403]))
        verdict.equal("18", "status of a request afterwards", ask(server.address).status, 200)


NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream skills {{ server {server}; keepalive 1; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://skills; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_request_buffering off; proxy_set_header Host localhost;
        }}
    }}
}}
"""
HAPROXY = """defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
    http-reuse always
frontend clients
    bind 127.0.0.1:{port}
    default_backend skills
backend skills
    server one {server} maxconn 1
"""


class Front:
    """A real proxy with one connection to the server, which all clients share: whatever one leaves on it, the next would get."""

    def __init__(self, name: str, server: tuple[str, int], directory: pathlib.Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = ("127.0.0.1", free.getsockname()[1])
        template = {"nginx": NGINX, "haproxy": HAPROXY}[name]
        file = directory / f"{name}.conf"
        file.write_text(template.format(folder=directory, server=f"{server[0]}:{server[1]}", port=self.address[1]))
        command = {"nginx": ["-c", str(file), "-p", str(directory), "-e", str(directory / "error.log")], "haproxy": ["-f", str(file)]}
        self.process = subprocess.Popen([tool(name), *command[name]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if eventually(lambda: ask(self.address).status == 200, 10) is None:
            self.process.kill()
            raise RuntimeError(f"{name} does not serve: {(directory / 'error.log').read_text() if name == 'nginx' else ''}")

    def __enter__(self) -> Front:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def smuggling_behind(name: str, executable: str, verdict: Verdict) -> None:
    with folder() as directory, Server(executable, ["--body-timeout", "1s"]) as server:
        with Front(name, server.address, directory) as front:
            wrong = []
            for kind, payload in payloads().items():
                answers(front.address, payload)
                for number in range(3):
                    found = own_answer(front.address, 1000 + number)
                    if found != 1000 + number:
                        wrong.append((kind, found))
            verdict.equal("18", f"through {name}, others that got an answer which is not theirs", wrong, [])


def own_answer(address: tuple[str, int], number: int) -> object:
    """The id in the answer to a request with this id; the status where it is not 200, such as while the proxy reconnects."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    try:
        connection.request("POST", "/mcp", message("tools/list", stateless=False, number=number),
                           headers_of("tools/list", stateless=False))
        response = connection.getresponse()
        body = response.read()
        return json.loads(body)["id"] if response.status == 200 else response.status
    finally:
        connection.close()


def smuggling_through_nginx(executable: str, verdict: Verdict) -> None:
    """Ambiguous requests through nginx, with one connection behind it: everybody gets their own answers."""
    smuggling_behind("nginx", executable, verdict)


def smuggling_through_haproxy(executable: str, verdict: Verdict) -> None:
    """The same through HAProxy."""
    smuggling_behind("haproxy", executable, verdict)


SCENARIOS = (smuggling_direct, smuggling_through_nginx, smuggling_through_haproxy)
