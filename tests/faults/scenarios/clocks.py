"""Clocks that are wrong, or jump. libfaketime is preloaded, which needs an executable that is linked dynamically."""

from __future__ import annotations

import glob
import os
import pathlib
import signal
import subprocess
import time

from harness import READ, Load, Missing, Server, Verdict, Wanted, ask, eventually, folder, get, new_key, raw_request
from scenarios.issuer import Issuer


def library(executable: str) -> str:
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise Missing("libfaketime is not installed")
    if b"ld-linux" not in pathlib.Path(executable).read_bytes()[:4096]:
        raise Missing("the executable is linked statically, and nothing can be preloaded")
    return found[0]


class Clock:
    """The time of day of a server; its monotonic clock goes on as it does in reality."""

    def __init__(self, executable: str, directory: pathlib.Path) -> None:
        self.file = directory / "clock"
        self.environment = {
            "LD_PRELOAD": library(executable), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "SKILLS_SANDBOX": "off",
        }
        self.set(0)

    def set(self, seconds: int) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self.file)


def skewed_tokens(executable: str, verdict: Verdict) -> None:
    """A server whose clock is off by half a minute accepts tokens, and by a whole one it does not, and says why."""
    with folder() as directory, Issuer(directory) as issuer:
        issuer.issuer = f"http://{issuer.address[0]}:{issuer.address[1]}"
        policy = issuer.policy('refresh = "5m"')
        clock = Clock(executable, directory)
        with Server(executable, ["--policy", str(policy)], environment=clock.environment) as server:
            if eventually(lambda: get(server.address, "/health/ready").status == 200, 20) is None:
                raise Missing("the server does not become ready below libfaketime")
            for offset, expected in ((0, 200), (-27, 200), (27, 200), (-62, 401), (62, 200), (-600, 401), (0, 200)):
                clock.set(offset)
                answer = ask(server.address, more={"Authorization": f"Bearer {issuer.token(lasts=120)}"})
                verdict.equal("23", f"a token of 120 s where the server's clock is {offset:+d} s off", answer.status, expected)
            clock.set(200)
            answer = ask(server.address, more={"Authorization": f"Bearer {issuer.token(lasts=120)}"})
            verdict.equal("23", "a token that has ended by the server's clock", answer.status, 401)
            said = answer.headers.get("www-authenticate", "")
            verdict.check("23", "the caller is told why", "expired" in said or "ended" in said or "exp" in said, said[:200])


def jumping_clock(executable: str, verdict: Verdict) -> None:
    """The clock jumps by years while there is load: no request fails, quotas and timeouts go on, and keys end when they say."""
    with folder() as directory:
        clock = Clock(executable, directory)
        keys = directory / "keys.toml"
        key = new_key(executable, keys, "ci", "--expires-in", "30days")
        policy = directory / "policy.toml"
        policy.write_text('api-keys = "keys.toml"\nanonymous = true\n[tiers]\ndefault = { requests = 100000, per = "1s" }\n')
        with Server(executable, ["--policy", str(policy), "--keep-alive", "2s"], environment=clock.environment) as server:
            load = Load(server.address, [Wanted("read", 200, raw_request(*READ))], rate=200, connections=8, seconds=6)
            for seconds in (-86_400 * 365, 3600, -3600, 86_400 * 365 * 9, 0):
                clock.set(seconds)
                time.sleep(1)
            result = load.result()
            verdict.equal("23", "errors while the clock jumps by years", result["kinds"], {})
            verdict.latency("23", "p99 meanwhile", result, 50)
            verdict.equal("23", "a key before its end", ask(server.address, more={"X-API-Key": key}).status, 200)
            clock.set(86_400 * 31)
            verdict.equal("23", "a key after its end", ask(server.address, more={"X-API-Key": key}).status, 401)
            clock.set(0)
            verdict.equal("23", "the key when the clock is right again", ask(server.address, more={"X-API-Key": key}).status, 200)
            verdict.at_most("23", "time to stop", server.stop(), 5, " s")


def other_boot_time(executable: str, verdict: Verdict) -> None:
    """A monotonic clock that begins anywhere (a time namespace), such as just after a boot or years later."""
    if os.geteuid() != 0:
        raise Missing("only root can make a time namespace")
    for offset in (1, 86_400 * 365 * 20):
        prefix = ["unshare", "--time", f"--monotonic={offset}", f"--boottime={offset}", "--fork", "--kill-child"]
        probe = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
        if probe.returncode:
            raise Missing(f"unshare --time: {probe.stderr.strip()}")
        with Server(executable, ["--keep-alive", "2s"], prefix=prefix) as server:
            verdict.equal("23", f"status {offset} s after the boot", ask(server.address).status, 200)
            server.signal(signal.SIGKILL)


SCENARIOS = (skewed_tokens, jumping_clock, other_boot_time)
