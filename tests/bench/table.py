"""Figures: ratios of what was measured in the same round, and their table on the terminal and in JSON."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
WIDEST = 66  # characters of what a figure says of itself
KEYS = 17  # characters of a key


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio, once for each round; ``parts`` are the values that it was made of, by name and unit ("run s")."""

    key: str
    what: str
    ratio: tuple[float, ...]
    parts: dict[str, tuple[float, ...]] = field(default_factory=dict)
    note: str = ""


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median of some values, the least and the greatest."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": list(values)}


def ratio(
    key: str, what: str, above: tuple[str, Iterable[float]], below: tuple[str, Iterable[float]], note: str = "",
    **more: Iterable[float],
) -> Figure:
    """The figure of two named parts, round by round; a part that is 0 below makes no ratio, and that round is left out."""
    over, under = tuple(above[1]), tuple(below[1])
    parts = {above[0]: over, below[0]: under, **{name.replace("_", " "): tuple(values) for name, values in more.items()}}
    return Figure(key, what, tuple(a / b for a, b in zip(over, under, strict=True) if b), parts, note)


def number(value: float) -> str:
    """Three digits that count, without an exponent."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 3 if size >= 0.01 else 4
    return f"{value:.{digits}f}"


def row(figure: Figure) -> str:
    """A figure on one line: its ratio with the spread, and the medians of its parts."""
    if not figure.ratio:
        return f"{figure.key:{KEYS}} {figure.what[:WIDEST]:{WIDEST}}  not measured{': ' + figure.note if figure.note else ''}"
    said = spread(figure.ratio)
    span = f"({number(said['min'])} – {number(said['max'])})"
    parts = ", ".join(f"{number(statistics.median(values))} {name}" for name, values in figure.parts.items() if values)
    return f"{figure.key:{KEYS}} {figure.what[:WIDEST]:{WIDEST}} {number(said['median']):>7} {span:17} {parts}".rstrip()


def heading() -> str:
    """The heading of the rows."""
    return f"{'':{KEYS}} {'ratio of':{WIDEST}} {'median':>7} {'(least – most)':17} medians of its parts"


def machine(root: Path) -> dict[str, Any]:
    """What the figures depend on: processors, Python, date and commit."""
    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8", "replace").splitlines() if info.exists() else []
    return {
        "cores": cores(),
        "processor": next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "commit": git("rev-parse", "HEAD"),
        "modified": git("status", "--porcelain", "--untracked-files=no") != "",
        "load": round(os.getloadavg()[0], 2),
    }


def cores() -> int:
    """The processors that we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def document(where: dict[str, Any], options: dict[str, Any], figures: Iterable[Figure], skipped: dict[str, str]) -> dict[str, Any]:
    """Everything as JSON."""
    return {
        "format": FORMAT, "machine": where, "options": options, "skipped": skipped,
        "figures": [
            {"key": figure.key, "what": figure.what, "note": figure.note, **(spread(figure.ratio) if figure.ratio else {}),
             "parts": {name: spread(values) for name, values in figure.parts.items() if values}}
            for figure in figures],
    }
