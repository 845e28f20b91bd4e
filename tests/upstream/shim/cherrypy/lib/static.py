"""Files."""
from enginebus.static import serve_file, serve_fileobj  # noqa: F401
