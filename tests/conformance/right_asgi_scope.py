"""The head of a request, and the scope that an application is given of it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_to_bytes

from right_asgi_ways import wrong


@dataclass
class Head:
    """A request's first line and fields, in bytes."""

    method: str = ""
    target: bytes = b""
    version: str = "1.1"
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)

    def get(self, name):
        """The value of a field; b"" if there is none."""
        return b", ".join(value for found, value in self.fields if found.lower() == name)


def parse(data):
    """The head of a request; the requests of the checks are well-formed."""
    line, *rest = data[:-4].split(b"\r\n")
    method, target, version = line.split(b" ")
    fields = [(name, value.strip(b" \t")) for name, _, value in (line.partition(b":") for line in rest)]
    return Head(method.decode("ascii"), target, version.decode("ascii")[5:], fields)


def scope_of(head, kind, client, server, state):
    """The scope: ASGI HTTP & WebSocket specification, "HTTP Connection Scope"."""
    raw, _, query = head.target.partition(b"?")
    path = unquote_to_bytes(raw).decode("utf-8", "replace")
    if wrong("path-undecoded"):
        path = raw.decode("latin-1")
    if wrong("merges-slashes"):
        path = path.replace("//", "/")
    made = {
        "type": kind,
        "asgi": {"version": 3.0 if wrong("version-a-number") else "3.0", "spec_version": "2.4"},
        "http_version": "1.1" if wrong("always-1.1") else "1.0" if wrong("always-1.0") else head.version,
        "scheme": {"http": "https" if wrong("scheme-https") else "http", "websocket": "ws"}[kind],
        "path": path,
        "raw_path": head.target if wrong("raw-path-with-query") else raw,
        "query_string": query.decode() if wrong("query-str") else unquote(query).encode() if wrong("query-decoded") else query,
        "root_path": "",
        "headers": fields_of(head),
        "client": (client[0], str(client[1])) if wrong("client-port-str") else client[:2],
        "server": (server[0], 80) if wrong("server-port-80") else server[:2],
        "state": state if wrong("state-not-copied") else dict(state),
        "extensions": {},
    }
    if kind == "http":
        made["method"] = head.method.encode() if wrong("method-bytes") else head.method
        if wrong("knows-get-and-post") and head.method not in ("GET", "POST"):
            made["method"] = "GET"
    return made


def fields_of(head):
    """The header fields as the client sent them, with names in small letters."""
    found = [(name if wrong("names-as-sent") else name.lower(), value) for name, value in head.fields]
    if wrong("names-str"):
        return [(name.decode("ascii"), value) for name, value in found]
    if wrong("values-ascii"):
        return [(name, value.decode("ascii", "ignore").encode()) for name, value in found]
    if wrong("joins-fields") or wrong("joins-cookies"):
        joined = {}
        for name, value in found:
            together = name in joined and (wrong("joins-fields") or name == b"cookie")
            joined[name] = joined[name] + b", " + value if together else value
        return list(joined.items())
    return found
