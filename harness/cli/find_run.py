"""A run by its folder or its name, and the run that another is compared with."""

from __future__ import annotations

from pathlib import Path

from ..model.refusal import Refusal
from ..model.suggestions import perhaps
from ..run.run_folder import Run, runs
from .console import Say

LAST = "last"


def find(name: str, reports: Path) -> Run:
    """A run by its folder, or by its name below reports/data; raises Refusal where there is none."""
    given, below = Path(name), reports / "data" / name
    for folder in (given, below):
        if (folder / "plan.json").is_file():
            return Run(folder.resolve())
    for folder in (given, below):
        if folder.is_dir():
            raise Refusal(f"{folder}: is not a run: it has no plan.json. Give a folder below {reports / 'data'}, or its name.")
    raise Refusal(f"{reports / 'data'}: there is no run {name}. {perhaps(name, [run.folder.name for run in runs(reports)])}")


def baseline(name: str, run: Run, reports: Path, note: Say) -> Run | None:
    """The run to compare with; "last" is the newest before this one that tells something, and None where there is none."""
    if name != LAST:
        return find(name, reports)
    for other in reversed([other for other in runs(reports) if other.folder.name < run.folder.name]):
        try:
            if any(result.status == "ran" for result in other.results().values()):
                return other
            problem = "no cell ran in it"
        except Refusal as error:
            problem = str(error)
        note(f"not compared with the run {other.folder.name}: {problem}")
    return None
