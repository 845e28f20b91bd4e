"""Dates, ranges and paths."""
from enginebus.conditional import get_ranges  # noqa: F401
from enginebus.headers import http_date as HTTPDate  # noqa: F401


def urljoin(*atoms):
    """The helper's own use: a prefix and a path."""
    joined = "/".join(atom for atom in atoms if atom)
    while "//" in joined:
        joined = joined.replace("//", "/")
    return joined or "/"
