# ruff: noqa: C402, UP025, UP031 (runs on 2.7)
"""What the apps of the wire table share: they note each call of a handler, for the client's address, and tell it on request.

Runs inside the servers: Python 2.7 to the newest, the standard library only.
"""
import json
import threading

_calls = {}
_lock = threading.Lock()


def text(value):
    """Bytes or text as text of the same code points."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def note(remote, method, path, query, authority, headers, body):
    """Note a call whose body was read to its end; the answer is what the handler saw, in JSON."""
    call = {
        "method": text(method), "path": text(path), "query": text(query), "authority": text(authority),
        "headers": dict((text(name).lower(), text(value)) for name, value in headers),
        "body": text(body) if len(body) < 2000 else u"%d bytes" % len(body),
    }
    with _lock:
        _calls.setdefault(text(remote), []).append(call)
    return dump(call)


def taken(remote):
    """The calls of an address since it last asked, in JSON."""
    with _lock:
        return dump(_calls.pop(text(remote), []))


def dump(value):
    """JSON in ASCII."""
    return json.dumps(value, sort_keys=True).encode("ascii")
