"""``reports/bench.html``: the figures in the look of the report, which links to it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2

from harness.machine.atomic_files import write_text
from harness.machine.places import PACKAGE
from harness.report import build
from harness.report.publishable import Redactor

from .table import number

HERE = Path(__file__).parent


def write(file: Path, said: dict[str, Any]) -> Path:
    """Write the page of a document, as ``table.document`` makes it; return its path."""
    style = (build.HERE / "templates" / "style.css").read_text("utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True)
    environment.globals.update(number=number)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    said = Redactor(PACKAGE.parent).everything(said)
    write_text(file, environment.get_template("page.html").render(said=said, style=style, style_hash=f"sha256-{digest}"))
    return file
