"""Rows of the request line: its parts, the version, the method, what stands before it, and its length."""

from __future__ import annotations

from .model import (
    CRLF,
    HIDDEN,
    HOST,
    NEXT,
    NEXT_SEEN,
    Drip,
    HalfClose,
    Outcome,
    Pause,
    Row,
    dropped,
    get,
    head,
    post,
    refused,
    reply,
    row,
    saw,
    served,
)

#: A request of which a part is sent, up to each of the marks; no answer but 408 can follow.
PREFIXED = b"P|OST| |/saw| |HTTP|/1.|1|\r|\n|Host:| h\r\n|Content-Length: 5\r|\n\r\n|hel|"

LINES: tuple[Row, ...] = tuple(row(f"line.{name}", source, level, head(line, HOST), *allow) for name, source, level, line, allow in (
    # 9112 2.2: what is not HTTP's grammar SHOULD be answered by 400 and a close; section 3 lets a server split at any whitespace.
    ("two-spaces", "9112 3", "should", b"GET  /saw HTTP/1.1", (refused(400), served(saw()))),
    ("two-spaces-second", "9112 3", "should", b"GET /saw  HTTP/1.1", (refused(400), served(saw()))),
    ("tabs", "9112 3", "should", b"GET\t/saw\tHTTP/1.1", (refused(400), served(saw()))),
    ("form-feed", "9112 3", "should", b"GET /saw\x0cHTTP/1.1", (refused(400), served(saw()))),
    ("vertical-tab", "9112 3", "should", b"GET\x0b/saw HTTP/1.1", (refused(400), served(saw()))),
    ("trailing-space", "9112 3", "should", b"GET /saw HTTP/1.1 ", (refused(400), served(saw()))),
    ("leading-space", "9112 3", "should", b" GET /saw HTTP/1.1", (refused(400), served(saw()))),
    ("bare-cr", "9112 2.2", "must", b"GET\r/saw HTTP/1.1", (refused(400), served(saw()))),
    ("bare-cr-in-target", "9112 2.2", "must", b"GET /sa\rw HTTP/1.1", (refused(400),)),
    ("bare-cr-then-a-line", "9112 2.2", "must", b"GET /saw HTTP/1.1\rX-A: b", (refused(400, 505),)),
    ("bare-cr-at-end", "9112 2.2", "must", b"GET /saw HTTP/1.1\r", (refused(400, 505), served(saw()))),
    ("no-break-space", "9112 3", "should", b"GET\xa0/saw\xa0HTTP/1.1", (refused(400),)),
    ("next-line", "9112 3", "should", b"GET\x85/saw HTTP/1.1", (refused(400),)),
    ("nul", "9112 3.2", "should", b"GET /sa\x00w HTTP/1.1", (refused(400),)),
    ("space-in-target", "9112 3.2", "should", b"GET /a b HTTP/1.1", (refused(400), refused(301, after=""))),
    ("four-words", "9112 3.2", "should", b"GET /saw HTTP/1.1 x", (refused(400), refused(301, after=""))),
    ("one-word", "9112 3", "should", b"GET", (refused(400),)),
    ("no-target", "9112 3", "should", b"GET  HTTP/1.1", (refused(400),)),
    ("no-method", "9112 3", "should", b"/saw HTTP/1.1", (refused(400),)),
    ("no-space", "9112 3", "should", b"GET/saw HTTP/1.1", (refused(400),)),
    ("a-status-line", "9112 2.1", "should", b"HTTP/1.1 200 OK", (refused(400, 501, 505),)),
    ("binary", "9112 2.2", "should", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (refused(400),)),
    ("http-0.9", "9112 2.2", "should", b"GET /saw", (refused(400, 505),)),
    # The version: two digits and a dot, and HTTP in capitals.
    ("version-1.10", "9112 2.3", "should", b"GET /saw HTTP/1.10", (refused(400, 505),)),
    ("version-01.1", "9112 2.3", "should", b"GET /saw HTTP/01.1", (refused(400, 505),)),
    ("version-1.", "9112 2.3", "should", b"GET /saw HTTP/1.", (refused(400, 505),)),
    ("version-1", "9112 2.3", "should", b"GET /saw HTTP/1", (refused(400, 505),)),
    ("version-11", "9112 2.3", "should", b"GET /saw HTTP/11", (refused(400, 505),)),
    ("version-1.1.1", "9112 2.3", "should", b"GET /saw HTTP/1.1.1", (refused(400, 505),)),
    ("version-comma", "9112 2.3", "should", b"GET /saw HTTP/1,1", (refused(400, 505),)),
    ("version-space", "9112 2.3", "should", b"GET /saw HTTP/ 1.1", (refused(400, 505),)),
    ("version-plus", "9112 2.3", "should", b"GET /saw HTTP/1.+1", (refused(400, 505),)),
    ("version-minus", "9112 2.3", "should", b"GET /saw HTTP/-1.1", (refused(400, 505),)),
    ("version-underscore", "9112 2.3", "should", b"GET /saw HTTP/1_1", (refused(400, 505),)),
    ("version-letter", "9112 2.3", "should", b"GET /saw HTTP/1.x", (refused(400, 505),)),
    ("version-superscript", "9112 2.3", "should", b"GET /saw HTTP/1.\xb9", (refused(400, 505),)),
    ("version-small", "9112 2.3", "should", b"GET /saw http/1.1", (refused(400, 505),)),
    ("version-other-name", "9112 2.3", "should", b"GET /saw HTP/1.1", (refused(400, 505),)),
    ("version-longer-name", "9112 2.3", "should", b"GET /saw XHTTP/1.1", (refused(400, 505),)),
    ("version-of-many-digits", "9112 2.3", "should", b"GET /saw HTTP/1." + b"1" * 5000, (refused(400, 505),)),
    ("version-2.0", "9110 15.6.6", "should", b"GET /saw HTTP/2.0", (refused(505, 400),)),
    ("version-3.0", "9110 15.6.6", "should", b"GET /saw HTTP/3.0", (refused(505, 400),)),
    ("version-0.9", "9110 15.6.6", "should", b"GET /saw HTTP/0.9", (refused(505, 400),)),
    ("version-1.2", "9110 6.2", "should", b"GET /saw HTTP/1.2", (served(saw()),)),
    ("version-1.9", "9110 6.2", "should", b"GET /saw HTTP/1.9", (served(saw()),)),
    # The method is a token, and case-sensitive; what no resource knows is its own business (405, 501, or a handler of that method).
    ("method-nul", "9110 9.1", "should", b"GE\x00T /saw HTTP/1.1", (refused(400, 501),)),
    ("method-paren", "9110 9.1", "should", b"GE(T /saw HTTP/1.1", (refused(400, 501),)),
    ("method-colon", "9110 9.1", "should", b"GET: /saw HTTP/1.1", (refused(400, 501),)),
    ("method-quote", "9110 9.1", "should", b'"GET" /saw HTTP/1.1', (refused(400, 501),)),
    ("method-brace", "9110 9.1", "should", b"{GET} /saw HTTP/1.1", (refused(400, 501),)),
    ("method-latin", "9110 9.1", "should", b"G\xc9T /saw HTTP/1.1", (refused(400, 501),)),
    ("method-empty", "9110 9.1", "should", b" /saw HTTP/1.1", (refused(400, 501),)),
    ("method-small", "9110 9.1", "should", b"get /saw HTTP/1.1", (refused(405, 501, 400, after=""), served(saw(method="get")))),
    ("method-own", "9110 9.1", "should", b"X-OWN!~ /saw HTTP/1.1", (refused(405, 501, after=""), served(saw(method="X-OWN!~")))),
    ("method-of-300", "9112 3", "should", b"A" * 300 + b" /saw HTTP/1.1", (
        refused(501, 405, 400, 414, after=""), served(saw(method="A{300}")))),
))

LONG: tuple[Row, ...] = (
    row("line.8000-octets", "9112 3", "should", get(target=b"/saw?" + b"a" * (8000 - 18)), served(saw(query="a{7982}"))),
    row("line.100-kb-target", "9112 3", "must", get(target=b"/saw?" + b"a" * 100000), refused(414), served(saw(query=".*"))),
    row("line.200-kb-target-no-end", "9112 3", "must", b"GET /" + b"a" * 200000, refused(414)),
    row("line.200-kb-method-no-end", "9112 3", "should", b"A" * 200000, refused(501, 400, 414)),
    row("line.200-kb-of-empty-lines", "9112 2.2", "may", CRLF * 100000, refused(400, 431, 414, 408), dropped(), probe=False, slow=True),
)

EMPTY_LINES: tuple[Row, ...] = (
    row("line.crlf-before", "9112 2.2", "should", CRLF + get(), served(saw())),
    row("line.crlf-twice-before", "9112 2.2", "may", CRLF * 2 + get(), served(saw()), refused(400)),
    row("line.lf-before", "9112 2.2", "may", b"\n" + get(), served(saw()), refused(400)),
    row("line.cr-before", "9112 2.2", "must", b"\r" + get(), refused(400), served(saw())),
    row("line.crlf-after-a-body", "9112 2.2", "should", post(b"Content-Length: 5", body=b"hello") + CRLF + NEXT,
        served(saw("hello"), NEXT_SEEN)),
    row("line.crlf-after-an-answer", "9112 2.2", "should", (post(b"Content-Length: 5", body=b"hello"), Pause(5), CRLF, Pause(), NEXT),
        served(saw("hello"), NEXT_SEEN)),
    row("line.crlf-and-no-more", "9112 2.2", "may", (CRLF, HalfClose()), dropped(), refused(400, 408)),
)

ARRIVING: tuple[Row, ...] = (
    row("arrive.in-bytes", "9112 2.2", "must", (Drip(get(), 0.002),), served(saw())),
    row("arrive.in-lines", "9112 2.2", "must", (b"GET /saw HTTP/1.1\r", Pause(), b"\nHost: h\r", Pause(), b"\n\r", Pause(), b"\n"),
        served(saw())),
    row("arrive.body-later", "9112 6", "must", (post(b"Content-Length: 5"), Pause(), b"he", Pause(), b"llo"), served(saw("hello"))),
    row("arrive.body-and-next", "9112 6.3", "must", (post(b"Content-Length: 5", body=b"hel"), Pause(), b"lo" + NEXT),
        served(saw("hello"), NEXT_SEEN)),
    row("arrive.half-close-after", "9112 9.6", "must", (get(), HalfClose()), served(saw(), after="closed")),
    row("arrive.half-close-after-body", "9112 9.6", "must", (post(b"Content-Length: 5", body=b"hello"), HalfClose()),
        served(saw("hello"), after="closed")),
    row("arrive.half-close-at-once", "9112 8", "may", (b"G", HalfClose()), dropped(), refused(400, 408)),
    row("arrive.half-close-in-head", "9112 8", "may", (b"GET /saw HTTP/1.1\r\nHost: h\r\n", HalfClose()), dropped(), refused(400, 408)),
    row("arrive.http2-preface", "9112 2.2", "should", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0", refused(505, 400, 501)),
    row("arrive.proxy-line", "9112 2.2", "should", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n" + get(), refused(400, 501, 505)),
)


def prefixes() -> list[Row]:
    """A row for each prefix: whatever was sent, no handler runs, and the connection ends in bounded time."""
    parts = PREFIXED.split(b"|")
    rows = []
    for number in range(1, len(parts)):
        begun = b"".join(parts[:number])
        rows.append(row(f"prefix.{number}", "9112 9.5", "may", begun, refused(408, 400), dropped(), probe=False, slow=True))
    return rows


#: What a client that is slow is told. The RFC lets a server close without a word (9112 8); 408 is what we want of ours.
SLOW: tuple[Row, ...] = (
    row("slow.nothing", "9112 9.5", "may", (Pause(),), dropped(), refused(408), probe=False, slow=True),
    row("slow.idle-after-an-answer", "9112 9.5", "may", get(), Outcome((reply(200),), "closed", (saw(),)), probe=False, slow=True),
    row("slow.half-a-head", "9110 15.5.9", "may", b"GET /saw HTTP/1.1\r\nHost: h\r\n", refused(408), probe=False, slow=True),
    row("slow.half-a-line", "9110 15.5.9", "may", b"GET /sa", refused(408), probe=False, slow=True),
    row("slow.half-a-body", "9110 15.5.9", "may", post(b"Content-Length: 5", body=b"he"), refused(408), probe=False, slow=True),
    row("slow.no-body", "9110 15.5.9", "may", post(b"Content-Length: 5"), refused(408), probe=False, slow=True),
    row("slow.half-a-chunk", "9110 15.5.9", "may", post(b"Transfer-Encoding: chunked", body=b"5\r\nhe"), refused(408), probe=False, slow=True),
    row("slow.no-last-chunk", "9110 15.5.9", "may", post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"), refused(408), probe=False, slow=True),
    # A byte at a time keeps each read short; what is bounded is the whole head, and the whole body.
    row("slow.dripping-head", "9110 15.5.9", "may", (b"GET /saw HTTP/1.1\r\nX-A: ", Drip(b"a" * 100, 0.2)), refused(408), probe=False, slow=True),
    row("slow.dripping-fields", "9110 15.5.9", "may", (b"GET /saw HTTP/1.1\r\n", Drip(b"X-A: a\r\n" * 20, 0.2)), refused(408), probe=False, slow=True),
    row("slow.dripping-empty-lines", "9112 9.5", "may", (Drip(b"\r\n" * 50, 0.2),), refused(408, 400), dropped(), probe=False, slow=True),
    row("slow.dripping-body", "9110 15.5.9", "may", (post(b"Content-Length: 500"), Drip(b"a" * 100, 0.2)), refused(408), probe=False, slow=True),
    row("slow.dripping-chunks", "9110 15.5.9", "may", (post(b"Transfer-Encoding: chunked"), Drip(b"1\r\na\r\n" * 20, 0.2)), refused(408), probe=False, slow=True),
    row("slow.next-head", "9110 15.5.9", "may", get() + HIDDEN[:20], Outcome((reply(200), reply(408)), "closed", (saw(),)), probe=False, slow=True),
)

ROWS: tuple[Row, ...] = (*LINES, *LONG, *EMPTY_LINES, *ARRIVING, *prefixes(), *SLOW)
