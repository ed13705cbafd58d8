"""The oldest Rust that this builds with, as `rust-version` says: whether it is true, as far as this machine can tell.

    python3 tests/faults/msrv.py

Every dependency in Cargo.lock says that it builds with it, and Clippy (incompatible_msrv) finds nothing of the standard library
that came later. Where rustup has that toolchain, the workspace is checked with it; everywhere else, that is NOT RUN.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib

from harness import ROOT, Verdict


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def main() -> int:
    wanted = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    verdict = Verdict(f"rust-version {wanted}")
    command = ["cargo", "metadata", "--format-version=1", "--locked", "--all-features", "--filter-platform=x86_64-unknown-linux-gnu"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    packages = [one for one in metadata["packages"] if one["id"] in used]
    newer = [f"{one['name']} {one['version']}" for one in packages
             if one["rust_version"] and version(one["rust_version"]) > version(wanted)]
    verdict.equal("35", f"dependencies that want a newer Rust, of {len(packages)}", newer, [])
    lint = ["cargo", "clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "clippy::incompatible_msrv"]
    verdict.equal("35", "exit code of Clippy with incompatible_msrv", subprocess.run(lint, cwd=ROOT, check=False).returncode, 0)
    check(wanted, verdict)
    return verdict.exit_code()


def check(wanted: str, verdict: Verdict) -> None:
    toolchains = ""
    if shutil.which("rustup"):
        toolchains = subprocess.run(["rustup", "toolchain", "list"], capture_output=True, text=True, check=True).stdout
    if not any(line.startswith(f"{wanted}") for line in toolchains.splitlines()):
        verdict.not_run("35", f"cargo check with Rust {wanted}: that toolchain is not installed")
        return
    command = ["cargo", f"+{wanted}", "check", "--workspace", "--locked", "--target-dir", str(ROOT / "target" / "msrv")]
    verdict.equal("35", f"exit code of cargo check with Rust {wanted}", subprocess.run(command, cwd=ROOT, check=False).returncode, 0)


if __name__ == "__main__":
    sys.exit(main())
