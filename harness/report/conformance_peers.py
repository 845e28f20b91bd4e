"""What one server does otherwise than its peers: the checks that it fails, those that it alone passes, and what is recorded."""

from __future__ import annotations

from collections import Counter

from ..language.scenario import LEVELS
from ..model.outcomes import WORDS
from ..model.values import Json
from .conformance import FAILED, KNOWN, PASSED, RECORDED, Checks, Said, ranges, worst
from .conformance_answers import Clean, right_answers, server_cells, told

LEAST_PEERS = 2  # servers that agree, before another one is said to differ


def failures(checks: Checks, server: str, clean: Clean) -> dict[str, list[Json]]:
    """level -> the checks that a server fails on any Python; those that the most others pass come first."""
    found: dict[str, list[Json]] = {}
    for check in checks.checks:
        cells = [one for one in checks.said(check["id"], server) if one.state in (FAILED, KNOWN)]
        if not cells:
            continue
        passed, others = _others(checks, check, server)
        found.setdefault(worst(cells).level, []).append(
            {
                "check": check,
                "answers": _answers(checks, server, cells, clean),
                "right": right_answers(check),
                "passed": passed,
                "others": others,
                "everywhere": len(cells) == len(checks.said(check["id"], server)),
            }
        )
    return {
        level: sorted(found[level], key=lambda item: (-item["passed"], item["check"]["id"]))
        for level in LEVELS
        if level in found
    }


def _answers(checks: Checks, server: str, cells: list[Said], clean: Clean) -> list[Json]:
    """What a server answered, with the Pythons of each answer, the cells' worst word, and why it is known."""
    groups: dict[tuple[str, str, str], list[Said]] = {}
    for one in cells:
        why = _why(one)
        groups.setdefault((clean(told(one)), one.result.word, clean(why)), []).append(one)
    ordered = sorted(groups.items(), key=lambda item: (WORDS.index(item[0][1]), -len(item[1])))
    return [
        {"answer": answer, "word": word, "why": why, "level": worst(some).level, **server_cells(checks, server, some)}
        for (answer, word, why), some in ordered
    ]


def _why(one: Said) -> str:
    """The reason of the entry that knows a failure."""
    verdicts = [one.result.behaviour, one.result.cleanup]
    return "; ".join(dict.fromkeys(v.reason for v in verdicts if v is not None and v.outcome == "known" and v.reason))


def _others(checks: Checks, check: Json, server: str) -> tuple[int, int]:
    """How many of the other servers pass a check on all their Pythons, and how many were asked."""
    states = [worst(cells).state for other, cells in checks.cells[check["id"]].items() if other != server]
    return states.count(PASSED), sum(state in (PASSED, FAILED, KNOWN) for state in states)


def alone(checks: Checks, server: str) -> list[Json]:
    """The checks that a server passes on all its Pythons, and none of the others that were asked."""
    found = []
    for check in checks.checks:
        cells = checks.said(check["id"], server)
        passed, others = _others(checks, check, server)
        if cells and worst(cells).state == PASSED and others and not passed:
            found.append({"check": check, "others": others, "level": check["grade"]})
    return sorted(found, key=lambda item: LEVELS.index(item["level"]))


class Majorities:
    """What most servers answer to each check that is only recorded; a server counts once, with its most frequent answer."""

    def __init__(self, checks: Checks, clean: Clean) -> None:
        self._checks = checks
        self._clean = clean
        self._most: dict[str, tuple[str, int, int]] = {}
        for check in checks.checks:
            said = [self._usual(cells) for cells in checks.cells[check["id"]].values()]
            first = Counter(filter(None, said)).most_common(2)
            if first and first[0][1] >= LEAST_PEERS and (len(first) == 1 or first[0][1] > first[1][1]):
                self._most[check["id"]] = (*first[0], len(said))

    def _usual(self, cells: list[Said]) -> str:
        recorded = Counter(told(one) for one in cells if one.state == RECORDED)
        return self._clean(recorded.most_common(1)[0][0]) if recorded else ""

    def differing(self, server: str) -> list[Json]:
        """The recorded checks to which a server answers, on any Python, otherwise than most servers."""
        found = []
        for check in self._checks.checks:
            if check["id"] not in self._most:
                continue
            usual, agreeing, of = self._most[check["id"]]
            other: dict[str, list[Said]] = {}
            for one in self._checks.said(check["id"], server):
                if one.state == RECORDED and (text := self._clean(told(one))) != usual:
                    other.setdefault(text, []).append(one)
            if other:
                answers = [{"answer": text, **server_cells(self._checks, server, cells)} for text, cells in other.items()]
                found.append({"check": check, "usual": usual, "agreeing": agreeing, "of": of, "answers": answers})
        return found


def heading(checks: Checks, server: str) -> str:
    """A server's versions with their Pythons: "3.0.2 on 3.8 to 3.13; 1.4.4 on 2.7"."""
    versions: dict[str, list[str]] = {}
    for target in checks.servers[server]:
        versions.setdefault(target.subject_version, []).append(target.interpreter_id)
    every = checks.pythons(server)
    return "; ".join(f"{version} on Python {ranges(pythons, every)}".strip() for version, pythons in versions.items())
