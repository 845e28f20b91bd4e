"""What the tests of a module came to, against what the tables say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .running import Outcome
from .tables import DIFFERS, NOT_APPLICABLE, TIMED


@dataclass
class Verdict:
    """The tests of a module by what became of them; ``faults`` are sentences, and none of them means that all is well."""

    module: str
    passed: list[Outcome] = field(default_factory=list)
    differ: list[Outcome] = field(default_factory=list)
    not_applicable: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def run(self) -> int:
        """How many tests ran that apply."""
        return len(self.passed) + len(self.differ)


def tests_of(module: str, table: Iterable[str]) -> set[str]:
    """The tests of a module among those of a table."""
    return {test for test in table if test.startswith(module + ".")}


def judge(module: str, outcomes: list[Outcome]) -> Verdict:
    """Sort the outcomes of a module, and find where they are not what the tables say."""
    verdict = Verdict(module)
    for outcome in outcomes:
        test, word = outcome.test, outcome.word
        if word == "omitted":
            verdict.not_applicable.append(test)
        elif test in NOT_APPLICABLE:
            verdict.not_applicable.append(test)
            if word == "passed":
                verdict.faults.append(f"{test} passes, and stands as not applicable: {NOT_APPLICABLE[test]}")
        elif word == "passed":
            verdict.passed.append(outcome)
            if test in DIFFERS:
                verdict.faults.append(f"{test} passes, and stands as different: {DIFFERS[test].reason}")
        else:
            verdict.differ.append(outcome)
            if test not in DIFFERS:
                verdict.faults.append(f"{test} {word}, and no table says why: {outcome.sentence}")
            elif DIFFERS[test].says not in outcome.text:
                verdict.faults.append(f"{test} {word}, not as the table says ({DIFFERS[test].reason}): {outcome.sentence}")
    ran = {outcome.test for outcome in outcomes}
    verdict.faults.extend(f"{test} stands in a table, and there is no such test"
                          for test in sorted(tests_of(module, [*NOT_APPLICABLE, *DIFFERS, *TIMED]) - ran))
    if not outcomes:
        verdict.faults.append(f"{module}: no test ran")
    return verdict
