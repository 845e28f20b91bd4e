"""Merging the data folders of several machines into one run: nothing may be missing, duplicated, or of different versions."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..machine.atomic_files import append_line, write_json
from ..model.refusal import Refusal
from ..model.stored_json import read_lines, to_json
from ..model.values import Cell, CellResult, Json, Plan, Target
from . import systems
from .run_folder import Run


def merge(sources: list[Path], out: Path, expected: int = 0) -> Run:
    """Merge shards into one run; raises Refusal where they do not fit together.

    ``expected`` is how many shards there must be; those that were made by ``--shard K/N`` say it themselves.
    """
    shards = [Run(source) for source in sources]
    plans = [run.read_plan() for run in shards]
    found = [systems.of(plan) for plan in plans]
    several = len(set(found)) > 1
    on = [system if several else "" for system in found]
    plans = [systems.plan_on(plan, system) if system else plan for plan, system in zip(plans, on, strict=True)]
    if expected and len(shards) != expected:
        raise Refusal(f"merge: {len(shards)} shards were given, and --expect says {expected}; give all of them, once")
    _check_numbers(plans)
    _check_cells(shards, plans, on)
    targets = _targets(plans)
    if len({plan.scenarios for plan in plans}) > 1:
        raise Refusal("the shards were made from different scenario files; merge runs of one commit only")
    if len(versions := {str(plan.environment.get("harness", "")) for plan in plans}) > 1:
        raise Refusal(f"the shards were made by different versions of the harness: {', '.join(sorted(versions))}")
    if out.exists():
        raise Refusal(f"{out}: exists already; give another folder")
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    (temporary / "cells").mkdir(parents=True)
    _copy(shards, temporary, on)
    first = plans[0]
    Run(temporary).write_plan(
        replace(
            first,
            run=out.name,
            targets=targets,
            cells=_cells(plans, targets),
            shard="",
            environment={**first.environment, "shards": [plan.environment for plan in plans]},
        )
    )
    os.replace(temporary, out)
    return Run(out)


def _check_numbers(plans: list[Plan]) -> None:
    """Of shards that are K of N, each must be there; of each Python and server, where these were spread over machines, too."""
    numbered = [plan for plan in plans if plan.shard]
    if not numbered:
        return
    if len({plan.shard.partition("/")[2] for plan in numbered}) > 1 or len(numbered) < len(plans):
        raise Refusal(f"merge: these are not the shards of one run: {', '.join(plan.shard or 'a whole run' for plan in plans)}")
    wholes: dict[str, list[Plan]] = {}
    for plan in numbered:
        wholes.setdefault(" ".join(map(str, _spread(plan))), []).append(plan)
    for name, parts in wholes.items():
        _check_whole(f" for {name}" if len(wholes) > 1 else "", parts)


def _spread(plan: Plan) -> list[str]:
    """The Pythons and servers that a machine was asked for."""
    return [*plan.asked.get("pythons", ()), *plan.asked.get("subjects", ())]


def _check_whole(name: str, parts: list[Plan]) -> None:
    """The shards of a whole must all be there, and have been cut from the same one."""
    count = int(parts[0].shard.partition("/")[2])
    given = [int(plan.shard.partition("/")[0]) for plan in parts]
    if missing := [str(number) for number in range(1, count + 1) if number not in given]:
        raise Refusal(f"merge: shard {', '.join(missing)} of {count} is missing{name}; give all of them")
    first = parts[0]
    for plan in parts[1:]:
        names = sorted({*plan.asked, *first.asked})
        if differing := [name for name in names if plan.asked.get(name) != first.asked.get(name)]:
            raise Refusal(
                f"merge: shards {first.shard} and {plan.shard} were made with different options ({', '.join(differing)}), so "
                "cells may be missing; give all shards the same options and the same --weights file"
            )


def _check_cells(shards: list[Run], plans: list[Plan], on: list[str]) -> None:
    """Each planned cell has a result, and belongs to one shard."""
    owner: dict[str, Path] = {}
    for run, plan, system in zip(shards, plans, on, strict=True):
        results = {systems.cell_on(cell, system) if system else cell: result for cell, result in run.results().items()}
        for cell in plan.cells:
            if cell.id in owner:
                raise Refusal(f"{run.folder}: cell {cell.id} is also in {owner[cell.id]}; shards must not overlap")
            owner[cell.id] = run.folder
            if cell.status == "planned" and (cell.id not in results or results[cell.id].status == "not-run"):
                raise Refusal(f"{run.folder}: cell {cell.id} was planned and has no result; this shard is not complete")


def _targets(plans: list[Plan]) -> tuple[Target, ...]:
    """All targets, each once; one that was made differently in two shards is not one column."""
    found: dict[str, Target] = {}
    for target in (target for plan in plans for target in plan.targets):
        other = found.setdefault(target.id, target)
        if _make(other) != _make(target):
            raise Refusal(
                f"merge: {target.id} is {_make(other)} in one shard and {_make(target)} in another; run them with "
                "the same versions (those of the lock file, without --upgrade)"
            )
    return tuple(found.values())


def _make(target: Target) -> str:
    """What must be equal for cells of two machines to stand in one column."""
    interpreter = target.interpreter
    python = f"{interpreter.implementation} {interpreter.version} {interpreter.build}" if interpreter else "no Python"
    return f"{target.subject} {target.subject_version or '-'} on {python}"


def _cells(plans: list[Plan], targets: tuple[Target, ...]) -> tuple[Cell, ...]:
    """All cells in the order in which one run has them: by scenario, then by target."""
    rows = {line.partition(" ")[0]: place for place, line in enumerate(plans[0].scenarios)}
    columns = {target.id: place for place, target in enumerate(targets)}
    cells: Iterable[Cell] = (cell for plan in plans for cell in plan.cells)
    return tuple(sorted(cells, key=lambda cell: (rows.get(cell.scenario, 0), columns[cell.target])))


def _copy(shards: list[Run], out: Path, on: list[str]) -> None:
    for number, (run, system) in enumerate(zip(shards, on, strict=True)):
        for file in run.folder.glob("lines.*.jsonl"):
            _copy_lines(file, out / file.name.replace("lines.", f"lines.shard{number}-", 1), system)
        for folder in (path for path in (run.folder / "cells").glob("*") if path.is_dir()):
            _copy_cell(folder, out / "cells", system)
        for folder in (path for path in (run.folder / "trials").glob("*") if path.is_dir()):
            name = systems.target_on(folder.name, system) if system else folder.name
            shutil.copytree(folder, out / "trials" / name, dirs_exist_ok=True)
    shutil.copy(shards[0].folder / "scenarios.json", out)
    recipes = [_recipes(run, system) for run, system in zip(shards, on, strict=True)]
    Run(out).write_recipes(
        {key: {name: value for one in recipes for name, value in one[key].items()} for key in ("targets", "files")}
    )


def _copy_lines(file: Path, out: Path, system: str) -> None:
    """Copy the results of a worker; a line that is cut off stays behind."""
    if not system:
        shutil.copy(file, out)
        return
    for result in read_lines(CellResult, file.read_bytes().splitlines()):
        append_line(out, to_json(replace(result, cell=systems.cell_on(result.cell, system))))


def _copy_cell(folder: Path, out: Path, system: str) -> None:
    """Copy what a cell recorded; its history names the cell."""
    name = systems.cell_on(folder.name, system) if system else folder.name
    shutil.copytree(folder, out / name)
    history = out / name / "history.json"
    if system and history.is_file():
        data = json.loads(history.read_text("utf-8"))
        write_json(history, {**data, "cell": name})


def _recipes(run: Run, system: str) -> Json:
    """How each target of a shard is launched, by its id in the merged run."""
    found = run.read_recipes()
    if not system:
        return found
    return {**found, "targets": {systems.target_on(target, system): recipe for target, recipe in found["targets"].items()}}
