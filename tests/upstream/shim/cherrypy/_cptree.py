"""Applications."""
from enginebus.application import Application, Tree  # noqa: F401
