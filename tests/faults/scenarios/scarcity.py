"""Too few descriptors, too little memory."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import time
from collections.abc import Iterator

from harness import Missing, Server, Verdict, ask, connect, eventually, headers_of, message, status, tool


def no_descriptors(executable: str, verdict: Verdict) -> None:
    """No descriptors left: the process does not spin or die, and serves again as soon as there are some."""
    prefix = [tool("prlimit"), "--nofile=64:64"]
    with Server(executable, ["--max-connections-per-client", "4096", "--header-timeout", "4s"], prefix=prefix) as server:
        held = []
        for _ in range(200):
            with contextlib.suppress(OSError):
                held.append(connect(server.address, timeout=1))
        before = server.processor()
        time.sleep(2)
        verdict.at_most("14", "processor time in 2 s without descriptors", server.processor() - before, 0.5, " s")
        verdict.equal("14", "the process lives", server.process.poll(), None)
        for one in held:
            one.close()
        back = eventually(lambda: ask(server.address, timeout=2).status == 200, 20)
        verdict.check("14", "until it serves again", back is not None and back < 10, f"{back} s")
        verdict.at_most("14", "lines of the log about it", len(server.log), 50)


@contextlib.contextmanager
def memory_group(limit: int) -> Iterator[pathlib.Path]:
    """A cgroup with so many bytes: of version 2 if the memory controller is there, else of version 1."""
    name = f"skills-faults-{os.getpid()}"
    second, first = pathlib.Path("/sys/fs/cgroup"), pathlib.Path("/sys/fs/cgroup/memory")
    modern = (second / "cgroup.controllers").exists() and "memory" in (second / "cgroup.controllers").read_text()
    group = (second if modern else first) / name
    try:
        group.mkdir()
        (group / ("memory.max" if modern else "memory.limit_in_bytes")).write_text(str(limit))
    except OSError as error:
        raise Missing(f"no cgroup with a limit of memory can be made: {error}") from None
    try:
        yield group
    finally:
        with contextlib.suppress(OSError):
            eventually(lambda: not (group / "cgroup.procs").read_text(), 5)
            group.rmdir()


def worst_body(size: int = 1 << 20) -> bytes:
    """An argument that is 1 MiB of text and, as a tree, a hundred times as much."""
    item = b'{"":1},'
    params = message("tools/call", {"name": "list_skills", "arguments": {"x": "HERE"}})
    return params.replace(b'"HERE"', b"[" + (item * ((size - 600) // len(item)))[:-1] + b"]")


def little_memory(executable: str, verdict: Verdict) -> None:
    """A cgroup of 192 MiB and 64 worst-case bodies side by side: nothing is killed, and everybody else is answered."""
    limit = 192 * 1024 * 1024
    with memory_group(limit) as group:
        prefix = ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
        with Server(executable, prefix=prefix) as server:
            start = server.memory()
            answers = worst_bodies(server, 64)
            lives(server, verdict)
            verdict.check("14", "their statuses", set(answers) <= {b"200", b"400", b"413", b"429", b"503"}, sorted(set(answers)))
            verdict.at_most("14", "peak memory", server.memory("VmHWM"), 128, " MiB")
            back = eventually(lambda: server.memory() <= start * 1.2 + 2, 15)
            verdict.check("14", f"until memory is within 20 % of {start:.1f} MiB again", back is not None and back <= 10,
                          f"{back} s, {server.memory():.1f} MiB")


def worst_bodies(server: Server, count: int) -> list[bytes]:
    """Sends such bodies side by side; the statuses, or what came instead."""
    body = worst_body()
    head = "".join(f"{name}: {value}\r\n" for name, value in headers_of("tools/call", {"name": "list_skills"}).items())
    request = f"POST /mcp HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    clients = [connect(server.address) for _ in range(count)]
    for client in clients:
        with contextlib.suppress(OSError):
            client.sendall(request[:-1])
    for client in clients:
        with contextlib.suppress(OSError):
            client.sendall(request[-1:])
    answers = []
    for client in clients:
        try:
            answers.append(client.recv(65536)[9:12])
        except OSError as error:
            answers.append(type(error).__name__.encode())
        client.close()
    return answers


def lives(server: Server, verdict: Verdict) -> None:
    found = status(lambda: ask(server.address))
    with contextlib.suppress(subprocess.TimeoutExpired):
        # A process that is being killed has not ended yet.
        server.process.wait(1)
    verdict.equal("14", "after 64 worst-case bodies, the exit code and the status of a request",
                  (server.process.poll(), found), (None, 200))
    if server.process.poll() is not None:
        raise RuntimeError("the server has ended, so that nothing else can be measured")


def little_address_space(executable: str, verdict: Verdict) -> None:
    """512 MiB of address space (`ulimit -v`) and the same bodies: no allocation fails, which would end the process."""
    prefix = [tool("prlimit"), f"--as={512 * 1024 * 1024}"]
    with Server(executable, prefix=prefix) as server:
        worst_bodies(server, 64)
        lives(server, verdict)


def pipes_with_little_memory(executable: str, verdict: Verdict) -> None:
    """The same over pipes: 8 lines of 4 MB take at most 64 MiB."""
    process = subprocess.Popen([executable], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin and process.stdout
    for _ in range(8):
        process.stdin.write(worst_body(4_000_000) + b"\n")
    process.stdin.write(message("tools/list", number=99) + b"\n")
    process.stdin.flush()
    answers = [process.stdout.readline() for _ in range(9)]
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    peak = int(next(line for line in text.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    verdict.check("14", "a request after 8 lines of 4 MB is answered", any(b'"id":99,' in one for one in answers), len(answers))
    verdict.at_most("14", "peak memory over pipes", peak, 64, " MiB")
    process.stdin.close()
    process.wait(30)


SCENARIOS = (no_descriptors, little_memory, little_address_space, pipes_with_little_memory)
