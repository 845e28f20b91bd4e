"""A small ASGI server that is right, or wrong in one way: ``right_asgi.py HOST PORT [--wrong WAY]``.

It serves harness/guest/apps/asgi_report.py over HTTP/1.1, with the lifespan and as much of WebSockets as closing them takes.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import signal
import sys
import traceback
from pathlib import Path

from right_asgi_http import ClientGone, Exchange
from right_asgi_scope import parse, scope_of
from right_asgi_ways import ways, wrong

sys.path.insert(0, str(Path(__file__).parents[2] / "harness/guest/apps"))
from asgi_report import app


class Lifespan:
    """The lifespan of the application: ASGI lifespan specification."""

    def __init__(self):
        self.state, self.given, self.sent = {}, asyncio.Queue(), asyncio.Queue()
        self.task = None

    async def start(self):
        """Start the application; "" or why it cannot start. An application that raises has no lifespan."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self.task = asyncio.ensure_future(app(scope, self.given.get, self.sent.put))
        said = await self.tell("lifespan.startup")
        if said.get("type") == "lifespan.startup.failed" and not wrong("ignores-failed"):
            return said.get("message", "") if not wrong("silent-failure") else "failed"
        if not said and wrong("exits-without-lifespan"):
            return "no lifespan"
        return ""

    async def tell(self, kind):
        """Give a message, and wait for its answer; {} if there is none."""
        await self.given.put({"type": kind})
        answer = asyncio.ensure_future(self.sent.get())
        await asyncio.wait([answer, self.task], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0)
        if self.task.done():
            self.task.exception()  # asked for, or it would be logged at the end
        return answer.result() if answer.done() else {}

    async def stop(self):
        """Stop the application."""
        if self.task.done():
            return
        if wrong("no-wait-at-the-end"):
            await self.given.put({"type": "lifespan.shutdown"})
            await asyncio.sleep(0.05)
            return
        said = await self.tell("lifespan.shutdown")
        if said.get("type") == "lifespan.shutdown.failed" and not wrong("silent-end"):
            print(said.get("message", ""), flush=True)


class Server:
    """The listener, its connections, and the requests in progress."""

    def __init__(self, lifespan):
        self.lifespan, self.requests = lifespan, set()

    async def connection(self, reader, writer):
        """Answer one request after the other, until somebody closes."""
        scope = None
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = parse(await reader.readuntil(b"\r\n\r\n"))
                kind = "websocket" if head.get(b"upgrade").lower() == b"websocket" else "http"
                names = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
                if scope is None or not wrong("one-scope"):
                    scope = scope_of(head, kind, *names, self.lifespan.state)
                if kind == "websocket":
                    await websocket(scope, head, writer)
                    break
                if not await self.request(scope, Exchange(head, reader, writer)):
                    break
        writer.close()

    async def request(self, scope, exchange):
        """Answer one request; whether the connection goes on."""
        task = asyncio.ensure_future(app(scope, exchange.receive, exchange.send))
        self.requests.add(task)
        await asyncio.wait([task])
        raised = task.exception()
        if raised is not None and (not isinstance(raised, ClientGone) or wrong("logs-gone")):
            traceback.print_exception(raised)
            if wrong("dies-of-errors"):
                os._exit(1)
        if waits(exchange, raised):
            await asyncio.sleep(3600)
        exchange.end(raised)
        with contextlib.suppress(OSError):
            await exchange.writer.drain()
        self.requests.discard(task)
        await exchange.drain()
        return not exchange.closes


def waits(exchange, raised):
    """Whether the server leaves the client waiting: never, if it is right."""
    if exchange.done:
        return False
    if raised:
        return wrong("open-after-errors") if exchange.began else wrong("waits-after-errors")
    if exchange.began:
        return False
    return wrong("waits-after-start") if exchange.start else wrong("waits-without-answer")


async def websocket(scope, head, writer):
    """A WebSocket that the application closes at once (specification, "Close - send event")."""
    given, accepted = [{"type": "websocket.connect"}], False

    async def receive():
        return given.pop()

    async def send(message):
        nonlocal accepted
        if message["type"] == "websocket.accept":
            key = hashlib.sha1(head.get(b"sec-websocket-key") + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                         b"Sec-WebSocket-Accept: " + base64.b64encode(key) + b"\r\n\r\n")
            accepted = True
        elif not accepted:
            status = b"404 Not Found" if wrong("refuses-with-404") else b"403 Forbidden"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            code = 1000 if wrong("always-1000") else message.get("code", 1001 if wrong("default-1001") else 1000)
            writer.write(b"\x88\x02" + code.to_bytes(2, "big"))

    await app(scope, receive, send)
    await writer.drain()


async def main(host, port):
    """Start, serve until a signal, and stop in order."""
    loop, ended, lifespan = asyncio.get_running_loop(), asyncio.Event(), Lifespan()
    server, got = Server(lifespan), []
    if not wrong("without-lifespan"):
        listener = await asyncio.start_server(server.connection, host, port) if wrong("serves-at-once") else None
        if message := await lifespan.start():
            if not wrong("silent-failure"):
                print(message, file=sys.stderr, flush=True)
            sys.exit(3)
    else:
        listener, lifespan.task = None, asyncio.ensure_future(asyncio.sleep(0))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda number=number: (got.append(number), ended.set()))
    listener = listener or await asyncio.start_server(server.connection, host, port)
    print("ready", flush=True)
    await ended.wait()
    listener.close()
    if wrong("int-without-shutdown") and got[0] == signal.SIGINT:
        return
    if wrong("shutdown-first"):
        await lifespan.stop()
    if server.requests:
        await asyncio.wait(server.requests, timeout=2)
        await asyncio.sleep(0.05)
    if not wrong("shutdown-first"):
        await lifespan.stop()


if __name__ == "__main__":
    if "--wrong" in sys.argv:
        ways.add(sys.argv[4])
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
