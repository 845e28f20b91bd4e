"""Subjects side by side: what was observed but not judged, one row per question, rows that differ first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..model.values import History, Json, Target
from ..verdict.answers import observed
from ..verdict.wording import general
from .excerpts import short
from .messages import said, without_times
from .phrases import pythons_in_words, pythons_of

MAX_VALUE = 160  # characters of an answer that are shown
SAME_SECONDS = 0.5  # times that differ by no more than this, or by no more than a factor of two, are the same
NOTHING = "nothing"


def peers(
    scenarios: list[Json],
    targets: tuple[Target, ...],
    history_of: Callable[[str], History | None],
) -> list[Json]:
    """Return one row per question that a scenario asks in words, with the answers of each column.

    Interpreters with the same answer are grouped. A question that several scenarios ask is one row; questions that are
    only names of values ("seconds") are left out.
    """
    rows: dict[str, Json] = {}
    pythons = pythons_of(targets)
    for scenario in scenarios:
        asks = [
            (step["number"], question, source)
            for step in scenario["steps"]
            for question, source in step["observe"].items()
            if question != source
        ]
        if not asks:
            continue
        for target in targets:
            history = history_of(f"{scenario['id']}@{target.id}")
            done = {o.step: o for o in history.observations} if history is not None else {}
            for number, question, source in asks:
                row = rows.setdefault(question, {"question": question, "scenarios": [], "answers": {}})
                if scenario["id"] not in row["scenarios"]:
                    row["scenarios"].append(scenario["id"])
                if history is None or number not in done:
                    continue
                answer = _answer(done[number].seen, source, history)
                row["answers"].setdefault(target.column, []).append((target.interpreter_id, answer))
    for row in rows.values():
        texts = [value for column in row["answers"].values() for _, value in column]
        row["differ"] = not _same(texts)
        shown = short([_text(value) for value in texts], MAX_VALUE)  # across all columns: two that differ look different
        row["answers"] = {column: together(values, pythons[column], shown) for column, values in row["answers"].items()}
    return sorted(rows.values(), key=lambda row: not row["differ"])


def _answer(seen: Json, source: str, history: History) -> Any:
    """What a step saw, without what varies from cell to cell; of a log, the message that matches."""
    name, _, pattern = source.partition(":")
    if name != "log" or not pattern:
        return general(observed(seen, source), history)
    message = said(pattern, seen.get(name) or "")
    return message and without_times(general(message, history))


def _same(values: list[Any]) -> bool:
    """Whether all answers are the same; times are if they are close."""
    numbers = [value for value in values if isinstance(value, float)]
    if numbers and len(numbers) == len(values):
        return max(numbers) - min(numbers) <= max(SAME_SECONDS, max(numbers) / 2)
    return len({_text(value) for value in values}) <= 1


def together(values: list[tuple[str, Any]], pythons: list[str], shown: dict[str, str] | None = None) -> list[Json]:
    """Turn answers of one column, [(Python, answer), …], into [{"value", "on"}]: equal answers are grouped.

    ``pythons`` are all of the column: ``on`` is "" if they agree, and else says which gave the answer. ``shown`` has the
    shortened form of long answers.
    """
    if values and all(isinstance(value, float) for _, value in values) and _same([value for _, value in values]):
        low, high = min(value for _, value in values), max(value for _, value in values)
        text = f"{low:.2f} s" if high - low < 0.005 else f"{low:.2f} to {high:.2f} s"
        return [{"value": text, "on": _on([python for python, _ in values], pythons)}]
    found: dict[str, list[str]] = {}
    for python, value in values:
        found.setdefault(_text(value), []).append(python)
    return [{"value": (shown or {}).get(text, text), "on": _on(some, pythons)} for text, some in found.items()]


def _on(some: list[str], pythons: list[str]) -> str:
    return "" if set(pythons) <= set(some) else pythons_in_words(some, pythons)


def _text(value: Any) -> str:
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, float):
        return f"{value:.1f} s"
    if isinstance(value, list):
        return ", ".join(_counted(str(item) for item in value))
    return str(value)


def _counted(items: Iterable[str]) -> list[str]:
    """["main", "main", "child"] is "2 main", "child"."""
    counts: dict[str, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return [name if count == 1 else f"{count} {name}" for name, count in counts.items()]
