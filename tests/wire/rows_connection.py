"""Rows of expectations, the connection's end, pipelining, upgrades, what answers hold, and limits."""

from __future__ import annotations

from .model import (
    CHUNKED,
    HIDDEN,
    NEXT,
    NEXT_SEEN,
    HalfClose,
    Interim,
    Outcome,
    Pause,
    Reply,
    Row,
    chunked,
    get,
    head,
    post,
    refused,
    reply,
    row,
    saw,
    served,
)

OLD = b"HTTP/1.0"
EXPECT = b"Expect: 100-continue"
HELLO = b"Content-Length: 5"
CODED = b"5\r\nhello\r\n0\r\n\r\n"
ANY = None  # calls of handlers that are not looked at
ONCE = Outcome((reply(200, connection="(?i)(.*, *)?close(,.*)?"),), "closed", (saw(),))  # answered, said to be closed, closed
TWICE = served(saw(), NEXT_SEEN)


def final(*statuses: int, after: str = "", interim: int | None = 0) -> Outcome:
    """An answer at once, without 100: a server may know from the head alone."""
    return Outcome((Reply(statuses),), after, (), interim)


EXPECTATIONS: tuple[Row, ...] = (
    # The client waits: 100, or a final answer, must come before the body does.
    row("expect.held-back", "9110 10.1.1", "must", (post(HELLO, EXPECT), Interim(), b"hello"), served(saw("hello"), interim=1)),
    row("expect.held-back-chunked", "9110 10.1.1", "must", (post(CHUNKED, EXPECT), Interim(), CODED), served(saw("hello"), interim=1)),
    row("expect.held-back-and-next", "9110 10.1.1", "must", (post(HELLO, EXPECT), Interim(), b"hello" + NEXT), served(saw("hello"), NEXT_SEEN, interim=1)),
    row("expect.case", "9110 10.1.1", "must", (post(HELLO, b"Expect: 100-Continue"), Interim(), b"hello"), served(saw("hello"), interim=1)),
    row("expect.put", "9110 10.1.1", "must", (post(HELLO, EXPECT).replace(b"POST", b"PUT"), Interim(), b"hello"),
        served(saw("hello", method="PUT"), interim=1), final(405, 501)),
    row("expect.twice-on-a-connection", "9110 10.1.1", "must",
        (post(HELLO, EXPECT), Interim(), b"hello", Pause(2), post(HELLO, EXPECT, target=b"/next"), Interim(), b"again"),
        served(saw("hello"), saw("again", path="/next"), interim=2)),
    row("expect.sent-along", "9110 10.1.1", "must", post(HELLO, EXPECT, body=b"hello") + NEXT, served(saw("hello"), NEXT_SEEN)),
    row("expect.old", "9110 10.1.1", "must", (post(HELLO, EXPECT, version=OLD), Pause(0.2), b"hello"),
        Outcome((reply(200),), "closed", (saw("hello"),), 0)),
    row("expect.without-a-body", "9110 10.1.1", "must", get(EXPECT), served(saw()), final(417)),
    row("expect.length-nought", "9110 10.1.1", "must", post(b"Content-Length: 0", EXPECT), served(saw("")), final(417)),
    row("expect.unread", "9110 10.1.1", "must", (post(HELLO, EXPECT, target=b"/unread"), Interim(), b"hello"),
        Outcome((reply(200),), "", (saw("", path="/unread"),))),
    row("expect.empty-member", "9110 5.6.1.2", "must", (post(HELLO, b"Expect: 100-continue,"), Interim(), b"hello"), served(saw("hello"), interim=1)),
    row("expect.twice", "9110 10.1.1", "may", (post(HELLO, EXPECT, EXPECT), Interim(), b"hello"), served(saw("hello"), interim=1), final(400, 417)),
    row("expect.empty", "9110 5.6.1.2", "should", post(HELLO, b"Expect:", body=b"hello"), served(saw("hello"), interim=0)),
    row("expect.close", "9110 10.1.1", "must", (post(HELLO, EXPECT, b"Connection: close"), Interim(), b"hello"), Outcome((reply(200),), "closed", (saw("hello"),), 1)),
    row("expect.other", "9110 10.1.1", "may", post(HELLO, b"Expect: magic", body=b"hello"), final(417), served(saw("hello"), interim=0)),
    row("expect.list-with-other", "9110 10.1.1", "may", (post(HELLO, b"Expect: 100-continue, magic"), Interim(), b"hello"), final(417), served(saw("hello"))),
    # What is refused for its head is refused at once, and what the client sends all the same is no request.
    row("expect.too-large", "9110 10.1.1", "must", (post(b"Content-Length: 9000000", EXPECT), Interim(), b"hello"), final(413, 417, 408, after="closed", interim=None),
        Outcome((), "closed")),
    row("expect.too-large-at-once", "9110 10.1.1", "may", (post(b"Content-Length: 9000000", EXPECT), Interim()), final(413, 417, after="closed")),
    row("expect.two-lengths", "9112 6.3", "must", (post(HELLO, b"Content-Length: 7", EXPECT), Interim(), HIDDEN), final(400, after="closed", interim=None)),
    row("expect.coding-nonsense", "9112 6.1", "must", (post(b"Transfer-Encoding: nonsense", EXPECT), Interim(), HIDDEN), final(400, 501, after="closed", interim=None)),
    row("expect.denied", "9112 9.3", "must", (post(HELLO, EXPECT, target=b"/deny"), Interim(), b"hello" + NEXT),
        final(403, after="closed"), Outcome((reply(403), reply(200)), "open", (NEXT_SEEN,))),
    row("expect.half-close", "9112 6.3", "must", (post(HELLO, EXPECT), HalfClose()), Outcome((), "closed"), Outcome((reply(400, 408),), "closed")),
)

UPGRADES: tuple[Row, ...] = tuple(row(f"upgrade.{name}", "9110 7.8", "must", send, Outcome(replies, after, ANY)) for name, send, replies, after in (
    ("websocket-by-post", post(HELLO, b"Connection: upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                               b"Sec-WebSocket-Version: 13", body=b"hello"), (reply(200, 400, 405, 426),), ""),
    ("old", get(b"Connection: upgrade, keep-alive", b"Upgrade: websocket", version=OLD), (reply(200),), ""),
    ("no-option", get(b"Upgrade: websocket"), (reply(200),), "open"),
    ("unknown", get(b"Connection: upgrade", b"Upgrade: nonsense/1"), (reply(200),), "open"),
    ("h2c", get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"), (reply(200),), "open"),
    ("tls", get(b"Connection: upgrade", b"Upgrade: TLS/1.0", method=b"OPTIONS", target=b"*"), (reply(200, 204, 405, 501),), ""),
    ("expect", (post(HELLO, EXPECT, b"Connection: upgrade", b"Upgrade: nonsense"), Interim(), b"hello"), (reply(200),), "open"),
))

#: What Connection says, and whether the next request is answered.
ENDS: tuple[Row, ...] = (*(row(f"end.{name}", source, "must", get(*fields, version=version) + NEXT, outcome) for name, source, version, fields, outcome in (
    ("none", "9112 9.3", b"HTTP/1.1", (), TWICE),
    ("close", "9112 9.6", b"HTTP/1.1", (b"Connection: close",), ONCE),
    ("close-capital", "9110 7.6.1", b"HTTP/1.1", (b"Connection: Close",), ONCE),
    ("close-in-list", "9110 7.6.1", b"HTTP/1.1", (b"Connection: x, close",), ONCE),
    ("close-first-in-list", "9110 7.6.1", b"HTTP/1.1", (b"Connection: close , x",), ONCE),
    ("close-behind-keep-alive", "9112 9.3", b"HTTP/1.1", (b"Connection: keep-alive, close",), ONCE),
    ("close-before-keep-alive", "9112 9.3", b"HTTP/1.1", (b"Connection: close, keep-alive",), ONCE),
    ("close-in-second-line", "9112 9.3", b"HTTP/1.1", (b"Connection: keep-alive", b"Connection: close"), ONCE),
    ("close-in-first-line", "9112 9.3", b"HTTP/1.1", (b"Connection: close", b"Connection: keep-alive"), ONCE),
    ("close-empty-members", "9110 5.6.1.2", b"HTTP/1.1", (b"Connection: , ,close,",), ONCE),
    ("close-tab", "9110 5.6.3", b"HTTP/1.1", (b"Connection:\tclose\t",), ONCE),
    ("closed-is-another-word", "9110 7.6.1", b"HTTP/1.1", (b"Connection: closed",), TWICE),
    ("not-close", "9110 7.6.1", b"HTTP/1.1", (b"Connection: x-close",), TWICE),
    ("keep-alive", "9112 9.3", b"HTTP/1.1", (b"Connection: keep-alive",), TWICE),
    ("empty", "9112 9.3", b"HTTP/1.1", (b"Connection:",), TWICE),
    ("field-named-close", "9112 9.6", b"HTTP/1.1", (b"Close: close",), TWICE),
    ("proxy-connection", "9112 9.3", b"HTTP/1.1", (b"Proxy-Connection: close",), TWICE),
    ("old", "9112 9.3", OLD, (), Outcome((reply(200),), "closed", (saw(),))),
    ("old-close", "9112 9.3", OLD, (b"Connection: close",), Outcome((reply(200),), "closed", (saw(),))),
    ("old-both", "9112 9.3", OLD, (b"Connection: keep-alive, close",), Outcome((reply(200),), "closed", (saw(),))),
    ("old-other", "9112 9.3", OLD, (b"Connection: x",), Outcome((reply(200),), "closed", (saw(),))),
)), *(row(f"end.{name}", "9112 9.3", "should", get(option, version=OLD) + NEXT,
               Outcome((reply(200, connection="(?i)keep-alive"), reply(200)), "open", (saw(), NEXT_SEEN))) for name, option in (
    ("old-keep-alive", b"Connection: keep-alive"), ("old-keep-alive-capitals", b"Connection: Keep-Alive"),
    ("old-keep-alive-in-list", b"Connection: x, keep-alive"),
)),
    row("end.close-of-a-post", "9112 9.6", "must", post(HELLO, b"Connection: close", body=b"hello" + HIDDEN), Outcome((reply(200),), "closed", (saw("hello"),))),
    row("end.close-of-the-second", "9112 9.6", "must", get() + get(b"Connection: close", target=b"/next") + HIDDEN,
        Outcome((reply(200), reply(200)), "closed", (saw(), NEXT_SEEN))),
    row("end.old-then-new", "9112 9.3", "must", get(version=OLD) + HIDDEN, Outcome((reply(200),), "closed", (saw(),))),
)

PIPELINES: tuple[Row, ...] = (
    row("pipeline.three", "9112 9.3.2", "must", get() + NEXT + get(target=b"/third"), served(saw(), NEXT_SEEN, saw(path="/third"))),
    row("pipeline.fifty", "9112 9.3.2", "must", b"".join(get(target=b"/n%d" % n) for n in range(50)), served(*(saw(path=f"/n{n}") for n in range(50)))),
    row("pipeline.bodies", "9112 9.3.2", "must", post(HELLO, body=b"hello") + chunked(CODED, target=b"/next") + get(),
        served(saw("hello"), saw("hello", path="/next"), saw())),
    row("pipeline.then-invalid", "9112 9.3.2", "must", get() + head(b"GET /ne xt HTTP/1.1", b"Host: h") + HIDDEN,
        Outcome((reply(200), reply(400)), "closed", (saw(),))),
    row("pipeline.then-no-host", "9112 3.2", "must", get() + head(b"GET /next HTTP/1.1"), Outcome((reply(200), reply(400)), "", (saw(),))),
    row("pipeline.then-two-lengths", "9112 6.3", "must", get() + post(HELLO, b"Content-Length: 7", body=HIDDEN), Outcome((reply(200), reply(400)), "closed", (saw(),))),
    row("pipeline.then-half", "9112 9.3.2", "must", (get() + b"GET /ne", HalfClose()), Outcome((reply(200),), "closed", (saw(),)),
        Outcome((reply(200), reply(400, 408)), "closed", (saw(),))),
    row("pipeline.garbage-behind", "9112 2.2", "should", get() + b"\x00\x01garbage\r\n\r\n", Outcome((reply(200), reply(400)), "closed", (saw(),))),
    row("pipeline.head-between", "9112 9.3.2", "must", get(method=b"HEAD") + NEXT, Outcome((reply(200), reply(200)), "open", (saw(method="HEAD"), NEXT_SEEN)),
        methods=("HEAD",)),
    row("pipeline.fails-then-next", "9112 9.3.2", "must", get(target=b"/boom") + NEXT, Outcome((reply(500), reply(200)), "open", (NEXT_SEEN,)),
        Outcome((reply(500),), "closed")),
    row("pipeline.not-modified-between", "9112 6.3", "must", get(target=b"/answer?status=304") + NEXT, Outcome((reply(304), reply(200)), "open", (NEXT_SEEN,))),
    # A body that no handler reads is read, or the connection is closed: its bytes are never a request.
    *(row(f"unread.{name}", "9112 9.3", "must", send, refused(400, 403, 405, 413, 500, 501),
              Outcome((reply(*statuses), reply(200)), "open", (*calls, NEXT_SEEN)), Outcome((reply(*statuses),), "closed", calls), methods=methods)
          for name, send, statuses, calls, methods in (
    ("get", get(b"Content-Length: %d" % len(HIDDEN), target=b"/unread") + HIDDEN + NEXT, (200,), (saw(path="/unread"),), ()),
    ("post", post(b"Content-Length: %d" % len(HIDDEN), target=b"/unread", body=HIDDEN + NEXT), (200,), (saw("", path="/unread"),), ()),
    ("delete", get(b"Content-Length: %d" % len(HIDDEN), target=b"/unread", method=b"DELETE") + HIDDEN + NEXT, (200, 405, 501), (saw(method="DELETE", path="/unread"),), ()),
    ("options", get(b"Content-Length: %d" % len(HIDDEN), target=b"/unread", method=b"OPTIONS") + HIDDEN + NEXT, (200, 405, 501), (saw(method="OPTIONS", path="/unread"),), ()),
    ("head", get(b"Content-Length: %d" % len(HIDDEN), target=b"/unread", method=b"HEAD") + HIDDEN + NEXT, (200,), (saw(method="HEAD", path="/unread"),), ("HEAD",)),
    ("own-method", get(b"Content-Length: %d" % len(HIDDEN), target=b"/unread", method=b"OWN") + HIDDEN + NEXT, (200, 405, 501), (saw(method="OWN", path="/unread"),), ()),
    ("chunked", chunked(b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n" + NEXT, target=b"/unread"), (200,), (saw("", path="/unread"),), ()),
    ("get-chunked", chunked(b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n" + NEXT, target=b"/unread").replace(b"POST", b"GET", 1), (200,), (saw(path="/unread"),), ()),
    ("denied", post(b"Content-Length: %d" % len(HIDDEN), target=b"/deny", body=HIDDEN + NEXT), (403,), (), ()),
    ("fails", post(b"Content-Length: %d" % len(HIDDEN), target=b"/boom", body=HIDDEN + NEXT), (500,), (), ()),
    ("not-allowed", post(b"Content-Length: %d" % len(HIDDEN), target=b"/only", body=HIDDEN + NEXT), (405,), (), ()),
    ("redirected", post(b"Content-Length: %d" % len(HIDDEN), target=b"/sub", body=HIDDEN + NEXT), (301, 302, 303, 307, 308), (), ()),
)))

ROWS: tuple[Row, ...] = (*EXPECTATIONS, *UPGRADES, *ENDS, *PIPELINES)

