"""Tables on the terminal, laid out by rich: columns as wide as they need to be, the last one wrapped to the window."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..model.printable import plain

LEAST_WIDTH = 80


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False) -> str:
    """A table as text; with ``numbers`` all columns but the first are aligned to the right, and none is wrapped."""
    made = Table(box=None, pad_edge=False, show_edge=False, header_style="")
    for place, head in enumerate(heads):
        last = place == len(heads) - 1
        made.add_column(head, justify="right" if numbers and place else "left", no_wrap=numbers or not last, overflow="fold")
    for row in rows:
        made.add_row(*(Text(plain(cell)) for cell in row))
    out = io.StringIO()
    width = 10_000 if numbers else max(LEAST_WIDTH, shutil.get_terminal_size((120, 24)).columns)
    Console(file=out, width=width, color_system=None, highlight=False).print(made)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())
