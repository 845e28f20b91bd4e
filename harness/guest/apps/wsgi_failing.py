"""The route contract "failing" as a WSGI module: it cannot be imported."""

raise RuntimeError("failed on purpose")
