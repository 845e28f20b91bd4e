"""The step about a file in the cell's folder."""

from __future__ import annotations

from typing import Any

from ...cell.files import look_at, make_file
from ...machine.deadlines import Deadline
from .cell import Cell
from .server import Late


def file(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Make what is to be made, wait for what is to be waited for, and look."""
    path = cell.folder / args["path"]
    if "make" in args:
        make_file(path, args["make"], args.get("content", ""), args.get("to", ""))

    def settled() -> bool:
        return "until" not in args or look_at(path)["exists"] == (args["until"] == "exists")

    if not Deadline(step["within"]).wait(settled, 0.02):
        raise Late(f"{args['path']!r} {args['until']}")
    return look_at(path)
