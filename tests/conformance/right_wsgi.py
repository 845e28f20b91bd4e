"""A small WSGI server that is right, or wrong in one way: right_wsgi.py HOST PORT [--wrong WAY] [--tls CERTIFICATE KEY].

It speaks as much HTTP/1.1 as the checks of the family wsgi ask for, with a thread for each connection, and serves the application
of these checks. Its other parts are right_wsgi_input.py and right_wsgi_answer.py.
"""

from __future__ import annotations

import io
import socket
import ssl
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from right_wsgi_answer import Answer, FileWrapper
from right_wsgi_input import Input, wrong

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness" / "guest" / "apps"))
from wsgi_report import app

MOST_DRAINED = 1 << 20
BASE: dict[str, Any] = {}  # what all requests share, in the way "one-environ"


class Environ(dict[str, Any]):
    """A mistake: not a dict itself."""


class Errors(io.TextIOBase):
    """wsgi.errors: what is no ASCII is escaped."""

    def write(self, text: str) -> int:
        """Log it."""
        if wrong("ascii-errors"):
            text.encode("ascii")
        if not wrong("silent-errors"):
            sys.stderr.write(text.encode("ascii", "backslashreplace").decode("ascii"))
            sys.stderr.flush()
        return len(text)


def fields_of(lines: list[bytes]) -> list[tuple[str, str]]:
    """The names and values of a head's lines."""
    found = []
    for line in lines:
        name, _, value = line.decode("utf-8" if wrong("utf8-fields") else "latin-1").partition(":")
        found.append((name, value.strip(" \t")))
    return found


def path_of(raw: str) -> str:
    """A path as PATH_INFO has it."""
    octets = unquote_to_bytes(raw)
    if wrong("raw-path"):
        return raw
    if wrong("utf8-path"):
        return octets.decode("utf-8", "surrogateescape")
    if wrong("replaced-path"):
        return unquote(raw, "utf-8", "replace").encode("utf-8").decode("latin-1")
    return unquote_to_bytes(octets).decode("latin-1") if wrong("twice-decoded-path") else octets.decode("latin-1")


def of_fields(fields: list[tuple[str, str]]) -> dict[str, str]:
    """The HTTP_ variables, and CONTENT_TYPE and CONTENT_LENGTH."""
    found: dict[str, str] = {}
    for name, value in fields:
        if "_" in name and not wrong("underscores-joined") and not wrong("underscores-override"):
            continue
        key = name.upper().replace("-", "_")
        plain = key in ("CONTENT_TYPE", "CONTENT_LENGTH") or (wrong("fields-are-variables") and key == "REQUEST_METHOD")
        key = key if plain and not (wrong("no-content-type") and key == "CONTENT_TYPE") else "HTTP_" + key
        over = wrong("last-field") or (wrong("underscores-override") and "_" in name)
        found[key] = f"{found[key]},{value}" if key in found and not over else value
        if plain and wrong("http-content"):
            found["HTTP_" + key] = value
    if wrong("phantom-cookie"):
        found.setdefault("HTTP_COOKIE", "")
    return found


class Connection:
    """One client's connection."""

    def __init__(self, sock: socket.socket, peer: Any, own: Any, tls: bool) -> None:
        self.sock, self.peer, self.own, self.tls = sock, peer, own, tls
        self.rfile = sock.makefile("rb")

    def serve(self) -> None:
        """Answer requests until one of both wants no more."""
        try:
            while self.one():
                pass
        except OSError:
            pass
        finally:
            self.end()

    def end(self) -> None:
        """Close so that the client can read what was sent: read what it still sends, for a moment."""
        try:
            if not self.tls:
                self.sock.shutdown(socket.SHUT_WR)
                self.sock.settimeout(0.5)
                while self.sock.recv(65536):
                    pass
        except OSError:
            pass
        finally:
            self.rfile.close()
            self.sock.close()

    def one(self) -> bool:
        """Answer one request; whether another may follow."""
        line = self.rfile.readline()
        while line in (b"\r\n", b"\n"):
            line = self.rfile.readline()
        lines = []
        while (field := self.rfile.readline()) not in (b"\r\n", b"\n", b""):
            lines.append(field.rstrip(b"\r\n"))
        words = line.decode("latin-1").split()
        if len(words) != 3:
            if line:
                self.refuse("400 Bad Request")
            return False
        method, target, version = words
        fields = fields_of(lines)
        named = {name.lower(): value for name, value in fields}
        chunked = named.get("transfer-encoding", "") == "chunked" and not wrong("no-chunks")
        length = 0 if chunked else int(named.get("content-length", "0"))
        expects = named.get("expect", "").lower() == "100-continue"
        if expects and wrong("no-expectations"):
            return self.refuse("417 Expectation Failed")
        answers_continue = expects and (version == "HTTP/1.1" or wrong("continue-for-all"))
        body = Input(self.rfile, length, chunked, self.go_on if answers_continue else None)
        environ = self.environ(method, target, version, fields, body)
        keep = version == "HTTP/1.1" and named.get("connection", "").lower() != "close"
        answer = Answer(self.sock.sendall, method, version, keep)
        answer.run(app, environ)
        return answer.keep and length <= MOST_DRAINED and body.drain()

    def refuse(self, status: str) -> bool:
        """Answer with a status alone."""
        self.sock.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        return False

    def go_on(self) -> None:
        """Ask the client for its body."""
        self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def environ(self, method: str, target: str, version: str, fields: list[tuple[str, str]], body: Input) -> dict[str, Any]:
        """PEP 3333, section "environ Variables"."""
        path, _, query = target.partition("?")
        known = method in ("GET", "HEAD", "POST")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method if known or not wrong("methods-are-get") else "GET",
            "SCRIPT_NAME": "/" if wrong("script-name-slash") else "",
            "PATH_INFO": path_of(path),
            "QUERY_STRING": "?" + query if wrong("question-mark") else unquote(query) if wrong("decoded-query") else query,
            "SERVER_NAME": self.own[0],
            "SERVER_PORT": str(self.own[1]),
            "SERVER_PROTOCOL": "HTTP/1.1" if wrong("own-protocol") else "HTTP/1.0" if wrong("old-protocol") else version,
            "REMOTE_ADDR": self.peer[0],
            "REMOTE_PORT": self.peer[1] if wrong("int-remote-port") else str(self.peer[1]),
            "wsgi.version": [1, 0] if wrong("version-list") else (1, 0),
            "wsgi.url_scheme": "https" if self.tls and not wrong("plain-scheme") else "HTTP" if wrong("capital-scheme") else "http",
            "wsgi.input": body,
            "wsgi.errors": Errors(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": wrong("run-once"),
            "wsgi.file_wrapper": FileWrapper,
            **({"HTTPS": "on"} if self.tls and not wrong("no-https") else {}),
            **of_fields(fields),
        }
        if wrong("int-length"):
            environ["CONTENT_LENGTH"] = int(environ.get("CONTENT_LENGTH", "0"))
        if wrong("default-content-type"):
            environ.setdefault("CONTENT_TYPE", "text/plain")
        if wrong("no-server-name"):
            del environ["SERVER_NAME"]
        if wrong("no-remote-address"):
            del environ["REMOTE_ADDR"]
        if wrong("port-of-host") or (wrong("port-443") and self.tls):
            environ["SERVER_PORT"] = environ.get("HTTP_HOST", "").partition(":")[2] if wrong("port-of-host") else "443"
            environ["SERVER_PORT"] = environ["SERVER_PORT"] or "80"
        if wrong("one-environ"):
            BASE.update(environ)
            return BASE
        return Environ(environ) if wrong("environ-subclass") else environ


def main(host: str, port: str, *words: str) -> None:
    """Listen, and serve each connection in a thread of its own."""
    listener = socket.create_server((host, int(port)), backlog=50)
    context = None
    if "--tls" in words:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*words[words.index("--tls") + 1:][:2])
    print("ready", flush=True)
    while True:
        sock, peer = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=begun, args=(sock, peer, listener.getsockname(), context), daemon=True).start()


def begun(sock: socket.socket, peer: Any, own: Any, context: ssl.SSLContext | None) -> None:
    """Begin TLS, if there is any, and serve."""
    try:
        sock = context.wrap_socket(sock, server_side=True) if context else sock
    except OSError:
        sock.close()
        return
    Connection(sock, peer, own, context is not None).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
