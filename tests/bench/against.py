"""Two commits on the same cells, in turn: ``nox -s bench -- --against COMMIT``.

The other commit is checked out below .cache/bench/<commit>, and the checkout is removed afterwards. Its own cache stays
beside it: it may make environments otherwise than we do, so it gets none of ours, and a run before the timed ones makes them.
Cells are those of the scenarios that both have with the same acts and expectations (prose may differ), and that ran in both.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import scenario_folders
from .measured_run import ROOT, Measured, measure_cells
from .table import Figure, ratio

HOME = ROOT / ".cache" / "bench"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its name, its checkout, and what its command's --help says."""

    name: str
    root: Path
    help: str


def git(*words: str) -> str:
    """The output of git; raises SystemExit with its message."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def side(name: str, root: Path) -> Side:
    """A checkout as a side; raises SystemExit where its command does not run with our Python."""
    done = subprocess.run([sys.executable, "-m", "harness", "matrix", "--help"], cwd=root, capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    missing = [option for option in ("--scenarios", "--reports", "--python", "--subject") if option not in done.stdout]
    if done.returncode or missing:
        raise SystemExit(f"{name}: python -m harness matrix --help "
                         f"{f'has no {missing}' if not done.returncode else 'fails: ' + done.stderr[-600:]}")
    return Side(name, root, done.stdout)


@contextlib.contextmanager
def checkout(commit: str) -> Iterator[Side]:
    """A clone of a commit, at a place that is always the same: environments hold absolute paths."""
    full = git("rev-parse", "--verify", f"{commit}^{{commit}}")
    home = HOME / full[:12]
    root = home / "checkout"
    shutil.rmtree(root, ignore_errors=True)
    (home / "cache").mkdir(parents=True, exist_ok=True)
    try:
        git("clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(root))
        git("-C", str(root), "-c", "advice.detachedHead=false", "checkout", "--quiet", full)
        (root / ".cache").symlink_to(home / "cache")
        yield side(full[:9], root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def shared(one: Path, other: Path) -> list[str]:
    """The ids of the scenarios that two folders have with the same acts and expectations."""
    mine, theirs = scenario_folders.tables(one), scenario_folders.tables(other)
    return sorted(name for name in mine.keys() & theirs.keys()
                  if scenario_folders.acts(mine[name][1]) == scenario_folders.acts(theirs[name][1]))


def run(one: Side, scenarios: Path, reports: Path, options: Sequence[str], cells: int | None = None) -> Measured:
    """A measured run of one side."""
    command = scenario_folders.command(scenarios, reports, *options, help_text=one.help)
    return measure_cells(command, reports, cells, cwd=one.root, env={"PYTHONPATH": str(one.root)})


def compare(
    work: Path, commit: str, subjects: Sequence[str], pythons: Sequence[str], rounds: int, count: int, say: Callable[[str], None]
) -> list[Figure]:
    """The figures of some rounds A B A B …; A is this checkout as it is, B the commit."""
    options = scenario_folders.chosen(subjects, pythons)
    with checkout(commit) as other:
        sides = (side("this checkout", ROOT), other)
        both = shared(ROOT / "scenarios", other.root / "scenarios")
        ids = scenario_folders.sample(both, count)
        say(f"against {other.name}: {len(both)} scenarios are the same in both, {len(ids)} of them run; a run of each, untimed …")
        if not ids:
            return [Figure("against", f"this checkout / {other.name}", (), note="no scenario is the same in both")]
        ran = []
        folders = {}
        for one in sides:
            folders[one] = scenario_folders.copy(ids, work / one.name.replace(" ", "-"), one.root / "scenarios")
            ran.append(set(run(one, folders[one], work / "reports", options).ran))
        apart = {cell.partition("@")[0] for cell in ran[0] ^ ran[1]}
        ids = [name for name in ids if name not in apart]
        cells = len({cell for cell in ran[0] & ran[1] if cell.partition("@")[0] in ids})
        if not cells:
            return [Figure("against", f"this checkout / {other.name}", (), note="no cell ran in both")]
        for one in sides:
            scenario_folders.copy(ids, folders[one], one.root / "scenarios")
        runs: dict[Side, list[Measured]] = {one: [] for one in sides}
        for turn in range(rounds):
            say(f"against {other.name}: {cells} cells, round {turn + 1} of {rounds} …")
            for one in sides:
                runs[one].append(run(one, folders[one], work / "reports", options, cells))
    note = f"{cells} cells of {len(ids)} scenarios"
    values = (("", "wall time", lambda run: run.wall), (".cpu", "CPU time", lambda run: run.cpu),
              (".driver", "CPU time of the driver", lambda run: run.driver),
              (".servers", "CPU time of the servers", lambda run: run.guests))
    return [ratio(f"against{key}", f"{what} a cell, this checkout / {other.name}",
                  ("ms", [1000 * value(one) / cells for one in runs[sides[0]]]),
                  (f"ms {other.name}", [1000 * value(one) / cells for one in runs[sides[1]]]), note)
            for key, what, value in values]
