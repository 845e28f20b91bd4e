"""The whole table."""

from __future__ import annotations

from . import rows_answers, rows_chunks, rows_connection, rows_fields, rows_length, rows_line, rows_target
from .model import Row

ROWS: tuple[Row, ...] = tuple(
    one for module in (rows_line, rows_target, rows_fields, rows_length, rows_chunks, rows_connection, rows_answers) for one in module.ROWS)
BY_ID = {one.id: one for one in ROWS}
assert len(BY_ID) == len(ROWS), "two rows have one id"


def apply(subject: str) -> list[Row]:
    """The rows that can be asked of a server."""
    return [one for one in ROWS if not (one.handler and subject == "waitress")]
