"""Coverage line by line: which Pythons and which scenarios reach each line of the measured packages."""

from __future__ import annotations

import ast
from pathlib import Path

import coverage
from coverage.exceptions import CoverageException

from ..model.ids import CellId
from ..model.values import Json, Plan
from ..run.run_folder import Run
from .combine import COMBINED
from .parse_once import parsed_once


class Sets:
    """Sets of numbers, each stored once: a thousand lines share a few hundred of them."""

    def __init__(self) -> None:
        self.kept: list[list[int]] = []
        self._numbers: dict[tuple[int, ...], int] = {}

    def number(self, members: set[int]) -> int:
        """The number of a set."""
        key = tuple(sorted(members))
        if key not in self._numbers:
            self._numbers[key] = len(self.kept)
            self.kept.append(list(key))
        return self._numbers[key]


@parsed_once()
def reached(run: Run, plan: Plan, scenarios: list[str]) -> Json | None:
    """Return the measured files with their lines; None if nothing was measured.

    Numbers in ``sets`` are positions in ``scenarios`` and ``targets``. For each file: ``source`` (its lines), and ``lines``:
    line of a statement -> [set of its scenarios, set of its targets]; a statement that nothing reaches has two empty sets.
    ``note`` says why a file has no lines.
    """
    folder = run.coverage_folder / COMBINED
    if not (folder / "data").exists():
        return None
    measure = coverage.Coverage(data_file=str(folder / "data"), config_file=str(folder / "coveragerc"))
    measure.load()
    data = measure.get_data()
    places = {name: number for number, name in enumerate(scenarios)}
    columns = [target.id for target in plan.targets if target.ready and target.coverage]
    sets, files = Sets(), []
    for name in sorted(data.measured_files()):
        path = Path(name)
        try:
            _, statements, _, _, _ = measure.analysis2(name)
        except CoverageException as error:  # it no longer exists: noted, and not left out
            files.append({"name": f"{path.parent.name}/{path.name}", "source": [], "lines": {}, "note": str(error)})
            continue
        source = path.read_text("utf-8")
        contexts = data.contexts_by_lineno(name)
        lines = {}
        for line, together in spans(source, statements).items():
            cells = [CellId(context).parts for one in together for context in contexts.get(one, ()) if context]
            lines[str(line)] = [
                sets.number({places[scenario] for scenario, _ in cells if scenario in places}),
                sets.number({columns.index(target) for _, target in cells if target in columns}),
            ]
        files.append({"name": f"{path.parent.name}/{path.name}", "source": source.splitlines(), "lines": lines})
    return {"scenarios": scenarios, "targets": columns, "sets": sets.kept, "files": files}


def spans(source: str, statements: list[int]) -> dict[int, range]:
    """The lines of each statement, by coverage's number for it.

    Pythons differ in the line that they report for a statement of several lines: its first, its last, or a decorator's
    (What's New in Python 3.8: a decorated definition's line number). If one line of a statement's head was reached, all
    were; the body of a compound statement is not part of its head.
    """
    found = {line: range(line, line + 1) for line in statements}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
        body = getattr(node, "body", None)
        last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
        for line in range(first, last + 1):
            if line in found:
                found[line] = range(first, last + 1)
    return found
