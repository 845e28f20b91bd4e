"""``reports/bench.html``: the figures in the look of the report, which links to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.machine.atomic_files import write_text
from harness.machine.places import PACKAGE
from harness.report import templating
from harness.report.publishable import Redactor

from .table import number

HERE = Path(__file__).parent


def write(file: Path, said: dict[str, Any]) -> Path:
    """Write the page of a document, as ``table.document`` makes it; return its path."""
    style = templating.style("style.css")
    environment = templating.environment(HERE)
    environment.globals.update(number=number)
    said = Redactor(PACKAGE.parent).everything(said)
    write_text(file, environment.get_template("page.html").render(
        said=said, up="", script_hash="", style=style, style_hash=templating.hash_of(style), pages=templating.navigation(file.parent, here=file.name)))
    return file
