"""Disks that are full, read-only or gone below the audit log. A tmpfs of 64 KB stands for the disk, which root can mount."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator

from harness import Missing, Server, Verdict, ask, eventually, folder, get, new_key


@contextlib.contextmanager
def disk(directory: pathlib.Path) -> Iterator[pathlib.Path]:
    if os.geteuid() != 0:
        raise Missing("only root can mount a small disk")
    path = directory / "disk"
    path.mkdir()
    mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(path))
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False, capture_output=True)


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


def files(executable: str, directory: pathlib.Path, audit: pathlib.Path, on_error: str) -> tuple[str, str]:
    """The path of a policy, and a key for it."""
    key = new_key(executable, directory / "keys.toml", "ci")
    secret = directory / "audit.key"
    secret.write_text("0123456789abcdef" * 4)
    secret.chmod(0o600)
    policy = directory / "policy.toml"
    policy.write_text(f'api-keys = "keys.toml"\n[audit]\nfile = "{audit}"\nkey-file = "{secret}"\non-error = "{on_error}"\nqueue = 64\n')
    return str(policy), key


def holds(executable: str, directory: pathlib.Path, *logs: pathlib.Path) -> tuple[int, str]:
    command = [executable, "audit", "verify", "--key-file", str(directory / "audit.key"), *map(str, logs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


def failing(executable: str, verdict: Verdict, name: str, fail, mend) -> None:
    for on_error, expected in (("block", 503), ("drop", 200)):
        with folder() as directory, disk(directory) as path:
            log = path / "audit.jsonl"
            policy, key = files(executable, directory, log, on_error)
            more = {"X-API-Key": key}
            with Server(executable, ["--policy", policy]) as server:
                for _ in range(20):
                    ask(server.address, more=more)
                fail(path, log)
                end = time.monotonic() + 15
                answers = []
                while time.monotonic() < end and not (len(answers) > 200 and answers[-1].status == expected):
                    answers.append(ask(server.address, more=more, timeout=10))
                verdict.equal("27", f"{name}, `{on_error}`: what is answered", answers[-1].status, expected)
                verdict.check("27", f"{name}, `{on_error}`: statuses on the way", {one.status for one in answers} <= {200, 503},
                              sorted({one.status for one in answers}))
                verdict.at_most("27", f"{name}, `{on_error}`: slowest answer", max(one.seconds for one in answers), 2, " s")
                verdict.equal("27", f"{name}, `{on_error}`: mcp_audit_up", server.metric("mcp_audit_up"), 0)
                verdict.equal("27", f"{name}, `{on_error}`: the process lives", get(server.address, "/health/live").status, 200)
                mend(path, log)
                back = eventually(lambda: ask(server.address, more=more).status == 200 and server.metric("mcp_audit_up") == 1, 20)
                verdict.check("27", f"{name}, `{on_error}`: until all is well again", back is not None, f"{back} s")
                verdict.at_most("27", f"{name}, `{on_error}`: time to stop", server.stop(), 35, " s")
            logs = [log] if log.exists() else []
            if logs and name != "a directory that vanishes":
                code, said = holds(executable, directory, *logs)
                verdict.equal("27", f"{name}, `{on_error}`: the chain", (code, said) if code else 0, 0)


def full_disk(executable: str, verdict: Verdict) -> None:
    """A disk without room: the policy is obeyed, and the chain holds when there is room again."""
    failing(executable, verdict, "a full disk", fill, lambda path, _: (path / "ballast").unlink())


def fill(path: pathlib.Path, _: pathlib.Path) -> None:
    with open(path / "ballast", "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(b"x" * 512)


def read_only_disk(executable: str, verdict: Verdict) -> None:
    """A disk that cannot be written to any more. An open file keeps Linux from it: the file is made anew, as by logrotate."""
    def fail(path: pathlib.Path, log: pathlib.Path) -> None:
        log.rename(path / "audit.jsonl.1")
        # Without a file that is open for writing, the disk can become read-only; lazily, the server's own goes with it.
        mount("-o", "remount,ro", str(path)) if not busy(path) else fill(path, log)

    def mend(path: pathlib.Path, _: pathlib.Path) -> None:
        mount("-o", "remount,rw", str(path))
        (path / "ballast").unlink(missing_ok=True)

    failing(executable, verdict, "a read-only disk", fail, mend)


def busy(path: pathlib.Path) -> bool:
    done = subprocess.run(["mount", "-o", "remount,ro", str(path)], capture_output=True, check=False)
    return done.returncode != 0


def vanishing_disk(executable: str, verdict: Verdict) -> None:
    """The directory of the log is removed, and comes back. Inside its sandbox, a server may write to the one that it knew alone."""
    for sandbox, expected in (("off", 200), ("auto", 503)):
        with folder() as directory:
            logs = directory / "logs"
            logs.mkdir()
            policy, key = files(executable, directory, logs / "audit.jsonl", "block")
            more = {"X-API-Key": key}
            with Server(executable, ["--policy", policy, "--sandbox", sandbox]) as server:
                is_closed = any("landlock" in line for line in server.log)
                ask(server.address, more=more)
                shutil.rmtree(logs)
                gone = eventually(lambda: ask(server.address, more=more).status == 503, 15)
                verdict.check("27", f"no directory, sandbox {sandbox}: until requests are refused", gone is not None, f"{gone} s")
                verdict.equal("27", f"no directory, sandbox {sandbox}: mcp_audit_up", server.metric("mcp_audit_up"), 0)
                logs.mkdir()
                back = eventually(lambda: ask(server.address, more=more).status == 200, 5)
                found = 200 if back is not None else ask(server.address, more=more).status
                verdict.equal("27", f"a directory of that name again, sandbox {sandbox}", found, expected if is_closed else 200)
                verdict.at_most("27", f"no directory, sandbox {sandbox}: time to stop", server.stop(), 35, " s")


def killed_while_writing(executable: str, verdict: Verdict) -> None:
    """kill -9 and SIGHUP while lines are written: no line but the last is torn, and the chain goes on."""
    with folder() as directory:
        log = directory / "audit.jsonl"
        policy, key = files(executable, directory, log, "block")
        for _ in range(3):
            with Server(executable, ["--policy", policy]) as server:
                for turn in range(150):
                    ask(server.address, more={"X-API-Key": key})
                    if turn == 70:
                        log.rename(directory / f"audit.jsonl.{len(list(directory.glob('audit.jsonl.*'))) + 1}")
                        server.signal(signal.SIGHUP)
                server.kill()
        code, said = holds(executable, directory, log, *directory.glob("audit.jsonl.*"))
        verdict.equal("27", "the chain over three killed runs and as many rotations", (code, said) if code else 0, 0)
        lines = [line for file in directory.glob("audit.jsonl*") for line in file.read_bytes().split(b"\n")[:-1]]
        torn = [line for line in lines if not line.endswith(b"}")]
        verdict.equal("27", f"torn among {len(lines)} lines", torn, [])


SCENARIOS = (full_disk, read_only_disk, vanishing_disk, killed_while_writing)
