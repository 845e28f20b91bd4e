"""An HTTP/1 request as bytes, and what it cannot contain. Standard library only."""

from __future__ import annotations

import re

WITH_BODY = ("PATCH", "POST", "PUT")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2: a method or a header name
_TARGET = re.compile(r"[!-~]+")


class Unsendable(Exception):
    """A request cannot contain what is to be sent."""


def request_bytes(method: str, path: str, host: str, headers: dict[str, str], body: bytes | None) -> bytes:
    """The bytes of a request; raises Unsendable for values that would break or split it."""
    if not TOKEN.fullmatch(method):
        raise Unsendable(f"{method!r} is not a valid method; the verb raw sends any bytes")
    if not _TARGET.fullmatch(path):
        raise Unsendable(f"{path!r} is not valid in a request line and needs percent-encoding; the verb raw sends any bytes")
    fields = {
        name.lower(): (name, text)
        for name, text in (("Host", host), ("User-Agent", "harness"), ("Accept-Encoding", "identity"))
    }
    given = {name.lower() for name in headers}
    if not given & {"content-length", "transfer-encoding"} and (body is not None or method in WITH_BODY):
        fields["content-length"] = ("Content-Length", str(len(body or b"")))
    fields.update({name.lower(): (name, text) for name, text in headers.items()})
    lines = [f"{method} {path} HTTP/1.1"]
    for name, text in fields.values():
        if not TOKEN.fullmatch(name) or re.search("[\r\n\0]|[^\0-\xff]", text):
            raise Unsendable(f"the header {name!r} with the value {text!r} is not valid; the verb raw sends any bytes")
        lines.append(f"{name}: {text}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
