"""The page of an error."""
from enginebus.errors import get_error_page  # noqa: F401
