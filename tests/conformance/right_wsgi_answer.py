"""The part of the small WSGI server (right_wsgi.py) that runs the application and answers. Standard library only."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

from right_wsgi_input import wrong

HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
CONTROL = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Gone(Exception):
    """The client has closed the connection."""


class FileWrapper:
    """wsgi.file_wrapper."""

    def __init__(self, source: Any, size: int = 8192) -> None:
        self.source, self.size = source, size
        if hasattr(source, "close") and not wrong("file-unclosed"):
            self.close = source.close
        if wrong("file-needs-fileno"):
            source.fileno()
        if wrong("file-from-start") and hasattr(source, "seek"):
            source.seek(0)

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.source.read(self.size), b"")


def check(status: str, headers: list[tuple[str, str]]) -> None:
    """Refuse what an application may not send."""
    if not wrong("status-unchecked") and (CONTROL.search(status) or not re.match(r"\d{3} ", status)):
        raise ValueError(f"status {status!r}")
    for name, value in headers:
        if name.lower() in HOP_BY_HOP and not wrong("hop-by-hop-passed") and not wrong("coding-passed"):
            raise ValueError(f"{name} is the server's")
        if not wrong("fields-unchecked") and not TOKEN.fullmatch(name):
            raise ValueError(f"name {name!r}")
        allowed = re.compile("[\r\n]") if wrong("controls-allowed") else CONTROL
        if not wrong("fields-unchecked") and allowed.search(value):
            raise ValueError(f"value {value!r}")
        value.encode("latin-1", "replace" if wrong("wide-replaced") else "strict")


class Answer:
    """The answer to one request; ``keep`` says whether the connection can be kept after it."""

    def __init__(self, send: Callable[[bytes], None], method: str, version: str, keep: bool) -> None:
        self._to_client, self.method, self.version, self.keep = send, method, version, keep
        self.status: str | None = None
        self.headers: list[tuple[str, str]] = []
        self.sent = False  # the head
        self.length: int | None = None  # what the application says, or its one block has
        self.left: int | None = None
        self.chunked = False
        self.held = b""  # for the ways "buffers" and "write-last"

    def send(self, data: bytes) -> None:
        """Hand bytes to the system."""
        if wrong("buffers"):
            self.held += data
            return
        try:
            self._to_client(data)
        except OSError as problem:
            raise Gone from problem

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        """PEP 3333, section "The start_response() Callable"."""
        if exc_info:
            if self.sent and not wrong("late-change-accepted"):
                raise RuntimeError("too late") if wrong("change-raises-other") else exc_info[1].with_traceback(exc_info[2])
            if wrong("change-adds"):
                headers = self.headers + headers
        elif self.status is not None and not wrong("second-start-accepted"):
            raise AssertionError("start_response was called before")
        self.status, self.headers = status, headers
        check(status, headers)
        if wrong("early-head"):
            self.send_head()
        if wrong("write-last") or wrong("length-of-one-block"):
            return self.hold
        return (lambda data: None) if wrong("write-ignored") else self.write

    def hold(self, data: bytes) -> None:
        """A mistake: what was written is sent later."""
        self.held += data

    @property
    def bodyless(self) -> bool:
        """Whether there are no bytes behind the head."""
        return (self.method == "HEAD" and not wrong("head-body")) or (
            (self.status or "")[:3] in ("204", "304") and not wrong("bodyless-body"))

    def send_head(self) -> None:
        """The status and the fields, with those that are missing."""
        assert self.status is not None
        headers = list(self.headers)
        names = {name.lower() for name, _ in headers}
        if "content-length" in names:
            self.length = int(next(value for name, value in headers if name.lower() == "content-length"))
        elif self.length is not None and not self.bodyless:
            headers.append(("Content-Length", str(self.length)))
        elif not self.bodyless and (self.version == "HTTP/1.1" or wrong("chunks-for-all")) and not wrong("no-lengths"):
            self.chunked = not wrong("coding-passed") or "transfer-encoding" not in names
            headers += [("Transfer-Encoding", "chunked")] * self.chunked
        if wrong("head-length-0") and self.method == "HEAD":
            headers = [one for one in headers if one[0].lower() != "content-length"] + [("Content-Length", "0")]
        if (wrong("length-for-204") and self.status[:3] == "204") or (wrong("length-0-for-304") and self.status[:3] == "304"):
            headers = [one for one in headers if one[0].lower() != "content-length"] + [("Content-Length", "0")]
        self.keep = self.keep and (self.chunked or self.length is not None or self.bodyless)
        if ("date" not in names or wrong("second-date")) and not wrong("no-date"):
            headers.append(("Date", formatdate(usegmt=True)))
        if "server" not in names:
            headers.append(("Server", "small"))
        if not self.keep:
            headers.append(("Connection", "close"))
        if wrong("fields-by-name"):
            headers = list(dict(headers).items())
        status = self.status[:4] + "Reason" if wrong("own-reasons") else self.status
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
        self.left = None if wrong("length-unheeded") else self.length
        self.sent = True
        self.send("\r\n".join(lines).encode("utf-8" if wrong("utf8-answer") else "latin-1", "replace"))

    def write(self, data: bytes) -> None:
        """Send a block, as far as it fits into the answer."""
        if self.status is None and wrong("default-start"):
            self.status = "200 OK"
        if not isinstance(data, bytes) or self.status is None:
            raise TypeError("a block must be bytes, and start_response be called before it")
        if not data and not ((wrong("empty-block-sends") and not self.sent) or wrong("empty-chunk")):
            return
        if wrong("crlf-blocks"):
            data = data.replace(b"\n", b"\r\n")
        if not self.sent:
            self.send_head()
        if self.left is not None:
            data = data[:self.left]
            self.left -= len(data)
        if not self.bodyless and (data or wrong("empty-chunk")):
            self.send(b"%x\r\n%s\r\n" % (len(data), data) if self.chunked else data)

    def run(self, app: Callable[..., Any], environ: dict[str, Any]) -> None:
        """Call the application, send what it returns, and close that."""
        result, outcome = None, "error"
        try:
            result = app(environ, self.start_response)
            if wrong("needs-environ"):
                self.version = environ["SERVER_PROTOCOL"]
            if wrong("early-start-expected") and self.status is None:
                raise AssertionError("start_response was not called")
            if wrong("lists-only") and isinstance(result, tuple):
                raise TypeError("no list")
            self._blocks(result)
            if self.held and wrong("write-last"):
                self.write(self.held)
            outcome = self._finish()
        except Gone:
            outcome, self.keep = "gone", False
        except Exception:
            if not wrong("errors-unlogged"):
                traceback.print_exc()
            if wrong("ends-on-error"):
                os._exit(1)
            self._abort()
        finally:
            if hasattr(result, "close") and self._closes(result, outcome):
                result.close()
                if wrong("closes-twice"):
                    result.close()
            if wrong("buffers"):
                with contextlib.suppress(OSError):
                    self._to_client(self.held)

    def _blocks(self, result: Any) -> None:
        one = hasattr(result, "__len__") and len(result) == 1 and not self.sent
        for block in result:
            if (one or wrong("length-of-the-first")) and self.length is None and block and not wrong("no-lengths"):
                self.length = len(block)
            if wrong("length-of-one-block"):
                block, self.held = self.held + block, b""
            self.write(block)
            if self.left == 0 and self.sent and not wrong("iterates-on") and not wrong("buffers"):
                break

    def _finish(self) -> str:
        """End the answer; return what is to be said of it."""
        if self.status is None:
            raise AssertionError("start_response was not called")
        if not self.sent and not wrong("nothing-without-blocks"):
            if self.method != "HEAD" and not any(name.lower() == "content-length" for name, _ in self.headers):
                self.length = None if self.status[:3] in ("204", "304") else 0
            self.send_head()
        if self.left and not self.bodyless:
            print(f"{self.left} bytes are missing", file=sys.stderr, flush=True)
            self.keep = False
            if wrong("padded"):
                self.send(b" " * self.left)
        if self.chunked:
            self.send(b"0\r\n\r\n")
        self.keep = self.keep and self.sent
        return "bodyless" if self.bodyless else "cut" if self.left == 0 else "whole"

    def _abort(self) -> None:
        """After an exception: 500 where nothing was sent; else nothing more."""
        self.keep = False
        with contextlib.suppress(Gone):
            if not self.sent:
                self.send(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\nConnection: close\r\n\r\nfailed")
            elif wrong("cut-unseen") and self.chunked:
                self.send(b"0\r\n\r\n")
            elif wrong("padded") and self.left:
                self.send(b" " * self.left)

    def _closes(self, result: Any, outcome: str) -> bool:
        """Whether close() is called: always, where the server is right."""
        return not (
            (wrong("no-close-after-error") and outcome == "error")
            or (wrong("no-close-when-gone") and outcome == "gone")
            or (wrong("no-close-when-bodyless") and outcome == "bodyless")
            or (wrong("no-close-when-cut") and outcome == "cut")
            or (wrong("no-close-of-lists") and isinstance(result, list)))
