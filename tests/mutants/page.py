"""``reports/mutants/index.html``: the rates, the survivors, and every mutant with who noticed it, in the look of the report."""

from __future__ import annotations

from pathlib import Path

from harness.machine.atomic_files import write_text
from harness.machine.places import PACKAGE
from harness.report import templating
from harness.report.publishable import Redactor

from .attempts import KILLED
from .results import KINDS, Json, left_out, survivors

HERE = Path(__file__).parent
SHAPES = {"killed": "✓", "survived": "✗", "not reached": "○", "elsewhere": "–", "error": "!"}
CLASSES = {"killed": "pass", "survived": "fail", "not reached": "not-run", "elsewhere": "missing", "error": "error"}


def write(file: Path, said: Json) -> Path:
    """Write the page of a document; return its path."""
    pages = templating.navigation(file.parent.parent, up="../", here=f"{file.parent.name}/{file.name}")
    write_text(file, render(said, pages))
    return file


def render(said: Json, pages: list[tuple[str, str, bool]]) -> str:
    """The page as HTML: what a server said goes through escapes, and its script is allowed by its hash only."""
    said = Redactor(PACKAGE.parent).everything(said)
    style = templating.style("style.css") + (HERE / "page.css").read_text("utf-8")
    script = (HERE / "page.js").read_text("utf-8")
    rows = sorted(said["mutants"], key=lambda entry: (_rank(entry), entry["module"], entry["line"], entry["id"]))
    environment = templating.environment(HERE)
    environment.globals.update(shapes=SHAPES, classes=CLASSES, worst=_worst, argued=_argued)
    modules = sorted({entry["module"] for entry in rows})
    return environment.get_template("page.html").render(
        style=style, script=script, style_hash=templating.hash_of(style),
        script_hash=templating.hash_of(script), up="../", pages=pages, said=said, rows=rows, kinds=KINDS,
        modules=modules, alive=sum(bool(survivors(entry)) for entry in rows), left_out=left_out(said))


def _rank(entry: Json) -> int:
    """Survivors of which nobody says why they are none first, then the others, then the killed ones."""
    return 2 if not survivors(entry) else 1 if _argued(entry) else 0


def _worst(entry: Json) -> str:
    """The outcome that a row is filtered by."""
    return "survives" if survivors(entry) else KILLED


def _argued(entry: Json) -> bool:
    return all(entry["on"][python]["argued"] for python in survivors(entry))

