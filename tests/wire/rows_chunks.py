"""Rows of the chunked coding: sizes, line ends, extensions, trailers, and how much of them there may be."""

from __future__ import annotations

from .model import HIDDEN, NEXT, NEXT_SEEN, Outcome, Pause, Row, chunked, dropped, refused, reply, row, saw, served

END = b"0\r\n\r\n"
WHOLE = served(saw("hello"), NEXT_SEEN)
TOO_LONG = refused(400, 413, 431)
ENDLESS = (refused(400, 413, 408), dropped())  # a size that is valid: it may be waited for, and never wraps

#: What stands where the size of a chunk of five bytes belongs.
SIZES: tuple[Row, ...] = (*tuple(row(f"chunk.{name}", "9112 7.1", "must", chunked(size + b"\r\nhello\r\n" + END + NEXT), *allow) for name, size, allow in (("plus", b"+5", (refused(400),)), ("minus", b"-5", (refused(400),)), ("prefix", b"0x5", (refused(400),)), ("capital-prefix", b"0X5", (refused(400),)), ("underscore", b"0_5", (refused(400),)), ("space-first", b" 5", (refused(400),)), ("tab-first", b"\t5", (refused(400),)), ("nul", b"5\x00", (refused(400),)), ("letters", b"5g", (refused(400),)), ("word", b"five", (refused(400),)), ("empty", b"", (refused(400),)), ("point", b"5.0", (refused(400),)), ("comma", b"5,5", (refused(400),)), ("two-words", b"5 5", (refused(400),)), ("quoted", b'"5"', (refused(400),)), ("superscript", b"\xb2", (refused(400),)), ("no-break-space", b"5\xa0", (refused(400),)), ("vertical-tab", b"5\x0b", (refused(400),)), ("form-feed", b"\x0c5", (refused(400),)), ("bare-cr", b"5\r", (refused(400),)), ("bare-cr-first", b"\r5", (refused(400),)), ("line-before", b"\r\n5", (refused(400),)), ("17-digits", b"10000000000000005", ENDLESS), ("9-digits", b"100000005", ENDLESS), ("all-bits", b"ffffffffffffffff", ENDLESS), ("sign-bit", b"8000000000000005", ENDLESS), ("5000-digits", b"f" * 5000, ENDLESS), ("noughts-first", b"0005", (WHOLE,)))), row("chunk.space-last", "9112 7.1", "may", chunked(b"5 \r\nhello\r\n" + END + NEXT), refused(400), WHOLE), row("chunk.40-noughts-first", "9112 7.1", "may", chunked(b"0" * 40 + b"5\r\nhello\r\n" + END + NEXT), refused(400), WHOLE), row("chunk.hexadecimal-small", "9112 7.1", "must", chunked(b"a\r\nhellohello\r\n" + END + NEXT), served(saw("hellohello"), NEXT_SEEN)), row("chunk.hexadecimal-capital", "9112 7.1", "must", chunked(b"A\r\nhellohello\r\n" + END + NEXT), served(saw("hellohello"), NEXT_SEEN)), row("chunk.three", "9112 7.1", "must", chunked(b"1\r\nh\r\n3\r\nell\r\n1\r\no\r\n" + END + NEXT), WHOLE), row("chunk.none", "9112 7.1", "must", chunked(END + NEXT), served(saw(""), NEXT_SEEN)), row("chunk.last-of-many-noughts", "9112 7.1", "must", chunked(b"5\r\nhello\r\n000\r\n\r\n" + NEXT), WHOLE), row("chunk.line-ends-in-data", "9112 7.1", "must", chunked(b"7\r\n\r\n0\r\n\r\n\r\n" + END + NEXT), served(saw("\r\n0\r\n\r\n"), NEXT_SEEN)), row("chunk.in-pieces", "9112 7.1", "must", (chunked(b"5"), Pause(), b"\r", Pause(), b"\nhe", Pause(), b"llo\r", Pause(), b"\n0\r\n", Pause(), b"\r\n" + NEXT), WHOLE), row("chunk.hides-a-request", "9112 7.1", "must", chunked(b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + END + NEXT), served(saw("GET /hidden.*"), NEXT_SEEN)), row("chunk.get", "9112 6", "must", chunked(b"5\r\nhello\r\n" + END + NEXT).replace(b"POST", b"GET"), refused(400), served(saw(), NEXT_SEEN)), row("chunk.many", "9112 7.1", "should", chunked(b"1\r\na\r\n" * 3000 + END + NEXT), served(saw("3000 bytes"), NEXT_SEEN)))

#: What stands where the last chunk belongs.
LAST: tuple[Row, ...] = tuple(
    row(f"last.{name}", "9112 7.1", "must", chunked(b"5\r\nhello\r\n" + last + NEXT), refused(400)) for name, last in (
        ("plus", b"+0\r\n\r\n"),
        ("minus", b"-0\r\n\r\n"),
        ("prefix", b"0x0\r\n\r\n"),
        ("underscore", b"0_0\r\n\r\n"),
        ("empty", b"\r\n\r\n"),
        ("space-first", b" 0\r\n\r\n"),
    ))

#: Data and line ends.
DATA: tuple[Row, ...] = (*(
    row(f"data.{name}", "9112 7.1", level, chunked(body + HIDDEN), refused(400), *allow) for name, level, body, allow in (
        ("more-than-size", "must", b"5\r\nhelloXX\r\n" + END, ()),
        ("less-than-size", "must", b"7\r\nhello\r\n" + END, ()),
        ("no-line-end", "must", b"5\r\nhello" + END, ()),
        ("two-bytes-for-the-line-end", "must", b"5\r\nhelloXX" + END, ()),
        ("space-before-line-end", "must", b"5\r\nhello \r\n" + END, ()),
        ("cr-cr", "must", b"5\r\nhello\r\r" + END, ()),
        ("lf-cr", "must", b"5\r\nhello\n\r" + END, ()),
        # The single LF of 9112 2.2 is for the start-line and fields: a chunk's line ends in CRLF.
        ("lf-behind-size", "should", b"5\nhello\r\n" + END, ()),
        ("lf-behind-data", "should", b"5\r\nhello\n" + END, ()),
        ("lf-behind-last", "should", b"5\r\nhello\r\n0\n\r\n", ()),
        ("lf-everywhere", "should", b"5\nhello\n0\n\n", ()),
        ("cr-behind-size", "must", b"5\rhello\r\n" + END, ()),
    )),
    row("data.lf-at-the-end", "9112 2.2", "may", chunked(b"5\r\nhello\r\n0\r\n\n" + NEXT), refused(400), WHOLE),
)

#: Extensions are ignored (9112 7.1.1), as long as they are some.
EXTENSIONS: tuple[Row, ...] = (*tuple(row(f"extension.{name}", "9112 7.1.1", level, chunked(line + b"\r\nhello\r\n" + END + NEXT), *allow) for name, level, line, allow in (("name", "must", b"5;a", (WHOLE,)), ("value", "must", b"5;a=b", (WHOLE,)), ("two", "must", b"5;a=b;c=d", (WHOLE,)), ("quoted", "must", b'5;a="b; c=\\"d\\""', (WHOLE,)), ("spaces", "must", b"5 ; a = b", (WHOLE,)), ("tabs", "must", b"5\t;\ta\t=\tb", (WHOLE,)), ("no-name", "may", b"5;", (refused(400), WHOLE)), ("no-value", "may", b"5;a=", (refused(400), WHOLE)), ("quote-open", "may", b'5;a="b', (refused(400), WHOLE)), ("comma", "may", b"5,a=b", (refused(400),)), ("bare-cr", "must", b"5;a\rb", (refused(400),)), ("bare-cr-last", "must", b"5;a\r", (refused(400),)), ("bare-lf", "must", b"5;a\nb", (refused(400),)), ("lf-then-a-size", "must", b"5;\n3", (refused(400),)), ("nul", "should", b"5;a\x00b", (refused(400),)), ("of-100-bytes", "must", b"5;" + b"a" * 100, (WHOLE,)), ("of-20-kb", "should", b"5;" + b"a" * 20000, (TOO_LONG, WHOLE)), ("of-1-mb", "should", b"5;" + b"a" * 1000000, (TOO_LONG,)))), row("extension.last-chunk", "9112 7.1.1", "must", chunked(b"5\r\nhello\r\n0;a=b\r\n\r\n" + NEXT), WHOLE), row("extension.last-chunk-lf", "9112 7.1", "should", chunked(b"5\r\nhello\r\n0;a\n\r\n" + HIDDEN), refused(400)), row("extension.no-end", "9112 7.1.1", "should", chunked(b"5;" + b"a" * 200000), TOO_LONG, dropped()), row("chunk.size-no-end", "9112 7.1", "must", chunked(b"0" * 200000), TOO_LONG, dropped()), row("chunk.in-a-form", "9112 7.1", "must", chunked(b"+3\r\na=1\r\n" + END + NEXT, b"Transfer-Encoding: chunked", b"Content-Type: application/x-www-form-urlencoded"), refused(400)), row("extension.many", "9112 7.1.1", "may", chunked(b"1;a=bcd\r\na\r\n" * 100 + END + NEXT), served(saw("a{100}"), NEXT_SEEN), TOO_LONG))

HIDING = b"Content-Length: %d" % len(HIDDEN)
#: Trailer fields are read, and never take part in the header (RFC 9110, section 6.5.1).
TRAILERS: tuple[Row, ...] = (*(
    row(f"trailer.{name}", source, level, chunked(b"5\r\nhello\r\n0\r\n" + field + b"\r\n\r\n" + NEXT), *allow) for name, source, level, field, allow in (
        ("one", "9112 7.1.2", "must", b"X-Sum: 1", (WHOLE,)),
        ("two", "9112 7.1.2", "must", b"X-Sum: 1\r\nX-More: 2", (WHOLE,)),
        ("content-length", "9110 6.5.1", "must", b"Content-Length: 50", (refused(400), served(saw("hello", content_length="|5"), NEXT_SEEN))),
        ("host", "9110 6.5.1", "must", b"Host: other", (refused(400), served(saw("hello", host="h", authority="h"), NEXT_SEEN))),
        ("transfer-encoding", "9110 6.5.1", "must", b"Transfer-Encoding: gzip", (refused(400), WHOLE)),
        ("authorization", "9110 6.5.1", "must", b"Authorization: Basic YTpi", (refused(400), served(saw("hello", authorization=None), NEXT_SEEN))),
        ("cookie", "9110 6.5.1", "must", b"Cookie: a=b", (refused(400), served(saw("hello", cookie=None), NEXT_SEEN))),
        ("forwarded", "9110 6.5.1", "must", b"X-Forwarded-For: 1.2.3.4", (refused(400), served(saw("hello", x_forwarded_for=None), NEXT_SEEN))),
        ("connection", "9110 6.5.1", "may", b"Connection: close", (refused(400), WHOLE)),
        ("space-before-colon", "9112 5.1", "should", b"X-A : b", (refused(400),)),
        ("space-in-name", "9112 5", "should", b"X A: b", (refused(400),)),
        ("nul", "9110 5.5", "must", b"X-A: b\x00c", (refused(400), WHOLE)),
        ("bare-cr", "9112 2.2", "must", b"X-A: b\rc", (refused(400), WHOLE)),
        ("fold", "9112 5.2", "must", b"X-A: b\r\n c", (refused(400), WHOLE)),
        ("space-first", "9112 5", "should", b" X-A: b", (refused(400),)),
        ("1000-fields", "9110 5.4", "must", b"\r\n".join([b"X-A: b"] * 1000), (TOO_LONG, WHOLE)),
        ("1-mb", "9110 5.4", "must", b"X-A: " + b"a" * 1000000, (TOO_LONG,)),
        ("1-mb-of-lines", "9110 5.4", "must", b"\r\n".join([b"X-A: b"] * 125000), (TOO_LONG,)),
    )),
    row("trailer.no-colon", "9112 5", "should", chunked(b"5\r\nhello\r\n0\r\nX-A\r\n\r\n" + HIDDEN), refused(400)),
    # A request where trailers stand: its request line is no field, and nothing of it is a request.
    row("trailer.a-request", "9112 7.1.2", "must", chunked(b"5\r\nhello\r\n0\r\n" + HIDDEN), refused(400)),
    row("trailer.lf-then-a-request", "9112 7.1.2", "must", chunked(b"5\r\nhello\r\n0\r\nX-A: b\n\n" + NEXT), refused(400), WHOLE),
    row("trailer.no-end", "9110 5.4", "must", chunked(b"5\r\nhello\r\n0\r\n" + b"X-A: b\r\n" * 50000), TOO_LONG, dropped()),
    row("trailer.announced", "9110 6.6.2", "must",
        chunked(b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n" + NEXT, b"Transfer-Encoding: chunked", b"Trailer: X-Sum"), WHOLE),
    row("trailer.hides-a-length", "9110 6.5.1", "must", chunked(b"0\r\n" + HIDING + b"\r\n\r\n" + NEXT), refused(400), served(saw(""), NEXT_SEEN)),
)

#: More than the server takes, said at once or shown bit by bit. The RFC names 413 (9110 15.5.14).
SIZE: tuple[Row, ...] = (
    row("size.chunk-too-large", "9110 15.5.14", "should", chunked(b"%x\r\n" % 1500000 + b"a" * 1500000 + b"\r\n" + END), refused(413)),
    row("size.chunk-announced", "9110 15.5.14", "may", chunked(b"%x\r\n" % 1500000), refused(413)),
    row("size.chunks-too-large", "9110 15.5.14", "should", chunked((b"%x\r\n" % 50000 + b"a" * 50000 + b"\r\n") * 30 + END), refused(413)),
    row("size.tiny-chunks", "9112 7.1", "may", chunked(b"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\na\r\n" * 20000 + END + NEXT),
        TOO_LONG, served(saw("20000 bytes"), NEXT_SEEN)),
    row("size.just-enough", "9110 15.5.14", "must", chunked(b"%x\r\n" % 900000 + b"a" * 900000 + b"\r\n" + END + NEXT),
        Outcome((reply(200), reply(200)), "open", (saw("900000 bytes"), NEXT_SEEN))),
)

ROWS: tuple[Row, ...] = (*SIZES, *LAST, *DATA, *EXTENSIONS, *TRAILERS, *SIZE)
