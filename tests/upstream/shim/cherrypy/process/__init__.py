"""The bus and its plugins."""
from . import servers, wspbus  # noqa: F401
