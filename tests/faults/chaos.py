"""Faults, one scenario after the other, each against a server of its own, with its verdict.

    python3 tests/faults/chaos.py [EXECUTABLE] [--only NAME ...] [--list]

A scenario whose means are not on this machine (nginx, cgroups, root) is NOT RUN, and the exit code is 3: incomplete. Scenarios of
Redis and OpenTelemetry need an executable with those features, which `just chaos` builds.
"""

from __future__ import annotations

import sys
import time

from scenarios import clocks, dependencies, disks, http2, links, scarcity, secrets, smuggling, starts, strangers
from harness import Missing, Verdict, arguments, checked

SCENARIOS = {
    function.__name__: function
    for module in (starts, links, dependencies, clocks, disks, scarcity, smuggling, http2, strangers, secrets)
    for function in module.SCENARIOS
}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(SCENARIOS), metavar="NAME", help="these scenarios alone")
    parser.add_argument("--list", action="store_true", help="say which there are")
    options = parser.parse_args()
    if options.list:
        for name, scenario in SCENARIOS.items():
            print(f"{name}: {(scenario.__doc__ or '').splitlines()[0]}")
        return 0
    executable = checked(options.executable)
    verdict = Verdict("chaos")
    for name in options.only or SCENARIOS:
        scenario = SCENARIOS[name]
        print(f"-- {name}: {(scenario.__doc__ or '').splitlines()[0]}", flush=True)
        start = time.monotonic()
        try:
            scenario(executable, verdict)
        except Missing as reason:
            verdict.not_run(name, reason)
        except Exception as error:  # One scenario that breaks must not hide the others.
            verdict.check(name, "the scenario ran to its end", False, repr(error))
        print(f"   ({time.monotonic() - start:.1f} s)", flush=True)
    return verdict.exit_code()


if __name__ == "__main__":
    sys.exit(main())
