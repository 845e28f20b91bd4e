"""test_caching unpacks what its gzip tool packed."""
from gzip import decompress  # noqa: F401
