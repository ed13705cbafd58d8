"""The sanitizers: unit tests below the address (with leak) and the thread sanitizer, and a server below valgrind.

    python3 tests/faults/sanitize.py [EXECUTABLE] [--only address thread valgrind]

Our own crates have next to no unsafe code; what is looked at is what they link: the C of ring and of mimalloc, the allocator, the
calls of the sandbox, and the tables that are mapped. The compiler is told to take unstable flags (RUSTC_BOOTSTRAP=1). Its standard
library is not instrumented, because that takes its source, so that the thread sanitizer cannot see the fences in it: reports
that come from there alone are suppressed by `suppressions/thread.txt`. Miri is not to be had for this toolchain.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

from harness import (INITIALIZED, PATIENCE, READ, ROOT, Missing, Server, Verdict, arguments, ask, checked, connect, folder, get, message,
                     new_key, raw_request, tool)

TRIPLE = "x86_64-unknown-linux-gnu"
SUPPRESSIONS = pathlib.Path(__file__).resolve().parent / "suppressions"


def unit_tests(kind: str, verdict: Verdict, flags: str, options: dict[str, str], *arguments: str) -> None:
    """The unit tests of the runtime with a sanitizer. The sandbox's are left out: they fork, and what they forbid it needs."""
    environment = os.environ | {"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": f"-Zsanitizer={kind} {flags}"} | options
    command = ["cargo", "test", "-p", "skills-runtime", "--all-features", "--lib", "--target", TRIPLE,
               "--target-dir", str(ROOT / "target" / f"sanitize-{kind}"), "--", "--skip", "sandbox::", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("test result:") or "SUMMARY:" in line]
    if done.returncode:
        print((done.stdout + done.stderr)[-6000:])
    passed = done.returncode == 0 and any(" 0 failed" in line and "ok. 0 passed" not in line for line in said)
    verdict.check("31", f"unit tests with the {kind} sanitizer", passed, "; ".join(said) or f"exit code {done.returncode}")


def address(_: str, verdict: Verdict) -> None:
    unit_tests("address", verdict, "", {
        "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1",
        "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS / 'leak.txt'}:print_suppressions=0",
    })


def thread(_: str, verdict: Verdict) -> None:
    flags = "-Cunsafe-allow-abi-mismatch=sanitizer"
    unit_tests("thread", verdict, flags, {"TSAN_OPTIONS": f"suppressions={SUPPRESSIONS / 'thread.txt'}:halt_on_error=0:exitcode=66"})


VALGRIND = ["--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite",
            "--fair-sched=yes", f"--suppressions={SUPPRESSIONS / 'valgrind.txt'}"]


def valgrind(executable: str, verdict: Verdict) -> None:
    """A few requests of every kind below memcheck: no error, no block that is lost. Of an executable with symbols: optimised code
    compares what it has not set and does not use, and suppressions are by name."""
    prefix = [tool("valgrind"), *VALGRIND]
    with folder() as directory:
        key = new_key(executable, directory / "keys.toml", "ci")
        policy = directory / "policy.toml"
        policy.write_text(f'api-keys = "keys.toml"\nanonymous = true\n[audit]\nfile = "{directory}/audit.jsonl"\n'
                          '[tiers]\ndefault = { requests = 100000, per = "1s" }\n')
        # The filter of the sandbox would be that of valgrind, too.
        flags = ["--policy", str(policy), "--sandbox", "off"]
        with Server(executable, flags, prefix=prefix) as server:
            for stateless in (True, False):
                for method, params in (READ, ("skills/list", {}), ("tools/list", {}), ("prompts/get", {"name": "conventional-commits"}),
                                       ("tools/call", {"name": "list_skills", "arguments": {}}), ("no/such", {})):
                    ask(server.address, method, params, stateless=stateless, more={"X-API-Key": key})
            ask(server.address, more={"X-API-Key": "wrong"})
            for path in ("/.well-known/agent-skills/index.json", "/nowhere", "/health"):
                get(server.address, path)
            with connect(server.address) as client:
                client.sendall(raw_request(*READ)[:-10])
            verdict.equal("31", "health below valgrind", get(server.address, "/health/ready").status, 200)
            server.stop(120)
            found(verdict, "serve", server.process.returncode, "\n".join(server.log))
    opening = message("initialize", {"protocolVersion": INITIALIZED, "capabilities": {}, "clientInfo": {"name": "x", "version": "0"}},
                      stateless=False)
    lines = [opening, b'{"jsonrpc":"2.0","method":"notifications/initialized"}', message(*READ, stateless=False),
             message("tools/call", {"name": "list_skills", "arguments": {}}, stateless=False), b"{", b"[" * 1000]
    done = subprocess.run([*prefix, executable, "--sandbox", "off"], input=b"\n".join(lines) + b"\n", capture_output=True,
                          timeout=10 * PATIENCE, check=False)
    verdict.at_least("31", "answers over pipes", done.stdout.count(b"\n"), 5)
    found(verdict, "stdio", done.returncode, done.stderr.decode(errors="replace"))


def found(verdict: Verdict, what: str, code: int | None, text: str) -> None:
    errors = [line for line in text.splitlines() if line.startswith("==")]
    if code:
        print("\n".join(errors[:60]))
    verdict.equal("31", f"errors of memcheck, {what}", (code, len(errors)), (0, 0))


STEPS = {"address": address, "thread": thread, "valgrind": valgrind}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--only", nargs="+", choices=STEPS, metavar="STEP", help="these alone")
    options = parser.parse_args()
    verdict = Verdict("sanitizers")
    for name in options.only or STEPS:
        try:
            STEPS[name](checked(options.executable), verdict)
        except Missing as reason:
            verdict.not_run("31", reason)
    return verdict.exit_code()


if __name__ == "__main__":
    sys.exit(main())
