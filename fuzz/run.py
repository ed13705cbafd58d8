"""Builds the fuzz targets with the address sanitizer and runs them in turn, each for so many seconds.

    python3 fuzz/run.py [--seconds 60] [--only TARGET ...] [--keep]

libFuzzer wants flags that are unstable, so that the compiler is told to take them (RUSTC_BOOTSTRAP=1): no nightly toolchain and no
cargo-fuzz are needed. Begins with what `seeds.py` makes and what is kept in `fuzz/seeds`; with --keep, what reached something new
is minimised and kept there. A crash, a leak, or an input of more than 10 s is a failure; the input is in `fuzz/artifacts`.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent
TRIPLE = "x86_64-unknown-linux-gnu"
TARGET = ROOT.parent / "target" / "fuzz"
FLAGS = (
    "--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 "
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table "
    "-Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0"
)
# Of one target, in bytes, and of one input.
KEPT_BYTES, KEPT_INPUT = 48 * 1024, 2048


@dataclass
class Run:
    target: str
    executions: int
    coverage: int
    features: int
    code: int


def targets() -> list[str]:
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
    return [binary["name"] for binary in manifest["bin"]]


def build() -> None:
    environment = os.environ | {"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": FLAGS}
    # With a target named, build scripts and macros are compiled without these flags.
    command = ["cargo", "build", "--release", "--target", TRIPLE, "--target-dir", str(TARGET), "--bins"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def program(target: str) -> str:
    return str(TARGET / TRIPLE / "release" / target)


def run(target: str, seconds: int) -> Run:
    corpus, seeds, artifacts = ROOT / "corpus" / target, ROOT / "seeds" / target, ROOT / "artifacts" / target
    for folder in (corpus, seeds, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        program(target), str(corpus), str(seeds), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
        "-max_len=16384", "-print_final_stats=1", f"-artifact_prefix={artifacts}/",
    ]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        print(done.stderr[-4000:])
    executed = re.findall(r"stat::number_of_executed_units: (\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+) ft: (\d+)", done.stderr)
    coverage, features = reached[-1] if reached else ("0", "0")
    return Run(target, int(executed[-1]) if executed else 0, int(coverage), int(features), done.returncode)


def keep(target: str) -> None:
    """Keeps the smallest inputs that together reach what all do, up to a size."""
    seeds, corpus = ROOT / "seeds" / target, ROOT / "corpus" / target
    with tempfile.TemporaryDirectory() as folder:
        command = [program(target), "-merge=1", "-timeout=10", "-rss_limit_mb=2048", folder, str(seeds), str(corpus)]
        subprocess.run(command, capture_output=True, check=True)
        inputs = sorted(pathlib.Path(folder).iterdir(), key=lambda path: (path.stat().st_size, path.name))
        contents, size = {}, 0
        for path in inputs:
            data = path.read_bytes()
            size += len(data)
            if len(data) > KEPT_INPUT or size > KEPT_BYTES:
                break
            contents[path.name[:16]] = data
    for old in seeds.iterdir():
        old.unlink()
    for name, data in contents.items():
        (seeds / name).write_bytes(data)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target [default: 60]")
    parser.add_argument("--only", nargs="+", choices=targets(), metavar="TARGET", help="these targets alone")
    parser.add_argument("--keep", action="store_true", help="keep what reached something new, minimised, in fuzz/seeds")
    parser.add_argument("--no-build", action="store_true", help="run what was built before")
    options = parser.parse_args()
    if not options.no_build:
        build()
    subprocess.run([sys.executable, str(ROOT / "seeds.py")], check=True)
    runs = []
    for target in options.only or targets():
        one = run(target, options.seconds)
        runs.append(one)
        outcome = "FAIL" if one.code else "PASS"
        print(f"{outcome}  {target}: {one.executions} executions, {one.coverage} edges, {one.features} features", flush=True)
        if options.keep and not one.code:
            keep(target)
    failed = [one.target for one in runs if one.code or not one.executions]
    total = sum(one.executions for one in runs)
    verdict = "FAIL: " + ", ".join(failed) if failed else "PASS"
    print(f"{verdict}: {total} executions over {len(runs)} targets, {options.seconds} s each, with the address sanitizer")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
