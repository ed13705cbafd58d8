"""Verdicts: figures, each with its bound."""

from __future__ import annotations

from dataclasses import dataclass, field


class Missing(Exception):
    """Something that a scenario needs is not on this machine, or not in this executable."""


@dataclass
class Verdict:
    """The figures of one script. A figure has a bound, and is right or wrong; the exit code is that of the worst."""

    title: str
    failures: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"== {self.title}", flush=True)

    def check(self, row: str, what: str, holds: bool, figure: object) -> bool:
        print(f"{'PASS' if holds else 'FAIL'}  row {row}  {what}: {figure}", flush=True)
        if not holds:
            self.failures.append(f"row {row}, {what}: {figure}")
        return holds

    def at_most(self, row: str, what: str, figure: float, bound: float, unit: str = "") -> bool:
        return self.check(row, what, figure <= bound, f"{figure:.6g}{unit} (at most {bound:g}{unit})")

    def at_least(self, row: str, what: str, figure: float, bound: float, unit: str = "") -> bool:
        return self.check(row, what, figure >= bound, f"{figure:.6g}{unit} (at least {bound:g}{unit})")

    def equal(self, row: str, what: str, found: object, expected: object) -> bool:
        return self.check(row, what, found == expected, f"{found!r}" + ("" if found == expected else f", not {expected!r}"))

    def one_of(self, row: str, what: str, found: object, expected: tuple[object, ...]) -> bool:
        return self.check(row, what, found in expected, f"{found!r} (one of {expected!r})")

    def latency(self, row: str, what: str, result: dict, bound: float) -> None:
        """The p99 of a load. Where the load generator itself was woken too late to tell, nothing is decided."""
        p99, wake = result["all"]["p99"], result["wake"]["p99"]
        figure = f"{p99:g} ms (at most {bound:g} ms; the load generator itself was {wake:g} ms late)"
        if p99 > bound and wake > bound / 5:
            self.not_run(row, f"{what}: {figure}: the machine is too busy for a verdict")
        else:
            self.check(row, what, p99 <= bound, figure)

    def not_run(self, row: str, reason: object) -> None:
        print(f"NOT RUN  row {row}  {reason}", flush=True)
        self.missing.append(f"row {row}: {reason}")

    def exit_code(self) -> int:
        for failure in self.failures:
            print(f"  failed: {failure}")
        for reason in self.missing:
            print(f"  not run: {reason}")
        outcome = "FAIL" if self.failures else "INCOMPLETE" if self.missing else "PASS"
        print(f"{outcome}: {self.title}", flush=True)
        return {"PASS": 0, "FAIL": 1, "INCOMPLETE": 3}[outcome]
