"""One request and its answer: what an application's receive() gives, and what its send() takes."""

import asyncio
import http

from right_asgi_ways import wrong

KEYS = {"http.response.start": {"type", "status", "headers", "trailers"}, "http.response.body": {"type", "body", "more_body"}}
EVERY = 0.01


class ClientGone(OSError):
    """The client has closed the connection."""


class Exchange:
    """One request, and its answer as far as it was sent."""

    def __init__(self, head, reader, writer):
        self.head, self.reader, self.writer = head, reader, writer
        self.chunks = b"chunked" in head.get(b"transfer-encoding")
        self.left = int(head.get(b"content-length") or 0)  # bytes of the request that are unread
        self.told = not self.chunks and not self.left and wrong("no-event-for-no-body")  # the body's last message was given
        self.start = None  # the message, until the first part of the body
        self.began = self.done = self.closes = False
        self.length = None  # bytes of the answer that are still to come, if it has a Content-Length

    @property
    def gone(self):
        """Whether the client has closed."""
        return not wrong("never-disconnects") and (self.reader.at_eof() or self.reader.exception() is not None)

    async def receive(self):
        """The next message (specification, "Request - receive event", "Disconnect - receive event")."""
        if not self.told:
            return await self._piece()
        while not (self.gone or self.done or wrong("disconnect-after-body")) or (self.done and wrong("waits-after-answer")):
            await asyncio.sleep(EVERY)
        return {"type": "http.disconnect"}

    async def _piece(self):
        if self.chunks:
            body = await self._chunk()
            self.told = not body
        else:
            body = await self.reader.read(min(self.left, 65536)) if self.left else b""
            if self.left and not body:
                return {"type": "http.disconnect"}
            self.left -= len(body)
            self.told = not self.left or wrong("first-piece-only")
        if self.told and self.left and wrong("first-piece-only"):
            return {"type": "http.request", "body": body, "more_body": False}
        return {"type": "http.request", "body": body, "more_body": not self.told}

    async def _chunk(self):
        line = await self.reader.readline()
        data = await self.reader.readexactly(int(line.partition(b";")[0], 16))
        end = await self.reader.readline()
        self.chunks = bool(data)
        return line + data + end if wrong("chunks-undecoded") else data

    async def drain(self):
        """Read what the application has left unread, so that it is not taken for the next request."""
        while not self.told and not wrong("unread-stays") and not self.gone:
            await self._piece()

    async def send(self, message):
        """Take a message, or raise (ASGI specification, "Error Handling")."""
        kind = message["type"]
        if self.done:
            if wrong("raises-beyond"):
                raise RuntimeError("the answer is over")
            return
        if self.gone:
            if wrong("raises-runtime-error"):
                raise RuntimeError("the client has gone")
            if not wrong("silent-send"):
                raise ClientGone("the client has gone")
            return
        if kind not in KEYS and not wrong("ignores-unknown-types"):
            raise ValueError(f"unknown message {kind}")
        if wrong("strict-keys") and set(message) - KEYS.get(kind, set()):
            raise ValueError("unknown key")
        if kind == "http.response.start":
            self._take_start(message)
        elif kind == "http.response.body":
            await self._take_body(message)

    def _take_start(self, message):
        if (self.start or self.began) and not wrong("two-starts"):
            raise RuntimeError("the answer was started before")
        if "status" not in message and not wrong("status-200"):
            raise ValueError("no status")
        headers = message["headers"] if wrong("needs-all-keys") else message.get("headers", ())
        if wrong("len-of-headers"):
            len(headers)
        fields = [self._field(*pair) for pair in headers]
        self.start = (message.get("status", 200), fields)

    def _field(self, name, value):
        if wrong("str-headers") and isinstance(name, str):
            return name.encode(), value.encode()
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            raise TypeError("a field is two byte strings")
        if set(b"\r\n\0") & set(name + value) and not wrong("line-ends-in-values"):
            raise ValueError("a line end in a field")
        return name.lower(), value

    async def _take_body(self, message):
        body, more = message["body"] if wrong("needs-all-keys") else message.get("body", b""), message.get("more_body", False)
        if wrong("str-body") and isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            raise TypeError("a body is a byte string")
        if wrong("body-before-start") and not (self.start or self.began):
            self.start = (200, [])
        if not (self.start or self.began):
            raise RuntimeError("a body before the start")
        more = more and not wrong("first-body-ends")
        if not self.began:
            self._begin()
        self._write(body)
        if not more:
            self._finish()
        await self.writer.drain()

    def _begin(self):
        status, fields = self.start
        self.start, self.began = None, True
        passed = wrong("passes-transfer-encoding")
        fields = [pair for pair in fields if pair[0] != b"transfer-encoding" or passed]
        if wrong("drops-length"):
            fields = [pair for pair in fields if pair[0] != b"content-length"]
        if wrong("sorts-fields"):
            fields.sort()
        lengths = [int(value) for name, value in fields if name == b"content-length"]
        self.status, self.length = status, lengths[0] if lengths else None
        self.closes = self.head.version == "1.0" or self.head.get(b"connection").lower() == b"close"
        self.answer_chunks = self.length is None and not self.bodiless and (self.head.version != "1.0" or wrong("chunks-in-1.0"))
        if self.answer_chunks:
            fields.append((b"transfer-encoding", b"chunked"))
        if self.closes:
            fields.append((b"connection", b"close"))
        line = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n".encode()
        self.writer.write(line + b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n")

    @property
    def bodiless(self):
        """Whether the answer has no body, whatever the application sends."""
        return (self.head.method == "HEAD" and not wrong("body-for-head")) or (
            self.status == 204 and not wrong("body-in-204")) or (self.status == 304 and not wrong("body-in-304"))

    def _write(self, body):
        if self.bodiless or not body:
            return
        if self.length is not None and not wrong("sends-surplus"):
            body = body[:self.length]
            self.length -= len(body)
        self.writer.write(b"%x\r\n%s\r\n" % (len(body), body) if self.answer_chunks else body)

    def _finish(self):
        if self.answer_chunks:
            self.writer.write(b"0\r\n\r\n")
        if self.length and not self.bodiless and not wrong("open-when-short") and not wrong("sends-surplus"):
            self.closes = True
        self.done = True

    def end(self, raised):
        """The application has returned, or raised: end what it has not ended."""
        if self.done:
            return
        if not self.began:
            self.writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        elif wrong("ends-after-errors") if raised else wrong("ends-for-the-application"):
            self._finish()
        self.closes = True
