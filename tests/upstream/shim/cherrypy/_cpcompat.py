"""Text and bytes, as CherryPy's tests convert them."""
from http.client import HTTPSConnection  # noqa: F401

text_or_bytes = str, bytes


def ntob(text, encoding="ISO-8859-1"):
    return text.encode(encoding)


def ntou(text, encoding="ISO-8859-1"):
    return text


def tonative(text, encoding="ISO-8859-1"):
    return text.decode(encoding) if isinstance(text, bytes) else text
