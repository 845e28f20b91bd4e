"""(c) The same checks as plain pytest files, Python by Python, beside the harness: the same cells, in turn.

The files are generated from the scenarios whose acts a plain test has (plain_writer). Compared are those that pass in both on
every Python where they run; what else was left out is counted. The harness also judges how each server ended and what it
left behind, which the plain tests do not; it runs once as it is shipped, and once without coverage, which they do not measure.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.language.files import load_all
from harness.language.scenario import Scenario
from harness.run.run_folder import runs
from harness.targets.load_subjects import BUNDLED

from . import scenario_folders
from .measured_run import Failed, Measured, measure, measure_cells
from .plain_folder import Written, write
from .plain_writer import expectations, fits
from .scenario_folders import identifier
from .table import Figure, ratio

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", "--tb=line", "-rf")

TRIALS = 2  # untimed runs of the plain tests: one that is red in either is left out


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is compared: the folder of scenarios, the folders of plain tests, and the number of cells in each."""

    scenarios: Path
    written: tuple[Written, ...]
    cells: int
    asserted: int
    expected: int
    left_out: dict[str, int]


def words(folder: Path) -> list[str]:
    """The command that runs a folder of plain tests."""
    return [*PYTEST, "-c", str(folder / "pytest.ini"), f"--rootdir={folder}", str(folder)]


def failing(folder: Path) -> list[str]:
    """The names of the plain tests that fail."""
    done = subprocess.run(words(folder), cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        raise Failed(f"pytest cannot run the generated files in {folder}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return re.findall(r"^(?:FAILED|ERROR) \S+::(test_\w+)", done.stdout, re.MULTILINE)


def prepare(
    work: Path, subjects: Sequence[str], pythons: Sequence[str], count: int, say: Callable[[str], None]
) -> Prepared:
    """Run everything once, untimed; keep the scenarios that pass in both, everywhere."""
    everything = load_all(scenario_folders.SCENARIOS)
    left = Counter(reason for scenario in everything if (reason := fits(scenario)))
    ids = scenario_folders.sample([scenario.id for scenario in everything if not fits(scenario)], count)
    folder = scenario_folders.copy(ids, work / "trial")
    say(f"c: {len(ids)} scenarios as plain tests; a run of each, untimed …")
    run = measure_cells(scenario_folders.command(folder, work / "reports", *scenario_folders.chosen(subjects, pythons)),
                        work / "reports")
    plan = runs(work / "reports")[-1].read_plan()
    passed = {line["cell"] for line in run.lines if line["passed"]}
    planned = {cell.id: cell for cell in plan.cells if cell.status == "planned"}
    not_ours = {cell.scenario for name, cell in planned.items() if name not in passed}
    left["fails, or is a known failure, in the harness"] += len(not_ours)
    good = [scenario for scenario in load_all(folder) if scenario.id not in not_ours]

    def folders(chosen: Sequence[Scenario], trial: str) -> list[Written]:
        found = []
        for target in plan.targets:
            mine = [one for one in chosen if any((c.scenario, c.target) == (one.id, target.id) for c in planned.values())]
            if mine:
                found.append(write(work / trial / target.id, mine, BUNDLED.load(target.subject), target))
        return found

    tried = folders(good, "trial-tests")
    unwritten = {name: reason for one in tried for name, reason in one.left_out.items()}
    left.update(unwritten.values())
    names = {identifier(scenario.id): scenario.id for scenario in good}
    red: set[str] = set()
    for _ in range(TRIALS):
        red |= {names[name.removeprefix("test_")] for one in tried if one.asserted for name in failing(one.folder)}
    left["fails as a plain test: requests or a socket shows it otherwise"] += len(red)
    kept = [scenario for scenario in good if scenario.id not in {*unwritten, *red}]
    written = tuple(one for one in folders(kept, "tests") if one.asserted)
    for name in ("trial", "trial-tests"):
        shutil.rmtree(work / name, ignore_errors=True)
    run_ids = {name for one in written for name in one.asserted}
    by_id = {scenario.id: scenario for scenario in kept}
    expected = sum(_expected(by_id[name], one.target, plan) for one in written for name in one.asserted)
    return Prepared(
        scenario_folders.copy(sorted(run_ids), work / "scenarios"), written, sum(len(one.asserted) for one in written),
        sum(count for one in written for count in one.asserted.values()), expected, {k: v for k, v in left.items() if v})


def _expected(scenario: Scenario, target_id: str, plan: object) -> int:
    """How many expectations a scenario has on a target."""
    from harness.targets.resolution import resolve

    target = next(one for one in plan.targets if one.id == target_id)  # type: ignore[attr-defined]
    subject = BUNDLED.load(target.subject).on(target)
    return sum(expectations(step.expect) for step in resolve(scenario, target, subject).steps)


def compare(
    work: Path, subjects: Sequence[str], pythons: Sequence[str], rounds: int, count: int, say: Callable[[str], None]
) -> list[Figure]:
    """The figures of some rounds: plain, ours, ours without coverage, and again."""
    ready = prepare(work, subjects, pythons, count, say)
    say(f"c: {ready.cells} cells; {ready.asserted} asserts in the plain tests, {ready.expected} expectations in the harness; "
        f"left out: {'; '.join(f'{number}: {reason}' for reason, number in ready.left_out.items())}")
    if not ready.cells:
        return [Figure("c", "plain pytest / the harness", (), note="no scenario passes in both")]
    chosen = scenario_folders.chosen(subjects, pythons)
    plain: list[list[Measured]] = []
    ours: list[Measured] = []
    bare: list[Measured] = []
    for turn in range(rounds):
        say(f"c: round {turn + 1} of {rounds} …")
        plain.append([measure(words(one.folder), cwd=one.folder, allowed=(0, 1)) for one in ready.written])
        for kept, more in ((ours, ()), (bare, ("--no-coverage",))):
            reports = work / "reports"
            kept.append(measure_cells(scenario_folders.command(ready.scenarios, reports, *chosen, *more), reports, ready.cells))
    red = sum(one.exit != 0 for turn in plain for one in turn) + sum(one.exit != 0 for one in (*ours, *bare))
    note = f"{red} of the runs had something red" if red else ""
    found = []
    for key, name, runs_of in (("c", "the harness", ours), ("c.no-coverage", "the harness without coverage", bare)):
        for what, value in (("wall", lambda one: one.wall), ("cpu", lambda one: one.cpu)):
            mine = [1000 * value(one) / ready.cells for one in runs_of]
            other = [1000 * sum(map(value, turn)) / ready.cells for turn in plain]
            found.append(ratio(f"{key}.{what}" if what == "cpu" else key, f"{what if what == 'wall' else 'CPU'} time a cell of {name} / of plain pytest",
                               (f"ms {name}", mine), ("ms plain", other), note))
    return [*found, ratio("c.asserts", "expectations in the harness / asserts in plain pytest",
                          ("in the harness", [float(ready.expected)]), ("asserts", [float(ready.asserted)]),
                          cells=[float(ready.cells)])]
