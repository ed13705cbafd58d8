"""What a server bears for long, for people to run: python3 benches/sustained.py EXECUTABLE

    cargo build --release && python3 benches/sustained.py target/release/skills-server

Three loads, one after the other: clients that stay and ask in turn, clients that connect and say nothing, and clients whose
headers never end. Meanwhile a process of its own asks /health/live every 50 ms, each time over a new connection. Ends with 1
if something is not as it should be. Needs Python alone, and Linux; the limits are those of `TARGETS`.
"""

import argparse
import asyncio
import json
import multiprocessing
import pathlib
import resource
import socket
import subprocess
import sys
import time

TARGETS = {"memory_mb": 40, "probe_ms": 100}

# Beyond its deadline, for a machine that has other things to do.
GRACE = 2.0

DOCUMENT = "skill://conventional-commits/SKILL.md"
BODY = json.dumps({
    "jsonrpc": "2.0",
    "id": 1,
    "method": "resources/read",
    "params": {
        "uri": DOCUMENT,
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "load", "version": "0"},
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    },
}).encode()
REQUEST = (
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
    f"Mcp-Method: resources/read\r\nMcp-Name: {DOCUMENT}\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode() + BODY


class Server:
    """The server, with room for all these connections from one address."""

    def __init__(self, executable, header_timeout):
        self.process = subprocess.Popen(
            [executable, "serve", "--listen", "127.0.0.1:0", "--max-connections-per-client", "4096"]
            + ["--header-timeout", f"{header_timeout}s"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for line in self.process.stderr:
            if "Serving MCP at http://" in line:
                host, port = line.split("http://")[1].split("/")[0].split(":")
                self.address = (host, int(port))
                return
        raise SystemExit("the server did not start")

    def memory(self, key):
        """VmRSS or VmHWM, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith(key)]
        return int(line.split()[1]) * 1024 / 1e6

    def processor(self):
        """Seconds that it has been on a processor."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def stop(self):
        self.process.terminate()
        self.process.stderr.close()
        self.process.wait(60)


def probe(address, end, results):
    """Runs in a process of its own: how long each answer took, and how late this process itself was woken, in ms."""
    took, late, failures = [], [], []
    due = time.perf_counter()
    while not end.is_set():
        due += 0.05
        time.sleep(max(0, due - time.perf_counter()))
        start = time.perf_counter()
        late.append((start - due) * 1e3)
        try:
            with socket.create_connection(address, 5) as connection:
                connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = b""
                while piece := connection.recv(4096):
                    answer += piece
            if not answer.startswith(b"HTTP/1.1 200 "):
                failures.append(answer.decode(errors="replace")[:80])
        except OSError as error:
            failures.append(repr(error))
        took.append((time.perf_counter() - start) * 1e3)
        due = max(due, time.perf_counter() - 0.05)
    results.put((took, late, failures))


def percentile(samples, percent):
    samples = sorted(samples)
    return samples[min(len(samples) - 1, len(samples) * percent // 100)]


async def ask_in_turn(address, seconds, pause, counts):
    """One client that stays."""
    end = time.monotonic() + seconds
    try:
        reader, writer = await asyncio.open_connection(*address)
        while time.monotonic() < end:
            writer.write(REQUEST)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            if not head.startswith(b"HTTP/1.1 200 "):
                raise ValueError(head)
            [length] = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            body = await reader.readexactly(int(length.split(b":")[1]))
            if b'"contents"' not in body:
                raise ValueError(body)
            counts["answers"] += 1
            await asyncio.sleep(pause)
        writer.close()
    except (OSError, ValueError, EOFError, asyncio.TimeoutError) as error:
        counts["errors"].append(repr(error)[:200])


async def be_in_the_way(address, first, piece, deadline, lives, errors):
    """One client that never asks: how long the server leaves it its connection, in seconds."""
    try:
        reader, writer = await asyncio.open_connection(*address)
    except OSError as error:
        errors.append(repr(error))
        return
    start = time.monotonic()
    try:
        writer.write(first)
        while time.monotonic() - start < deadline + 20:
            try:
                if not await asyncio.wait_for(reader.read(4096), 1):
                    break
            except asyncio.TimeoutError:
                writer.write(piece)
    except OSError:
        pass  # Ended by force is ended.
    lives.append(time.monotonic() - start)
    writer.close()


async def staying(server, arguments):
    counts = {"answers": 0, "errors": []}
    await asyncio.gather(*(
        ask_in_turn(server.address, arguments.seconds, arguments.pause, counts) for _ in range(arguments.staying)
    ))
    faults = [f"{len(counts['errors'])} errors, such as {counts['errors'][0]}"] if counts["errors"] else []
    memory = server.memory("VmHWM")
    if memory >= TARGETS["memory_mb"]:
        faults.append(f"{memory:.1f} MB of memory")
    answers = counts["answers"]
    print(f"  {answers} answers ({answers / arguments.seconds:.0f}/s), {len(counts['errors'])} errors")
    return faults


async def hostile(server, arguments, first, piece):
    lives, errors = [], []
    await asyncio.gather(*(
        be_in_the_way(server.address, first, piece, arguments.header_timeout, lives, errors)
        for _ in range(arguments.hostile)
    ))
    print(f"  {len(lives)} connections were ended, after {min(lives):.2f} s to {max(lives):.2f} s (deadline: "
          f"{arguments.header_timeout} s); {len(errors)} were not accepted")
    faults = [f"a connection was open for {max(lives):.2f} s"] if max(lives) > arguments.header_timeout + GRACE else []
    return faults + ([f"{len(errors)} connections failed, such as {errors[0]}"] if errors else [])


def measure(title, arguments, load):
    """One load, on a server of its own, with the probe beside it; what is not as it should be."""
    print(title)
    server = Server(arguments.executable, arguments.header_timeout)
    spawn = multiprocessing.get_context("spawn")
    end, results = spawn.Event(), spawn.Queue()
    prober = spawn.Process(target=probe, args=(server.address, end, results))
    prober.start()
    time.sleep(1)
    faults = asyncio.run(load(server, arguments))
    end.set()
    took, late, failures = results.get(timeout=60)
    prober.join()
    print(f"  server: at most {server.memory('VmHWM'):.1f} MB resident, now {server.memory('VmRSS'):.1f} MB; "
          f"{server.processor():.2f} s of processor time")
    print(f"  probe: {len(took)} asked, {len(failures)} failed; p50 {percentile(took, 50):.1f} ms, p99 "
          f"{percentile(took, 99):.1f} ms, max {max(took):.1f} ms (woken late itself: p99 {percentile(late, 99):.1f} ms, "
          f"max {max(late):.1f} ms)")
    server.stop()
    if failures:
        faults.append(f"the probe failed, such as with {failures[0]}")
    if max(took) >= TARGETS["probe_ms"]:
        faults.append(f"the probe waited for {max(took):.1f} ms")
    for fault in faults:
        print(f"  NOT AS IT SHOULD BE: {fault}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable")
    parser.add_argument("--staying", type=int, default=1000, help="clients that stay")
    parser.add_argument("--seconds", type=float, default=60, help="how long they stay")
    parser.add_argument("--pause", type=float, default=1, help="seconds between an answer and the next request of a client")
    parser.add_argument("--hostile", type=int, default=3000, help="clients that say nothing, or never all")
    parser.add_argument("--header-timeout", type=int, default=10, help="the server's, in seconds")
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def silent(server, arguments):
        return hostile(server, arguments, b"", b"")

    def slow(server, arguments):
        return hostile(server, arguments, b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n", b"X-More: of this\r\n")

    staying_title = f"{arguments.staying} clients for {arguments.seconds:g} s"
    faults = measure(staying_title, arguments, staying)
    faults += measure(f"{arguments.hostile} clients that say nothing", arguments, silent)
    faults += measure(f"{arguments.hostile} clients whose headers never end", arguments, slow)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
