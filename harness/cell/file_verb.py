"""The verb file: look at a file in the cell's folder, make one, or wait until it is there or gone (files.py)."""

from __future__ import annotations

from typing import cast

from ..language.scenario import Step
from ..language.volley_observations import FileSeen
from ..machine.deadlines import Deadline
from ..model.values import Json
from .files import look_at, make_file
from .running_cell import CellRun, TimedOut, Unable


def file(cell: CellRun, step: Step, args: Json) -> FileSeen:
    """Make what is to be made, wait for what is to be waited for, and look."""
    path = cell.work / args["path"]
    if cell.work.resolve() not in path.parent.resolve().parents and path.parent.resolve() != cell.work.resolve():
        raise Unable(f"{args['path']!r} is not in the cell's folder")
    if "make" in args:
        try:
            make_file(path, args["make"], args.get("content", ""), args.get("to", ""))
        except OSError as error:
            raise Unable(f"{args['make']} {args['path']!r} cannot be made: {error.strerror}") from error
    seen = look_at(path)

    def settled() -> bool:
        nonlocal seen
        seen = look_at(path)
        return "until" not in args or seen["exists"] == (args["until"] == "exists")

    if not Deadline(step.within).wait(settled, 0.02):  # nothing reports that a file has come or gone
        raise TimedOut(f"{args['path']!r} {args['until']}", seen)
    return cast(FileSeen, {**seen, "path": args["path"]})
