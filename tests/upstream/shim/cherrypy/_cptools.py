"""Tools."""
from enginebus import Tool  # noqa: F401
