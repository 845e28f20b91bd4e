"""Rows of a body's length: Content-Length, Transfer-Encoding, both, and bodies that are cut or too long."""

from __future__ import annotations

from .model import (
    CHUNKED,
    HIDDEN,
    NEXT,
    NEXT_SEEN,
    HalfClose,
    Leave,
    Outcome,
    Pause,
    Row,
    chunked,
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

CODED = b"5\r\nhello\r\n0\r\n\r\n"
HELLO = b"Content-Length: 5"
WHOLE = served(saw("hello"))
CUT = (refused(400, 408), dropped())  # RFC 9112, section 8: MAY answer before closing

#: What stands in Content-Length, with a body of five bytes and a request behind it.
LENGTHS: tuple[Row, ...] = (*(
    row(f"length.{name}", source, "must", post(b"Content-Length:" + value, body=b"hello" + NEXT), *allow) for name, source, value, allow in (
        ("plus", "9112 6.3", b" +5", (refused(400),)),
        ("minus", "9112 6.3", b" -5", (refused(400),)),
        ("minus-nought", "9112 6.3", b" -0", (refused(400),)),
        ("plus-nought", "9112 6.3", b" +0", (refused(400),)),
        ("hexadecimal", "9112 6.3", b" 0x5", (refused(400),)),
        ("octal", "9112 6.3", b" 0o5", (refused(400),)),
        ("underscore", "9112 6.3", b" 1_0", (refused(400),)),
        ("two-words", "9112 6.3", b" 5 5", (refused(400),)),
        ("tab-within", "9112 6.3", b" 5\t5", (refused(400),)),
        ("letters", "9112 6.3", b" 5abc", (refused(400),)),
        ("word", "9112 6.3", b" chunked", (refused(400),)),
        ("empty", "9112 6.3", b"", (refused(400),)),
        ("spaces", "9112 6.3", b"   ", (refused(400),)),
        ("point", "9112 6.3", b" 5.0", (refused(400),)),
        ("exponent", "9112 6.3", b" 5e0", (refused(400),)),
        ("long", "9112 6.3", b" 5L", (refused(400),)),
        ("quoted", "9112 6.3", b' "5"', (refused(400),)),
        ("semicolon", "9112 6.3", b" 5;", (refused(400),)),
        ("superscript", "9112 6.3", b" \xb2", (refused(400),)),
        ("arabic", "9112 6.3", " \u0665".encode(), (refused(400),)),
        ("full-width", "9112 6.3", " \uff15".encode(), (refused(400),)),
        ("no-break-space", "9112 6.3", b" \xa05", (refused(400),)),
        ("next-line", "9112 6.3", b" 5\x85", (refused(400),)),
        ("vertical-tab", "9112 6.3", b" \x0b5", (refused(400),)),
        ("form-feed", "9112 6.3", b" 5\x0c", (refused(400),)),
        ("file-separator", "9112 6.3", b" 5\x1c", (refused(400),)),
        ("nul", "9112 6.3", b" 5\x00", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("cr", "9112 6.3", b" 5\r5", (refused(400),)),
        ("cr-at-end", "9112 6.3", b" 5\r", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("fold", "9112 5.2", b"\r\n 5", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("fold-within", "9112 5.2", b" 5\r\n 5", (refused(400),)),
        ("comma", "9112 6.3", b" ,", (refused(400),)),
        ("comma-behind", "9112 6.3", b" 5,", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("list-equal", "9112 6.3", b" 5, 5", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("list-spelt-otherwise", "9112 6.3", b" 5, 05", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("list-differs", "9112 6.3", b" 5, 7", (refused(400),)),
        ("list-differs-first", "9112 6.3", b" 7, 5", (refused(400),)),
        ("list-with-a-word", "9112 6.3", b" 5, x", (refused(400),)),
        ("lines-equal", "9112 6.3", b" 5\r\nContent-Length: 5", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("lines-differ", "9112 6.3", b" 5\r\nContent-Length: 7", (refused(400),)),
        ("lines-differ-first", "9112 6.3", b" 7\r\nContent-Length: 5", (refused(400),)),
        ("lines-apart", "9112 6.3", b" 5\r\nX-A: b\r\ncontent-length: 0", (refused(400),)),
        ("line-invalid", "9112 6.3", b" 5\r\nContent-Length: x", (refused(400),)),
        ("line-empty", "9112 6.3", b" 5\r\nContent-Length:", (refused(400), served(saw("hello"), NEXT_SEEN))),
        ("noughts-first", "9110 8.6", b" 0005", (served(saw("hello"), NEXT_SEEN),)),
        ("spaces-around", "9110 5.5", b" \t5\t ", (served(saw("hello"), NEXT_SEEN),)),
        ("no-space", "9112 5", b"5", (served(saw("hello"), NEXT_SEEN),)),
        # Large numbers are valid, and never wrap: 2**32+5, 2**64+5, and more digits than Python 3.7 converts. Waiting for so many is no fault.
        ("2-to-32", "9110 8.6", b" 4294967301", (refused(413, 400, 408), dropped())),
        ("2-to-64", "9110 8.6", b" 18446744073709551621", (refused(413, 400, 408), dropped())),
        ("40-digits", "9110 8.6", b" " + b"9" * 40, (refused(413, 400, 408), dropped())),
        ("5000-digits", "9110 8.6", b" " + b"9" * 5000, (refused(413, 400, 408), dropped())),
        ("5000-noughts", "9110 8.6", b" " + b"0" * 5000 + b"5", (refused(413, 400), served(saw("hello"), NEXT_SEEN))),
    )), *(
    row(f"length.{name}", source, "must", post(field, body=HIDDEN), refused(400)) for name, source, field in (
        ("space-before-colon", "9112 5.1", b"Content-Length : %d" % len(HIDDEN)),
        ("tab-before-colon", "9112 5.1", b"Content-Length\t: %d" % len(HIDDEN)),
        ("next-line-before-colon", "9110 5.6.3", b"Content-Length\x85: %d" % len(HIDDEN)),
        ("no-break-space-before-colon", "9110 5.6.3", b"Content-Length\xa0: %d" % len(HIDDEN)),
        ("no-break-space-first", "9110 5.6.3", b"\xa0Content-Length: %d" % len(HIDDEN)),
        ("vertical-tab-before-colon", "9110 5.6.3", b"Content-Length\x0b: %d" % len(HIDDEN)),
        ("nul-in-name", "9110 5.1", b"Content-\x00Length: %d" % len(HIDDEN)),
        ("no-colon", "9112 5", b"Content-Length %d" % len(HIDDEN)),
    )))

OF_METHODS: tuple[Row, ...] = (
    row("length.of-get", "9112 6", "must", get(HELLO) + b"hello" + NEXT, refused(400), served(saw(), NEXT_SEEN)),
    row("length.of-head", "9112 6", "must", get(HELLO, method=b"HEAD") + b"hello" + NEXT, refused(400), served(saw(method="HEAD"), NEXT_SEEN), methods=("HEAD",)),
    row("length.of-put", "9112 6", "must", post(HELLO, body=b"hello" + NEXT).replace(b"POST", b"PUT", 1), served(saw("hello", method="PUT"), NEXT_SEEN)),
    row("length.of-options-star", "9112 6", "must", get(b"Content-Length: %d" % len(HIDDEN), target=b"*", method=b"OPTIONS") + HIDDEN + NEXT,
        refused(400, 405, 501, 200), Outcome((reply(200, 204, 405, 501), reply(200)), "open", (NEXT_SEEN,)), served(saw(path=r".*\*", method="OPTIONS"), NEXT_SEEN)),
    # What Connection names is for the next hop: it takes no length from the message (RFC 9110, section 7.6.1).
    row("length.named-by-connection", "9110 7.6.1", "must", post(HELLO, b"Connection: keep-alive, Content-Length, Host", body=b"hello" + NEXT),
        refused(400), served(saw("hello"), NEXT_SEEN)),
    row("length.none", "9112 6.3", "must", get(b"Content-Type: text/plain") + NEXT, served(saw(), NEXT_SEEN)),
)

#: What stands in Transfer-Encoding, with a chunked body and a request behind it.
CODINGS: tuple[Row, ...] = (*(
    row(f"coding.{name}", source, level, chunked(CODED + NEXT, b"Transfer-Encoding:" + value), *allow) for name, source, level, value, allow in (
        ("nonsense", "9112 6.1", "should", b" nonsense", (refused(501, 400),)),
        ("xchunked", "9112 6.1", "must", b" xchunked", (refused(501, 400),)),
        ("chunkedx", "9112 6.1", "must", b" chunkedx", (refused(501, 400),)),
        ("quoted", "9112 6.1", "must", b' "chunked"', (refused(501, 400),)),
        ("parameter", "9112 7.1", "should", b" chunked;q=1", (refused(501, 400),)),
        ("two-words", "9112 6.1", "must", b" chunked chunked", (refused(501, 400),)),
        ("gzip", "9112 6.3", "must", b" gzip", (refused(400, 501),)),
        ("identity", "9112 6.3", "must", b" identity", (refused(400, 501),)),
        ("empty", "9112 6.3", "must", b"", (refused(400, 501),)),
        ("comma", "9112 6.3", "must", b" ,", (refused(400, 501),)),
        ("gzip-chunked", "9112 6.1", "must", b" gzip, chunked", (refused(501, 400),)),
        ("chunked-gzip", "9112 6.3", "must", b" chunked, gzip", (refused(400, 501),)),
        ("chunked-identity", "9112 6.3", "must", b" chunked, identity", (refused(400, 501),)),
        ("identity-chunked", "9112 6.1", "must", b" identity, chunked", (refused(400, 501), served(saw("hello"), NEXT_SEEN))),
        ("chunked-twice", "9112 6.1", "must", b" chunked, chunked", (refused(400, 501),)),
        ("lines-twice", "9112 6.1", "must", b" chunked\r\nTransfer-Encoding: chunked", (refused(400, 501),)),
        ("lines-identity-first", "9112 6.1", "must", b" identity\r\nTransfer-Encoding: chunked", (refused(400, 501), served(saw("hello"), NEXT_SEEN))),
        ("lines-identity-last", "9112 6.3", "must", b" chunked\r\nTransfer-Encoding: identity", (refused(400, 501),)),
        ("lines-nonsense-last", "9112 6.3", "must", b" chunked\r\nTransfer-Encoding: nonsense", (refused(400, 501),)),
        ("lines-gzip-first", "9112 6.1", "must", b" gzip\r\nTransfer-Encoding: chunked", (refused(400, 501),)),
        ("lines-empty", "9110 5.6.1.2", "must", b" chunked\r\nTransfer-Encoding:", (refused(400, 501), served(saw("hello"), NEXT_SEEN))),
        ("nul", "9110 5.5", "must", b" chunked\x00", (refused(400, 501), served(saw("hello"), NEXT_SEEN))),
        ("cr", "9110 5.5", "must", b" chun\rked", (refused(400, 501),)),
        ("vertical-tab", "9110 5.6.3", "must", b" \x0bchunked", (refused(400, 501),)),
        ("form-feed", "9110 5.6.3", "must", b" chunked\x0c", (refused(400, 501),)),
        ("no-break-space", "9110 5.6.3", "must", b" \xa0chunked", (refused(400, 501),)),
        ("next-line", "9110 5.6.3", "must", b" chunked\x85", (refused(400, 501),)),
        ("kelvin", "9110 5.6.3", "must", " chun\u212aed".encode(), (refused(400, 501),)),
        ("fold", "9112 5.2", "must", b"\r\n chunked", (refused(400, 501), served(saw("hello"), NEXT_SEEN))),
        ("fold-within", "9112 5.2", "must", b" chun\r\n ked", (refused(400, 501),)),
        ("comma-first", "9110 5.6.1.2", "must", b" , chunked", (served(saw("hello"), NEXT_SEEN),)),
        ("comma-last", "9110 5.6.1.2", "must", b" chunked ,", (served(saw("hello"), NEXT_SEEN),)),
        ("capital", "9112 7", "must", b" Chunked", (served(saw("hello"), NEXT_SEEN),)),
        ("capitals", "9112 7", "must", b" CHUNKED", (served(saw("hello"), NEXT_SEEN),)),
        ("spaces-around", "9110 5.5", "must", b"\t chunked \t", (served(saw("hello"), NEXT_SEEN),)),
        ("no-space", "9112 5", "must", b"chunked", (served(saw("hello"), NEXT_SEEN),)),
    )), *(
    row(f"coding.{name}", source, "must", chunked(b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n", field), refused(400)) for name, source, field in (
        ("space-before-colon", "9112 5.1", b"Transfer-Encoding : chunked"),
        ("tab-before-colon", "9112 5.1", b"Transfer-Encoding\t: chunked"),
        ("no-break-space-before-colon", "9110 5.6.3", b"Transfer-Encoding\xa0: chunked"),
        ("no-break-space-first", "9110 5.6.3", b"\xa0Transfer-Encoding: chunked"),
        ("nul-in-name", "9110 5.1", b"Transfer\x00Encoding: chunked"),
        ("no-colon", "9112 5", b"Transfer-Encoding chunked"),
    )))

CLOSED = Outcome((reply(200),), "closed", (saw("hello"),))
NOTHING = Outcome((reply(200),), "closed", (saw(""),))
OLD = b"HTTP/1.0"

#: A length and a coding: one answer, then closed (RFC 9112, section 6.1); what stands behind is never a request.
BOTH: tuple[Row, ...] = (
    row("both.length-first", "9112 6.1", "must", post(b"Content-Length: 15", CHUNKED, body=CODED + NEXT), refused(400), CLOSED),
    row("both.coding-first", "9112 6.1", "must", post(CHUNKED, b"Content-Length: 15", body=CODED + NEXT), refused(400), CLOSED),
    row("both.length-nought", "9112 6.1", "must", post(b"Content-Length: 0", CHUNKED, body=CODED + HIDDEN), refused(400), CLOSED),
    row("both.length-short", "9112 6.1", "must", post(b"Content-Length: 3", CHUNKED, body=CODED + HIDDEN), refused(400), CLOSED),
    row("both.length-over-hidden", "9112 6.1", "must", post(b"Content-Length: %d" % (len(HIDDEN) + 5), CHUNKED, body=b"0\r\n\r\n" + HIDDEN), refused(400), NOTHING),
    row("both.length-invalid", "9112 6.1", "must", post(b"Content-Length: x", CHUNKED, body=CODED + HIDDEN), refused(400), CLOSED),
    row("both.coding-nonsense", "9112 6.3", "must", post(HELLO, b"Transfer-Encoding: nonsense", body=b"hello" + HIDDEN), refused(400, 501)),
    row("both.coding-xchunked", "9112 6.3", "must", post(HELLO, b"Transfer-Encoding: xchunked", body=b"hello" + HIDDEN), refused(400, 501)),
    row("both.coding-identity", "9112 6.3", "must", post(HELLO, b"Transfer-Encoding: identity", body=b"hello" + HIDDEN), refused(400, 501)),
    row("both.coding-empty", "9112 6.3", "must", post(HELLO, b"Transfer-Encoding:", body=b"hello" + HIDDEN), refused(400, 501), CLOSED),
    row("both.space-before-colon", "9112 5.1", "must", post(HELLO, b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + HIDDEN), refused(400)),
    row("both.length-spaced", "9112 5.1", "must", post(b"Content-Length : 5", CHUNKED, body=CODED + HIDDEN), refused(400)),
    row("both.coding-folded", "9112 5.2", "must", post(HELLO, b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n" + HIDDEN), refused(400, 501), NOTHING),
    row("both.coding-behind-a-fold", "9112 5.2", "must", post(HELLO, b"X-A: b\r\n Transfer-Encoding: chunked", body=b"0\r\n\r\n" + NEXT), refused(400),
        served(saw("0\r\n\r\n"), NEXT_SEEN)),
    row("both.coding-first-folded", "9112 2.2", "must", head(b"POST /saw HTTP/1.1", b" Transfer-Encoding: chunked", b"Host: h", HELLO) + b"0\r\n\r\n" + NEXT,
        refused(400), served(saw("0\r\n\r\n"), NEXT_SEEN)),
    row("both.get", "9112 6.1", "must", get(b"Content-Length: 15", CHUNKED) + CODED + HIDDEN, refused(400), Outcome((reply(200),), "closed", (saw(),))),
    # Chunks in HTTP/1.0 are faulty framing: closed, whatever the client asks for (RFC 9112, section 6.1).
    row("both.old-coding", "9112 6.1", "must", chunked(CODED + HIDDEN, version=OLD), refused(400, 501), CLOSED),
    row("both.old-coding-kept", "9112 6.1", "must", chunked(CODED + HIDDEN, CHUNKED, b"Connection: keep-alive", version=OLD), refused(400, 501), CLOSED),
    row("both.old-length-and-coding", "9112 6.1", "must", chunked(CODED + HIDDEN, b"Content-Length: 15", CHUNKED, b"Connection: keep-alive", version=OLD),
        refused(400, 501), CLOSED, Outcome((reply(200),), "closed", (saw("5\r\nhello.*"),))),
)

#: A body that the client did not send to its end never reaches a handler as if it were whole.
CUTS: tuple[Row, ...] = (
    row("cut.length", "9112 6.3", "must", (post(HELLO, body=b"hel"), HalfClose()), *CUT),
    row("cut.length-nothing", "9112 6.3", "must", (post(HELLO), HalfClose()), *CUT),
    row("cut.length-later", "9112 6.3", "must", (post(HELLO, body=b"h"), Pause(0.2), b"e", HalfClose()), *CUT),
    row("cut.put", "9112 6.3", "must", (post(HELLO, body=b"hel").replace(b"POST", b"PUT"), HalfClose()), *CUT),
    row("cut.form", "9112 6.3", "must", (post(b"Content-Length: 9", b"Content-Type: application/x-www-form-urlencoded", body=b"a=1&b"), HalfClose()), *CUT),
    row("cut.multipart", "9112 6.3", "must",
        (post(b"Content-Length: 99", b"Content-Type: multipart/form-data; boundary=x", body=b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb"), HalfClose()), *CUT),
    row("cut.form-in-chunks", "9112 8", "must", (chunked(b"3\r\na=1\r\n", CHUNKED, b"Content-Type: application/x-www-form-urlencoded"), HalfClose()), *CUT),
    row("cut.last-cr", "9112 7.1", "must", (chunked(b"5\r\nhello\r\n0\r\n\r"), HalfClose()), *CUT),
    row("cut.chunk", "9112 8", "must", (chunked(b"5\r\nhel"), HalfClose()), *CUT),
    row("cut.chunk-size", "9112 8", "must", (chunked(b"5"), HalfClose()), *CUT),
    row("cut.no-chunk", "9112 8", "must", (chunked(b""), HalfClose()), *CUT),
    row("cut.chunk-end", "9112 8", "must", (chunked(b"5\r\nhello"), HalfClose()), *CUT),
    row("cut.no-last-chunk", "9112 8", "must", (chunked(b"5\r\nhello\r\n"), HalfClose()), *CUT),
    row("cut.last-chunk-size", "9112 8", "must", (chunked(b"5\r\nhello\r\n0"), HalfClose()), *CUT),
    row("cut.no-last-line", "9112 7.1", "must", (chunked(b"5\r\nhello\r\n0\r\n"), HalfClose()), *CUT),
    row("cut.in-trailers", "9112 7.1", "must", (chunked(b"5\r\nhello\r\n0\r\nX-A: b\r\n"), HalfClose()), *CUT),
    row("cut.gone", "9112 8", "must", (post(HELLO, body=b"hel"), Leave()), dropped()),
    row("cut.gone-hard", "9112 8", "must", (post(HELLO, body=b"hel"), Leave(hard=True)), dropped()),
    row("cut.gone-in-head", "9112 8", "must", (b"GET /saw HTTP/1.1\r\nHo", Leave(hard=True)), dropped()),
    row("cut.gone-in-chunk", "9112 8", "must", (chunked(b"5\r\nhe"), Leave(hard=True)), dropped()),
    row("cut.gone-before-the-answer", "9112 9.5", "must", (get(), Leave(hard=True)), Outcome((), "closed", None)),
    row("cut.gone-before-a-long-answer", "9112 9.5", "must", (get(target=b"/answer?body=" + b"a" * 6000) * 40, Leave(hard=True)), Outcome((), "closed", None)),
    row("cut.connected-and-gone", "9112 9.5", "must", (Pause(), Leave(hard=True)), dropped()),
)

ROWS: tuple[Row, ...] = (*LENGTHS, *OF_METHODS, *CODINGS, *BOTH, *CUTS)
