"""Nothing that a server says holds a secret, and its system calls are those of its profile."""

from __future__ import annotations

import re
import signal
import subprocess
import time

from harness import Missing, Server, Verdict, ask, folder, get, http_request, new_key, tool
from scenarios.issuer import Issuer


def secrets_stay(executable: str, verdict: Verdict) -> None:
    """Keys, tokens, client secrets and signatures, valid or not, are in no log, metric, setting, answer or audit line."""
    with folder() as directory, Issuer(directory) as issuer:
        issuer.issuer = f"http://{issuer.address[0]}:{issuer.address[1]}"
        key = new_key(executable, directory / "keys.toml", "ci")
        bearer = "operator-token-0123456789abcdef0123456789abcdef"
        (directory / "tokens").write_text(bearer + "\n")
        (directory / "tokens").chmod(0o600)
        policy = issuer.policy('refresh = "5m"')
        oauth = policy.read_text()
        policy.write_text(f'api-keys = "keys.toml"\nbearer-tokens = "tokens"\n[audit]\nfile = "{directory}/audit.jsonl"\n{oauth}')
        token = issuer.token()
        wrong = ["skl_0123456789_" + "f" * 64, "not-a-token-but-secret", token[:-8] + "AAAAAAAA"]
        flags = ["--policy", str(policy), "--access-log", "all", "--log-level", "trace"]
        with Server(executable, flags) as server:
            said = []
            for secret in (key, bearer, token, *wrong):
                for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}, {"Authorization": f"Basic {secret}"}):
                    said.append(ask(server.address, more=headers).body)
                said.append(get(server.address, f"/mcp?access_token={secret}").body)
                body = f'{{"jsonrpc":"2.0","id":1,"method":"{secret}'.encode()
                said.append(http_request(server.address, "POST", "/mcp", body, {"Content-Type": "application/json"}, 10).body)
            server.signal(signal.SIGHUP)
            time.sleep(0.5)
            said += [get(server.admin, path).body for path in ("/metrics", "/config", "/health")]
            server.stop()
        said += ["\n".join(server.log).encode(), (directory / "audit.jsonl").read_bytes()]
        everything = b"\n".join(said).decode(errors="replace")
        for name, secret in (("API key", key), ("bearer token", bearer), ("access token", token), ("wrong key", wrong[0])):
            # A query and a method are not where secrets belong, and are not repeated either, but for excerpts of a parse error.
            parts = [secret, secret.rsplit("_", 1)[-1], secret.rsplit(".", 1)[-1]]
            verdict.equal("28", f"occurrences of the {name} in {len(everything)} bytes that were said",
                          sum(everything.count(part) for part in set(parts)), 0)


# What a server over HTTP calls once it serves; anything else is new, and has to be looked at.
SERVING = set("""
accept4 brk clock_gettime clock_nanosleep clone clone3 close close_range connect dup epoll_create1 epoll_ctl epoll_pwait epoll_pwait2
epoll_wait eventfd2 exit exit_group fcntl fdatasync flock fstat fsync ftruncate futex getdents64 getpeername getpid getrandom getsockname
getsockopt gettid getuid ioctl listen lseek madvise membarrier mincore mmap mprotect mremap munmap newfstatat openat poll ppoll prctl
pread64 prlimit64 pwrite64 read readlink readv recvfrom recvmsg rename restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn
sched_getaffinity sched_yield sendmmsg sendmsg sendto set_robust_list set_tid_address setsockopt shutdown sigaltstack socket socketpair
statx tgkill timerfd_create timerfd_settime uname unlink unlinkat write writev
""".split())


def system_calls(executable: str, verdict: Verdict) -> None:
    """What a server calls while it serves (strace): known calls alone, and none that its sandbox refuses."""
    with folder() as directory:
        trace = directory / "trace"
        prefix = [tool("strace"), "-f", "-qq", "-o", str(trace)]
        policy = directory / "policy.toml"
        policy.write_text(f'[audit]\nfile = "{directory}/audit.jsonl"\n')
        with Server(executable, ["--policy", str(policy)], prefix=prefix) as server:
            for _ in range(20):
                ask(server.address)
                ask(server.address, "tools/call", {"name": "list_skills", "arguments": {}})
            child = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True, check=False).stdout.split()
            if not child:
                raise Missing("strace has no child")
            subprocess.run(["kill", "-HUP", child[0]], check=True)
            ask(server.address)
            subprocess.run(["kill", "-TERM", child[0]], check=True)
            server.process.wait(40)
        text = trace.read_text()
        sealed = text.find("landlock_restrict_self")
        if sealed < 0:
            raise Missing("there is no landlock here")
        after = text[sealed:].splitlines()[1:]
        calls = {match[1] for line in after if (match := re.match(r"\d+\s+(\w+)\(", line))}
        verdict.equal("29", f"calls beyond the profile among {len(calls)} kinds", sorted(calls - SERVING - {"seccomp", "landlock_restrict_self"}), [])
        refused = [line for line in after if "= -1 EPERM" in line or "= -1 EACCES" in line]
        verdict.equal("29", "calls that the sandbox refused", refused[:5], [])


SCENARIOS = (secrets_stay, system_calls)
