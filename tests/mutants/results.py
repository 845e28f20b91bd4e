"""``reports/mutants.json``: what became of each mutant on each Python, the rates, and what of it may be used again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.machine.atomic_files import write_text
from harness.machine.places import PACKAGE
from harness.report.publishable import Redactor

from .attempts import BROKE, ELSEWHERE, KILLED, NOT_REACHED, SURVIVED, Attempt
from .equivalent import EQUIVALENT, Equivalent, reason
from .generate import Mutant
from .source import Source

FORMAT = 1
KINDS = ("by hand", "generated")
MOST_TEXT = 400  # characters of an old or new text

Json = dict[str, Any]
Found = dict[str, dict[str, Attempt]]  # mutant -> Python -> what became of it


def kind_of(mutant: Mutant) -> str:
    """By hand, or generated."""
    return KINDS[0] if mutant.by_hand else KINDS[1]


def document(
    mutants: Iterable[Mutant], found: Found, sources: dict[str, Source], about: Json, table: tuple[Equivalent, ...] = EQUIVALENT,
) -> Json:
    """All that is known of some mutants; those that were not tried are left out."""
    entries = [_entry(mutant, found[mutant.id], sources[mutant.file], table) for mutant in mutants if mutant.id in found]
    return {"format": FORMAT, **about, "rates": rates(entries, about["pythons"]), "mutants": entries}


def _entry(mutant: Mutant, found: dict[str, Attempt], source: Source, table: tuple[Equivalent, ...]) -> Json:
    on = {}
    for python, attempt in found.items():
        argued = reason(mutant, source, python, table) if attempt.outcome in (SURVIVED, NOT_REACHED) else ""
        on[python] = {**asdict(attempt), "argued": argued}
    return {
        "id": mutant.id, "kind": kind_of(mutant), "module": mutant.module, "file": mutant.file, "line": mutant.line,
        "operator": mutant.operator, "says": mutant.says, "source": source.lines[mutant.line - 1].strip(),
        "old": mutant.old[:MOST_TEXT], "new": mutant.new[:MOST_TEXT], "on": on,
    }


def rates(entries: list[Json], pythons: Iterable[str]) -> Json:
    """Of each Python and kind: mutants, killed, and the rate in per cent; of all modules, and of each.

    ``argued`` are the survivors that are left out, as nothing could notice them; they are not among the mutants.
    """
    found: Json = {}
    for python in pythons:
        found[python] = {}
        for kind in KINDS:
            counts: dict[str, Counter[str]] = {"": Counter()}
            for entry in entries:
                attempt = entry["on"].get(python)
                if entry["kind"] != kind or attempt is None or attempt["outcome"] == ELSEWHERE:
                    continue
                words = ["argued"] if attempt["argued"] else [
                    "mutants", *(["killed"] if attempt["outcome"] == KILLED else []),
                    *(["broke"] if attempt["outcome"] == BROKE else [])]
                for name in ("", entry["module"]):
                    counts.setdefault(name, Counter()).update(words)
            found[python][kind] = {name: _rate(count) for name, count in sorted(counts.items())}
    return found


def _rate(count: Counter[str]) -> Json:
    mutants, killed = count["mutants"], count["killed"]
    return {"mutants": mutants, "killed": killed, "argued": count["argued"], "broke": count["broke"],
            "rate": round(100 * killed / mutants, 1) if mutants else None}


def survivors(entry: Json) -> list[str]:
    """The Pythons on which a mutant was not noticed."""
    return [python for python, attempt in entry["on"].items() if attempt["outcome"] not in (KILLED, ELSEWHERE)]


def write(file: Path, said: Json) -> None:
    """Write the document, without what is private of this machine."""
    write_text(file, Redactor(PACKAGE.parent).json(said) + "\n")


def read(file: Path) -> Json:
    """The document of an earlier run; {} where there is none that can be read."""
    if not file.exists():
        return {}
    try:
        found: Json = json.loads(file.read_text("utf-8"))
    except ValueError:
        return {}
    return found if found.get("format") == FORMAT else {}


def again(earlier: Json, source: str, scenarios: dict[str, str]) -> Found:
    """What an earlier run found out that still holds: of the same source, noticed by a scenario that is as it was.

    A survivor is tried again as soon as any scenario has changed.
    """
    if earlier.get("source") != source:
        return {}
    then = earlier.get("scenarios", {})
    found: Found = {}
    for entry in earlier["mutants"]:
        kept = {}
        for python, told in entry["on"].items():
            attempt = Attempt(**{name: value for name, value in told.items() if name != "argued"})
            same = then == scenarios
            if attempt.outcome == KILLED:
                same = attempt.by in then and then.get(attempt.by) == scenarios.get(attempt.by)
            if same and attempt.outcome != BROKE:
                kept[python] = attempt
        if kept:
            found[entry["id"]] = kept
    return found


def verdict(said: Json, least: dict[str, float]) -> tuple[int, str]:
    """The exit code, and the reason where it is not 0: a rate that is too low, or nothing that was tried."""
    low, tried = [], 0
    for python, kinds in said["rates"].items():
        for kind, modules in kinds.items():
            rate = modules[""]
            tried += rate["mutants"] + rate["argued"]
            if rate["mutants"] and rate["rate"] < least[kind]:
                low.append(f"{rate['rate']} % of those {kind} on {python}, and {least[kind]:g} % are wanted")
            if rate["broke"]:
                low.append(f"{rate['broke']} of those {kind} could not be judged on {python}")
    if not tried:
        return 1, "no mutant was tried"
    return (1, "; ".join(low)) if low else (0, "")


def table(said: Json) -> str:
    """The rates as lines of text, and how many mutants they leave out."""
    rows = [("", "module", "mutants", "killed", "rate", "left out")]
    for python, kinds in said["rates"].items():
        for kind, modules in kinds.items():
            for name, rate in sorted(modules.items(), key=lambda one: one[0]):
                if rate["mutants"] or rate["argued"]:
                    rows.append((f"{kind}, {python}" if not name else "", name or "all", str(rate["mutants"]),
                                 str(rate["killed"]), f"{rate['rate']} %" if rate["mutants"] else "", str(rate["argued"] or "")))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(
        text.ljust(width) if column < 2 else text.rjust(width) for column, (text, width) in enumerate(zip(row, widths, strict=True)))
        .rstrip() for row in rows]
    if note := left_out(said):
        lines.append(note)
    return "\n".join(lines)


def left_out(said: Json) -> str:
    """How many survivors the rates leave out on each Python, in a sentence; "" where it is none."""
    counts = {python: sum(modules[""]["argued"] for modules in kinds.values()) for python, kinds in said["rates"].items()}
    told = [f"{count} on {python}" for python, count in counts.items() if count]
    return f"Left out, as no scenario can notice them there: {', '.join(told)}." if told else ""


def described(entry: Json) -> str:
    """A mutant in two lines: where, and what it changes."""
    change = f"{_short(entry['old'])}  →  {_short(entry['new']) or '(nothing)'}"
    return f"{entry['id']}: {entry['says']}\n         {change}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 90 else flat[:89] + "…"
