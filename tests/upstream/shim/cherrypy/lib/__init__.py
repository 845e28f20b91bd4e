"""The library of CherryPy, as far as its tests use it."""
from . import encoding, gctools, httputil, static  # noqa: F401
