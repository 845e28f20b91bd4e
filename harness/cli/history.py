"""``history``: the runs that are kept, and old ones removed. A run that is damaged is named, and protects no other."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..model.counting import counted
from ..model.outcomes import WORDS
from ..model.refusal import Refusal
from ..run.run_folder import Run
from .options import number

KEEP = 10  # runs that prune leaves


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder among the runs: how many cells have which word, or what is wrong with it.

    ``run`` is whether it is one at all, ``ran`` whether any cell ran in it: such a run is what comparing needs.
    """

    folder: Path
    run: bool = True
    counts: str = ""
    problem: str = ""
    ran: bool = False


def configure_history(parser: argparse.ArgumentParser) -> None:
    """Options of ``history``."""
    parser.description = (
        "List the runs that are kept in reports/data, the newest last. prune removes all but the newest in which a cell ran "
        "(a run that cannot be read, or in which none ran, does not count). slim removes logs, transcripts and coverage of all "
        "but the newest run, and keeps what comparisons need."
    )
    parser.add_argument("action", choices=["list", "prune", "slim"], nargs="?", default="list")
    parser.add_argument("--keep", type=number(1), metavar="N", help=f"how many runs prune keeps (default {KEEP})")


def history(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    """List the runs, or remove all but the newest ones."""
    if options.keep is not None and options.action != "prune":
        raise Refusal(f"--keep is for history prune, not history {options.action}")
    found = [_look(folder) for folder in sorted((options.reports / "data").glob("[!.]*")) if folder.is_dir()]
    if options.action == "prune":
        old = _older(found, options.keep or KEEP)
        for kept in old:
            _remove(kept.folder)
            say(f"removed {kept.folder.name}{', which could not be read' if kept.problem else ''}")
        found = [kept for kept in found if kept not in old]
    if options.action == "slim":
        for kept in _older(found, 1):
            there = [folder for name in ("cells", "coverage") if (folder := kept.folder / name).is_dir()]
            for folder in there:
                _remove(folder)
            if there:
                say(f"slimmed {kept.folder.name}")
    for kept in found:
        say(f"{kept.folder.name}  {kept.counts or kept.problem}")
    damaged = sum(kept.run and bool(kept.problem) for kept in found)
    say(f"{counted(sum(kept.run for kept in found), 'run')}{f', {damaged} of them unreadable' if damaged else ''}")
    return 0


def _look(folder: Path) -> Kept:
    if not (folder / "plan.json").is_file():
        return Kept(folder, run=False, problem="is not a run: it has no plan.json")
    try:
        results = Run(folder).results()
    except Refusal as problem:
        return Kept(folder, problem=f"cannot be read: {problem}")
    counts: dict[str, int] = {}
    for result in results.values():
        counts[result.word] = counts.get(result.word, 0) + 1
    said = ", ".join(f"{counts[word]} {word}" for word in reversed(WORDS) if word in counts)
    return Kept(folder, counts=said or "no cells", ran=any(result.status == "ran" for result in results.values()))


def _older(found: list[Kept], count: int) -> list[Kept]:
    """The runs that are older than the newest ``count`` in which a cell ran; none where there are not so many.

    Runs that tell nothing are not counted: the newest good one would go for them.
    """
    good = [place for place, kept in enumerate(found) if kept.ran]
    return [kept for kept in found[: good[-count]] if kept.run] if len(good) >= count else []


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be removed ({error.strerror or error})") from error
