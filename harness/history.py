"""``history``: the runs that are kept, and old ones removed."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable

from .model import WORDS, Refusal
from .store import runs


def configure_history(parser: argparse.ArgumentParser) -> None:
    """Options of ``history``."""
    parser.description = ("The runs that are kept in reports/data, newest last. prune removes all but the newest ones; slim "
                          "leaves of all but the newest what comparing needs, and removes logs, bytes and coverage.")
    parser.add_argument("action", choices=["list", "prune", "slim"], nargs="?", default="list")
    parser.add_argument("--keep", type=int, default=10, metavar="N", help="how many prune leaves (default %(default)s)")


def history(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    """List the runs, or remove all but the newest ones."""
    found = runs(options.reports)
    if options.action == "prune":
        if options.keep < 1:
            raise Refusal(f"--keep {options.keep}: at least the newest run is kept")
        for old in found[:-options.keep]:
            shutil.rmtree(old.folder)
            say(f"removed {old.folder.name}")
        found = found[-options.keep:]
    if options.action == "slim":
        for old in found[:-1]:
            for name in ("cells", "coverage"):
                shutil.rmtree(old.folder / name, ignore_errors=True)
            say(f"slimmed {old.folder.name}")
    for run in found:
        counts: dict[str, int] = {}
        for result in run.results().values():
            counts[result.word] = counts.get(result.word, 0) + 1
        say(f"{run.folder.name}  " + ", ".join(f"{counts[word]} {word}" for word in reversed(WORDS) if word in counts))
    say(f"{len(found)} runs")
    return 0

