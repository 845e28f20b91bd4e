"""Splitting the cells of a run between machines so that each needs about the same time.

The machines do not talk to each other, so each computes the whole split. It may depend on nothing that differs between
them: not on the cache, which Pythons a machine has, or the order of the cells.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from ..model.ids import CellId
from ..model.refusal import Refusal
from ..model.values import Cell

PARTS = 8  # of a shard: a group is not split finer than this
HELP = "Give all shards the same results.json, from the report of an earlier run"

Weight = Callable[[Cell], float]
Group = Callable[[Cell], str]


class _Cell(msgspec.Struct):
    """What is needed of a cell in results.json."""

    scenario: str
    target: str
    status: str
    seconds: Annotated[float, msgspec.Meta(ge=0)]


class _Results(msgspec.Struct):
    """What is needed of results.json."""

    cells: list[_Cell]


def weights_from(file: Path) -> dict[str, float]:
    """The seconds of each cell that ran, from the results.json of a run; raises Refusal for any other file."""
    if file.exists() and not file.is_file() and not file.is_dir():
        raise Refusal(f"{file}: is not a file. {HELP}.")
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_Results)
    except OSError as error:
        raise Refusal(f"{file}: cannot be read: {error.strerror}. {HELP}.") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refusal(f"{file}: is not the results.json of a run ({error}). {HELP}.") from error
    ran = {str(CellId.of(cell.scenario, cell.target)): cell.seconds for cell in found.cells if cell.status == "ran"}
    if not ran:
        raise Refusal(f"{file}: no cell ran in this run, so it does not say how long cells take. {HELP}.")
    return ran


def shares(cells: Sequence[Cell], weight: Weight, count: int, group: Group | None = None) -> list[tuple[Cell, ...]]:
    """The cells of each of ``count`` shards, in their order; each cell is in one shard, whatever the weights are.

    No shard has more than an equal part and the heaviest cell. With ``group``, cells with the same text stay together in
    chunks, and no shard has more than an equal part and the heaviest chunk: a cell, or 1/8 of an equal part.

    Both may depend on a cell's id and its scenario, and not on its status, which other machines may see differently.
    """
    weights = {cell.id: max(0, round(weight(cell) * 1000)) for cell in cells}  # in integers, sums are exact in any order
    chunks = _chunks(cells, weights, count, group or (lambda _: ""))
    chunks.sort(key=lambda chunk: (-sum(weights[cell] for cell in chunk), chunk[0]))
    owner: dict[str, int] = {}
    loads = [(0, 0, number) for number in range(count)]  # of equal loads, the shard with fewer cells is next
    for chunk in chunks:
        load, size, number = loads[0]
        heapq.heapreplace(loads, (load + sum(weights[cell] for cell in chunk), size + len(chunk), number))
        owner.update(dict.fromkeys(chunk, number))
    found: list[list[Cell]] = [[] for _ in range(count)]
    for cell in cells:
        found[owner[cell.id]].append(cell)
    return [tuple(one) for one in found]


def share_of(cells: Sequence[Cell], weight: Weight, number: int, count: int, group: Group | None = None) -> tuple[Cell, ...]:
    """The cells of one shard; ``number`` starts at 1."""
    return shares(cells, weight, count, group)[number - 1]


def _chunks(cells: Sequence[Cell], weights: dict[str, int], count: int, group: Group) -> list[list[str]]:
    """The ids of cells that stay together: those of a group, as long as they are not too many for an even split."""
    most = max([sum(weights.values()) // (count * PARTS), *weights.values()])
    open_chunks: dict[str, list[str]] = {}
    loads: dict[str, int] = {}
    chunks: list[list[str]] = []
    for cell in sorted(cells, key=lambda cell: cell.id):
        name = group(cell)
        if name in open_chunks and loads[name] + weights[cell.id] <= most:
            open_chunks[name].append(cell.id)
            loads[name] += weights[cell.id]
            continue
        chunks.append([cell.id])
        if name:
            open_chunks[name], loads[name] = chunks[-1], weights[cell.id]
    return chunks
