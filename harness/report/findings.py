"""Each distinct failure once: which servers and Pythons have it, its first failing step in words, and what separates them.

Cells are one finding if the same scenario fails first in the same step and key, and the same was observed there, up to
addresses, ports, pids and times. A server that is ``broken`` is one finding, whatever was to run on it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..model.ids import CellId
from ..model.outcomes import QUIET, WORDS
from ..model.values import CellResult, Failure, Json, Target
from ..run.exit_code import is_red
from .axis import explain
from .phrases import pythons_in_words, pythons_of

KEY_DIGITS = 10  # of a finding's key: enough that no two findings of a run share one
MOST_TEXT = 240  # characters of what was expected or observed
_TIME = r"\d\d:\d\d:\d\d(?:,\d{3})?"
#: Dates; the size of an answer, and places, in a log; addresses, ids, versions, durations and the folders of cells.
_VARIES = re.compile(
    rf"\b\w{{3}}, \d\d \w{{3}} \d{{4}} {_TIME} GMT\b|\b\d\d/\w{{3}}/\d{{4}}[: ]{_TIME}|\b(?:\d{{4}}-\d\d-\d\d[ T])?{_TIME}\b"
    r'|(?<=" \d{3} )\d+\b|(?<=\bline )\d+(?= of the log\b)'
    r"|\b127(?:\.\d+){3}\b|\[?::1\]?:\d+|0x[0-9a-f]+|\b\d{4,}\b|\b\d+\.\d+(?:m?s)?\b|/[\w./-]*(?:cell|launch)-[\w./-]+"
)
#: That of a body which repeats its request, with its address in it: addresses are not equally long.
_LENGTH = re.compile(r"(?<=content-length)(\W{1,4})\d{3,}\b", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s)>,;]+")
_ISSUE = re.compile(r"\b[\w.-]+/[\w.-]+#\d+\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """One distinct failure.

    ``kind`` is "red", "amber" (a "should" or a "may" that is not met) or "known". ``where`` has a server and its Pythons in
    words for each server; ``cell`` is the first cell that has it, ``cells`` are how many do. ``key`` is the same in every run
    that has this finding, so that a link to it can be kept.
    """

    key: str
    kind: str
    word: str
    scenario: str
    title: str
    grade: str
    step: str
    expected: str
    observed: str
    note: str
    reason: str
    axis: str
    links: tuple[str, ...]
    where: tuple[tuple[str, str], ...]
    cell: str
    cells: int


def findings(scenarios: list[Json], targets: tuple[Target, ...], results: dict[str, CellResult]) -> list[Finding]:
    """All findings of a run, the red ones first, then amber and known ones; in each kind, those with most cells first."""
    groups: dict[tuple[object, ...], list[CellResult]] = {}
    for result in results.values():
        if result.word not in QUIET:
            groups.setdefault(_key(result), []).append(result)
    about = {scenario["id"]: scenario for scenario in scenarios}
    pythons = pythons_of(targets)
    found = [
        _finding(stable(key), cells, about, pythons, lambda scenario: explain(scenario, targets, results))
        for key, cells in groups.items()
    ]
    return sorted(found, key=lambda one: (KINDS.index(one.kind), WORDS.index(one.word), -one.cells, one.scenario))


KINDS = ("red", "amber", "known")


def _key(result: CellResult) -> tuple[object, ...]:
    first = _first(result)
    if first is None:  # a failed start or installation is one finding for the whole target
        subject = CellId(result.cell).target.column
        return (result.word, subject if result.word == "broken" else CellId(result.cell).scenario, general(result.reason))
    return (result.word, CellId(result.cell).scenario, first.step, first.key, general(first.observed))


def stable(key: tuple[object, ...]) -> str:
    """A short name of what makes cells one finding; it does not depend on the run, on its order or on its other cells."""
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:KEY_DIGITS]


def _first(result: CellResult) -> Failure | None:
    """The first failure of a cell: of what it did before of what it left behind."""
    verdicts = [verdict for verdict in (result.behaviour, result.cleanup) if verdict is not None]
    return next((failure for verdict in verdicts for failure in verdict.failures), None)


def general(text: str) -> str:
    """A text without what differs between two cells that fail alike, and between a run and the next."""
    return _VARIES.sub("…", _LENGTH.sub(r"\1…", text))


def kind_of(result: CellResult) -> str:
    """Which kind of finding a cell is that is something to look at."""
    return "known" if result.word == "known" else "red" if is_red(result) else "amber"


def _finding(
    key: str, cells: list[CellResult], about: dict[str, Json], pythons: dict[str, list[str]], axis: Callable[[str], str]
) -> Finding:
    lead = cells[0]
    scenario = CellId(lead.cell).scenario
    first = _first(lead)
    told = about.get(scenario, {})
    where: dict[str, list[str]] = {}
    for cell in cells:
        target = CellId(cell.cell).target
        where.setdefault(target.column, []).append(target.interpreter)
    reason = (
        lead.reason if lead.word != "known" else "; ".join(v.reason for v in (lead.behaviour, lead.cleanup) if v and v.reason)
    )
    return Finding(
        key=key,
        kind=kind_of(lead),
        word=lead.word,
        scenario=scenario,
        title=told.get("title", scenario),
        grade=lead.grade,
        step=_step_in_words(first, told.get("steps", [])) if first else "",
        expected=_short(first.expected) if first else "",
        observed=_short(first.observed) if first else "",
        note=_short(first.note) if first else "",
        reason=_short(reason),
        axis=axis(scenario) if len(cells) > 1 else "",  # of a single cell, the server and the Python say it
        links=tuple(dict.fromkeys([*_links(reason), *(told.get("issues", []) if lead.word != "known" else [])])),
        where=tuple((server, pythons_in_words(some, pythons.get(server, some))) for server, some in where.items()),
        cell=lead.cell,
        cells=len(cells),
    )


def _step_in_words(failure: Failure, steps: list[Json]) -> str:
    """ "step 3, request GET /x: status"; a failure of the cleanup has no step."""
    if not failure.step:
        return f"at the end: {failure.key}"
    step = next((one for one in steps if one["number"] == failure.step), {})
    args = step.get("args", {})
    what = " ".join(str(args[key]) for key in ("method", "path", "signal", "how", "file") if isinstance(args.get(key), str))
    act = " ".join(filter(None, (step.get("act", ""), what)))
    return f"step {failure.step}{f', {act}' if act else ''}{'' if failure.key == step.get('act') else f': {failure.key}'}"


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def _links(text: str) -> list[str]:
    """The issues and addresses that a reason names."""
    return [*(url.rstrip(".:") for url in _URL.findall(text)), *_ISSUE.findall(_URL.sub("", text))]
