"""Write all forms of the report of a run."""

from __future__ import annotations

from pathlib import Path

from ..atomic import write_text
from ..store import Run


def build(run: Run, reports: Path, scenarios: Path) -> Path:
    """Write the report and return the path of its first page."""
    index = reports / "index.html"
    results = run.results()
    write_text(index, "<pre>" + "\n".join(f"{r.word:8} {c} {r.reason}" for c, r in results.items()).replace("<","&lt;"))
    return index
