"""Combine the coverage data of a run's cells: per target, and for all targets together.

The cells' own files stay unchanged; combined data go into the run's ``coverage`` folder. A file that cannot be read is
named, and hides no other.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import coverage
from coverage import CoverageData
from coverage.exceptions import CoverageException

from ..cell.measured_images import data_files, unreadable
from ..cell.shared_launch import MANIFEST
from ..machine.atomic_files import write_text
from ..model.values import CellResult, Json, Plan, Target
from ..run.run_folder import Run
from ..run.stored_files import load, named
from ..targets.subject import Subject
from .parse_once import parsed_once

COMBINED = "combined"
Packages = dict[str, Path | None]  # a measured package, and where its sources are
NAMED = 5  # unreadable files that are listed; the others are counted
NONE = "no coverage data"


@dataclass(frozen=True, slots=True)
class Measured:
    """Coverage of one target, or of all together; ``percent`` is None if there are no data.

    ``lost`` are the cells that lost data although their results say otherwise: a file was damaged later, or a worker was
    killed before it wrote the result.
    """

    name: str
    percent: float | None
    statements: int
    missing: int
    branches: int
    partial: int
    page: str
    states: dict[str, int]
    note: str = ""
    lost: tuple[str, ...] = ()


def combine(run: Run, plan: Plan, results: dict[str, CellResult], subjects: dict[str, Subject]) -> list[Measured]:
    """Combine and write HTML; return a row for each measured target and one for all together."""
    targets = [target for target in plan.targets if target.ready and target.coverage and target.subject in subjects]
    packages: dict[str, Path | None] = {}
    cells: dict[str, dict[str, CellResult]] = {target.id: {} for target in targets}
    for cell in plan.cells:
        if cell.target in cells and cell.id in results:
            cells[cell.target][cell.id] = results[cell.id]
    for target in targets:
        packages.update(subjects[target.subject].measured)
    with parsed_once():
        found = _each(run, [(target, cells[target.id], subjects[target.subject].measured) for target in targets])
        together = [line for line in found if line.page]
        line = _copied(run, together[0]) if len(together) == 1 else _all(run, together, packages)
    if not together and all(line.note == NONE for line in found):
        return found
    states = sum((Counter(one.states) for one in found), Counter[str]())
    notes = [f"{one.name}: {one.note}" for one in found if one.note not in ("", NONE)]
    return [
        *found,
        replace(
            line,
            states=dict(states),
            lost=tuple(cell for one in found for cell in one.lost),
            note="; ".join(filter(None, [line.note, *notes])),
        ),
    ]


def _each(run: Run, jobs: list[tuple[Target, dict[str, CellResult], Packages]]) -> list[Measured]:
    """The targets, on all processors: most of the time goes into pages of HTML."""
    if len(jobs) < 2 or not hasattr(os, "fork"):
        return [_target(run, *job) for job in jobs]
    with ProcessPoolExecutor(min(len(jobs), os.cpu_count() or 1), multiprocessing.get_context("fork")) as pool:
        return list(pool.map(_target, repeat(run), *zip(*jobs, strict=True)))


def _all(run: Run, together: list[Measured], packages: Packages) -> Measured:
    """All targets in one."""
    return _measure(run, COMBINED, [_place(run, line.name) / "data" for line in together], packages)


def _copied(run: Run, line: Measured) -> Measured:
    """All targets in one, where only one has data: its own, without making the same pages again."""
    shutil.copytree(_place(run, line.name), _place(run, COMBINED), dirs_exist_ok=True)
    page = (_place(run, COMBINED) / "html" / "index.html").relative_to(run.folder).as_posix()
    return replace(line, name=COMBINED, page=page, states={}, lost=(), note="")


def lost_cells(results: dict[str, CellResult], measured: list[Measured]) -> list[str]:
    """The cells that lost coverage data, entirely or in part, by their own results or by what combining found."""
    found_later = {cell for line in measured for cell in line.lost}
    return [cell for cell, result in results.items() if result.coverage == "lost" or cell in found_later]


def _target(run: Run, target: Target, cells: dict[str, CellResult], packages: Packages) -> Measured:
    """Combine the data of one target's cells, without unreadable files."""
    launches = {cell: sorted(run.cell_folder(cell).glob("coverage-*")) for cell in cells}
    owners: dict[Path, tuple[str, ...]] = {
        file: (cell,) for cell, own in launches.items() for launch in own for file in data_files(launch)
    }
    owners.update(_shared(run, target, cells))
    damaged = {file: why for file in owners if (why := _damage(file))}
    line = _measure(run, target.id, [file for file in owners if file not in damaged], packages)
    if not line.page:  # a file can look intact, and fail only when it is combined
        damaged.update({file: why for file in owners if file not in damaged and (why := _damage(file, thorough=True))})
        line = _measure(run, target.id, [file for file in owners if file not in damaged], packages)
    hit = {cell for file in damaged for cell in owners[file]}
    hit |= {cell for cell, own in launches.items() if own and cells[cell].status == "not-run"}
    lost = tuple(cell for cell, result in cells.items() if cell in hit and result.coverage not in ("lost", "broken"))
    states = dict(Counter("lost" if cell in lost else result.coverage for cell, result in cells.items()))
    names = []
    for file, why in damaged.items():
        _, owner, *below = file.relative_to(run.folder).parts  # a cell, or a launch
        names.append(f"{owner}: {'/'.join(below)} ({why})")
    if names:
        more = f"; and {len(names) - NAMED} more" if len(names) > NAMED else ""
        names = [f"{len(names)} file{'s' * (len(names) > 1)} cannot be read: {'; '.join(names[:NAMED])}{more}"]
    return replace(line, states=states, lost=lost, note="; ".join(filter(None, [line.note, *names])))


def _shared(run: Run, target: Target, cells: Collection[str]) -> dict[Path, tuple[str, ...]]:
    """The data of the launches that several cells of a target shared, and these cells."""
    found: dict[Path, tuple[str, ...]] = {}
    for manifest in sorted((run.folder / "launches").glob(f"{target.id}+*/{MANIFEST}")):
        with named(manifest):
            told = load(manifest)
        owners = tuple(cell for cell in told["cells"] if cell in cells)
        if told["target"] == target.id and owners:
            found.update({file: owners for launch in manifest.parent.glob("coverage-*") for file in data_files(launch)})
    return found


def _damage(file: Path, thorough: bool = False) -> str:
    """Why a file's data cannot be read; "" if they can. ``thorough`` combines the file, which takes six times as long."""
    if why := unreadable(file):
        return why
    try:
        data = CoverageData(basename=str(file))
        data.read()
        if thorough:
            CoverageData(no_disk=True).update(data)
    except CoverageException as error:
        return str(error)
    return ""


def _place(run: Run, name: str) -> Path:
    return run.coverage_folder / name.replace("@", "-")


def _measure(run: Run, name: str, files: list[Path], packages: Packages) -> Measured:
    """Combine files; earlier data are removed, even if there are no files or they cannot be combined."""
    nothing = Measured(name, None, 0, 0, 0, 0, "", {}, NONE)
    folder = _place(run, name)
    (folder / "data").unlink(missing_ok=True)
    if not files:
        return nothing
    # Targets have their own copies of the measured packages; [paths] maps them onto the sources in a repository.
    mapped = "".join(f"{name} =\n    {source}\n    */site-packages/{name}\n" for name, source in packages.items() if source)
    write_text(folder / "coveragerc", f"[run]\nbranch = True\n[paths]\n{mapped}[html]\nshow_contexts = True\n")
    measure = coverage.Coverage(data_file=str(folder / "data"), config_file=str(folder / "coveragerc"))
    try:
        measure.combine([str(file) for file in files], strict=True, keep=True)
        measure.save()
        percent = measure.html_report(directory=str(folder / "html"), title=f"Coverage: {name}")
        totals = _totals(measure, folder)
    except CoverageException as error:
        (folder / "data").unlink(missing_ok=True)
        return replace(nothing, note=f"could not be combined: {error}")
    return Measured(
        name,
        round(percent, 1),
        totals["num_statements"],
        totals["missing_lines"],
        totals["num_branches"],
        totals["num_partial_branches"],
        (folder / "html" / "index.html").relative_to(run.folder).as_posix(),
        {},
    )


def _totals(measure: coverage.Coverage, folder: Path) -> Json:
    measure.json_report(outfile=str(folder / "report.json"))
    totals: Json = json.loads((folder / "report.json").read_text("utf-8"))["totals"]
    return totals
