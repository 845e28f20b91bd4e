"""Rows of the header's fields: names, values, line ends, folding, and how much of it there may be."""

from __future__ import annotations

from .model import (
    CHUNKED,
    CRLF,
    HIDDEN,
    HOST,
    NEXT,
    NEXT_SEEN,
    Outcome,
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

HELLO = b"Content-Length: 5"
WHOLE = served(saw("hello"))  # the length, or the coding, was seen
CODED = b"5\r\nhello\r\n0\r\n\r\n"
HIDING = b"Content-Length: %d" % len(HIDDEN)  # lost, it makes a request of the body
HID = served(saw("GET /hidden.*"))
REFUSED = refused(400, 431, 413)  # RFC 9110, section 5.4: a 4xx

#: One field line of a GET; it is refused, or taken as it says.
ONE: tuple[Row, ...] = tuple(row(f"field.{name}", source, level, head(b"GET /saw HTTP/1.1", HOST, field), *allow) for name, source, level, field, allow in (
    ("space-before-colon", "9112 5.1", "must", b"X-A : b", (refused(400),)),
    ("tab-before-colon", "9112 5.1", "must", b"X-A\t: b", (refused(400),)),
    ("form-feed-before-colon", "9112 5", "should", b"X-A\x0c: b", (refused(400),)),
    ("cr-before-colon", "9112 2.2", "must", b"X-A\r: b", (refused(400),)),
    ("space-in-name", "9112 5", "should", b"X A: b", (refused(400),)),
    ("brackets-in-name", "9110 5.1", "should", b"X[]: b", (refused(400),)),
    ("paren-in-name", "9110 5.1", "should", b"F(o: b", (refused(400),)),
    ("at-in-name", "9110 5.1", "should", b"X@A: b", (refused(400),)),
    ("slash-in-name", "9110 5.1", "should", b"X/A: b", (refused(400),)),
    ("quote-in-name", "9110 5.1", "should", b'X"A: b', (refused(400),)),
    ("equals-in-name", "9110 5.1", "should", b"X=A: b", (refused(400),)),
    ("semicolon-in-name", "9110 5.1", "should", b"X;A: b", (refused(400),)),
    ("brace-in-name", "9110 5.1", "should", b"{X}: b", (refused(400),)),
    ("latin-in-name", "9110 5.1", "should", b"X\xe9: b", (refused(400),)),
    ("utf-8-in-name", "9110 5.1", "should", "X\u00e9: b".encode(), (refused(400),)),
    ("nul-in-name", "9110 5.1", "should", b"X\x00A: b", (refused(400),)),
    ("delete-in-name", "9110 5.1", "should", b"X\x7fA: b", (refused(400),)),
    ("empty-name", "9110 5.1", "should", b": b", (refused(400),)),
    ("no-colon", "9112 5", "should", b"X-A", (refused(400),)),
    ("no-colon-but-space", "9112 5", "should", b"X-A b", (refused(400),)),
    ("all-token-characters", "9110 5.6.2", "must", b"!#$%&'*+-.^_`|~09Az: b", (served(saw()),)),
    ("empty-value", "9110 5.5", "must", b"X-A:", (served(saw(x_a="")),)),
    ("value-of-spaces", "9110 5.5", "must", b"X-A: \t ", (served(saw(x_a="")),)),
    ("no-space", "9112 5.1", "must", b"X-A:b", (served(saw(x_a="b")),)),
    ("spaces-around", "9112 5.1", "must", b"X-A: \t b  c \t", (served(saw(x_a="b  c")),)),
    ("colons-in-value", "9112 5", "must", b"X-A: b: c", (served(saw(x_a="b: c")),)),
    ("case-of-name", "9110 5.1", "must", b"x-A: b", (served(saw(x_a="b")),)),
    # NUL, CR and LF in a value: the message is refused, or each becomes a space. Nothing else.
    ("nul-in-value", "9110 5.5", "must", b"X-A: b\x00c", (refused(400), served(saw(x_a="b c")))),
    ("nul-at-end", "9110 5.5", "must", b"X-A: b\x00", (refused(400), served(saw(x_a="b ?")))),
    ("cr-in-value", "9110 5.5", "must", b"X-A: b\rc", (refused(400), served(saw(x_a="b c")))),
    ("cr-then-a-field", "9112 2.2", "must", b"X-A: b\rX-B: c", (refused(400), served(saw(x_a="b X-B: c", x_b=None)))),
    ("cr-twice-then-a-request", "9112 2.2", "must", b"X-A: b\r\rGET /hidden HTTP/1.1\rHost: h\r\r", (refused(400), served(saw(x_a="b .*")))),
    ("cr-at-end", "9112 2.2", "must", b"X-A: b\r", (refused(400), served(saw(x_a="b ?")))),
    ("cr-at-begin", "9112 2.2", "must", b"X-A:\rb", (refused(400), served(saw(x_a=" ?b")))),
    # Other control characters MAY be kept; obs-text is opaque.
    ("bell-in-value", "9110 5.5", "may", b"X-A: b\x07c", (refused(400), served(saw(x_a="b[ \x07]c")))),
    ("delete-in-value", "9110 5.5", "may", b"X-A: b\x7fc", (refused(400), served(saw(x_a="b[ \x7f]c")))),
    ("vertical-tab-in-value", "9110 5.5", "may", b"X-A: b\x0bc", (refused(400), served(saw(x_a="b[ \x0b]c")))),
    ("form-feed-in-value", "9110 5.5", "may", b"X-A: b\x0cc", (refused(400), served(saw(x_a="b[ \x0c]c")))),
    ("separator-in-value", "9110 5.5", "may", b"X-A: b\x1cX-B: c", (refused(400), served(saw(x_a="b[ \x1c]X-B: c", x_b=None)))),
    ("latin-in-value", "9110 5.5", "should", b"X-A: b\xe9c", (served(saw(x_a="b.{1,2}c")),)),
    ("next-line-in-value", "9110 5.5", "should", b"X-A: b\x85X-B: c", (refused(400), served(saw(x_a="b.{1,2}X-B: c", x_b=None)))),
    ("line-separator-in-value", "9110 5.5", "should", b"X-A: b\xe2\x80\xa8X-B: c", (refused(400), served(saw(x_a="b.{1,3}X-B: c", x_b=None)))),
    # obs-fold: refused, or a space in its place.
    ("fold", "9112 5.2", "must", b"X-A: b\r\n c", (refused(400), served(saw(x_a="b +c")))),
    ("fold-by-tab", "9112 5.2", "must", b"X-A: b\r\n\tc", (refused(400), served(saw(x_a="b[ \t]+c")))),
    ("fold-at-begin", "9112 5.2", "must", b"X-A:\r\n b", (refused(400), served(saw(x_a=" *b")))),
    ("fold-of-nothing", "9112 5.2", "must", b"X-A: b\r\n \r\nX-B: c", (refused(400), served(saw(x_a="b *", x_b="c")))),
    ("fold-like-a-field", "9112 5.2", "must", b"X-A: b\r\n X-B: c", (refused(400), served(saw(x_a="b +X-B: c", x_b=None)))),
    # A single LF may end a line of the head; then it does so as CRLF does.
    ("lf-between", "9112 2.2", "may", b"X-A: b\nX-B: c", (refused(400), served(saw(x_a="b", x_b="c")))),
    # RFC 9110, section 17.10: a name with an underscore is another name.
    ("underscore", "9110 17.10", "should", b"X-Real: a\r\nX_Real: b", (refused(400), served(saw(x_real="a")))),
    ("underscore-first", "9110 17.10", "should", b"X_Real: b\r\nX-Real: a", (refused(400), served(saw(x_real="a")))),
    ("underscore-alone", "9110 17.10", "should", b"X_Real: b", (refused(400), served(saw(x_real=None)))),
    ("list-in-two-lines", "9110 5.3", "must", b"Accept: a/b\r\nAccept: c/d", (served(saw(accept="a/b, ?c/d")),)),
    ("own-list-in-two-lines", "9110 5.3", "should", b"X-A: b\r\nX-A: c", (served(saw(x_a="b, ?c")),)),
    ("cookie-in-two-lines", "9110 5.3", "may", b"Cookie: a=1\r\nCookie: b=2", (refused(400), served(saw(cookie="a=1[;,] ?b=2|b=2")))),
))

FIRST: tuple[Row, ...] = tuple(row(f"first.{name}", "9112 2.2", "must", head(b"GET /saw HTTP/1.1", *fields), *allow) for name, fields, allow in (
    # Whitespace before the first field: refused, or the lines that begin so are dropped.
    ("space", (b" X-A: b", HOST), (refused(400), served(saw(x_a=None)))),
    ("tab", (b"\tX-A: b", HOST), (refused(400), served(saw(x_a=None)))),
    ("two-lines", (b" X-A: b", b" X-B: c", HOST), (refused(400), served(saw(x_a=None, x_b=None)))),
    ("nothing-but-space", (b" ", HOST), (refused(400), served(saw()))),
    ("host", (b" Host: h",), (refused(400),)),
    ("version-behind", (b" HTTP/1.1", HOST), (refused(400), served(saw()))),
))

#: A field line that must not hide the length of the body that stands behind it, nor be a length itself.
LENGTHS_BEHIND: tuple[Row, ...] = (*(row(f"behind.{name}", "9112 6.3", "must", post(field, HIDING, body=HIDDEN), refused(400), *allow) for name, field, allow in (
    ("no-colon", b"X-A", ()),
    ("space-in-name", b"X A: 1", ()),
    ("empty-name", b": b", ()),
    ("latin-name", b"\xe9: b", ()),
    ("brackets", b"X[]: b", ()),
    ("nul-in-value", b"X-A: b\x00c", (HID,)),
    ("nul-in-name", b"X\x00: b", ()),
    ("cr", b"X-A: b\rc", (HID,)),
    ("cr-lf-cr", b"X-A: b\r\n\rX-B: c", (HID,)),
    ("cr-alone", b"\r", (HID,)),
    ("line-of-space", b"X-A: b\r\n ", (HID,)),
    ("fold", b"X-A: b\r\n c", (HID,)),
    ("form-feed", b"X-A: b\x0c", (HID,)),
    ("file-separator", b"X-A: b\x1c", (HID,)),
    ("next-line", b"X-A: b\x85", (HID,)),
    ("from-line", b"From x", ()),
    ("dash-line", b"--boundary", ()),
    ("defect", b"From: =?utf-8?q?a", (HID,)),
    ("multipart", b"Content-Type: multipart/mixed; boundary=a", (refused(400, after=""), HID)),  # no multipart is in it
    ("message", b"Content-Type: message/rfc822", (HID,)),
    ("underscored-coding", b"Transfer_Encoding: chunked", (HID,)),
    ("underscored-length", b"Content_Length: 5", (HID,)),
    ("te", b"TE: chunked", (HID,)),
    ("content-coding", b"Content-Encoding: chunked", (refused(415, 501), HID)),
)),
    row("behind.100-fields", "9110 5.4", "must", post(*[b"X-%d: a" % n for n in range(99)], HIDING, body=HIDDEN), REFUSED, HID),
    row("behind.101-fields", "9110 5.4", "must", post(*[b"X-%d: a" % n for n in range(101)], HIDING, body=HIDDEN), REFUSED, HID),
    row("behind.50-kb", "9110 5.4", "must", post(b"X-A: " + b"a" * 50000, HIDING, body=HIDDEN), REFUSED, HID),
    row("behind.65535-byte-line", "9110 5.4", "must", post(b"X-A: " + b"a" * 65530, HIDING, body=HIDDEN), REFUSED, HID),
    row("behind.200-kb", "9110 5.4", "must", post(b"X-A: " + b"a" * 200000, HIDING, body=HIDDEN), REFUSED),
)

MANY: tuple[Row, ...] = (
    row("many.99-fields", "9110 5.4", "should", get(*[b"X-%d: a" % n for n in range(97)], b"X-Last: z"), served(saw(x_last="z"))),
    row("many.101-fields", "9110 5.4", "must", get(*[b"X-%d: a" % n for n in range(100)], b"X-Last: z"), REFUSED, served(saw(x_last="z"))),
    row("many.1000-fields", "9110 5.4", "must", get(*[b"X-%d: a" % n for n in range(1000)], b"X-Last: z"), REFUSED, served(saw(x_last="z"))),
    row("many.20000-fields", "9110 5.4", "must", get(*[b"X-%d: a" % n for n in range(20000)]), REFUSED),
    row("many.4-kb-field", "9110 5.4", "should", get(b"X-A: " + b"a" * 4000), served(saw(x_a="a{4000}"))),
    row("many.64-kb-field", "9110 5.4", "must", get(b"X-A: " + b"a" * 65536), REFUSED, served(saw(x_a="a{65536}"))),
    row("many.1-mb-field", "9110 5.4", "must", get(b"X-A: " + b"a" * 1000000), REFUSED),
    row("many.1-mb-name", "9110 5.4", "must", get(b"a" * 1000000), REFUSED),
    row("many.200-kb-no-line-end", "9110 5.4", "must", head(b"GET /saw HTTP/1.1", HOST, b"X-A: " + b"a" * 200000).rstrip(), REFUSED),
    row("many.200-kb-of-lines-no-end", "9110 5.4", "must", head(b"GET /saw HTTP/1.1", HOST, *[b"X: a"] * 40000).rstrip() + CRLF, REFUSED),
    row("many.431", "6585 5", "may", get(b"X-A: " + b"a" * 200000), refused(431)),
    row("many.200-kb-of-folds", "9110 5.4", "must", get(b"X-A: b" + b"\r\n c" * 50000), REFUSED),
)

#: Lines that end in LF alone MAY be accepted; the empty line, too.
LINE_ENDS: tuple[Row, ...] = (
    row("lf.whole-head", "9112 2.2", "may", head(b"GET /saw HTTP/1.1", HOST, end=b"\n"), refused(400), dropped(), served(saw())),
    row("lf.request-line", "9112 2.2", "may", b"GET /saw HTTP/1.1\nHost: h\r\n\r\n", refused(400), served(saw())),
    row("lf.empty-line", "9112 2.2", "may", b"GET /saw HTTP/1.1\r\nHost: h\r\n\n", refused(400), dropped(), served(saw())),
    row("lf.before-empty-line", "9112 2.2", "may", b"GET /saw HTTP/1.1\r\nHost: h\n\r\n", refused(400), dropped(), served(saw())),
    row("lf.crcrlf", "9112 2.2", "must", head(b"GET /saw HTTP/1.1", HOST, end=b"\r\r\n"), refused(400), dropped(), served(saw())),
    row("lf.cr-only-head", "9112 2.2", "must", head(b"GET /saw HTTP/1.1", HOST, end=b"\r") + b"\r\n\r\n", refused(400, 505)),
    row("lf.length", "9112 2.2", "may", b"POST /saw HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello" + NEXT, refused(400),
        served(saw("hello"), NEXT_SEEN)),
    row("lf.hides-a-coding", "9112 6.1", "must", post(b"X-A: b\nTransfer-Encoding: chunked", HELLO, body=b"0\r\n\r\n" + HIDDEN),
        refused(400), Outcome((reply(200),), "closed", (saw(""),))),
    row("lf.hides-a-length", "9112 6.3", "must", post(b"X-A: b\nContent-Length: 5", body=b"hello" + NEXT), refused(400),
        served(saw("hello"), NEXT_SEEN)),
    row("lf.cr-hides-a-coding", "9112 2.2", "must", post(b"X-A: b\rTransfer-Encoding: chunked", HELLO, body=b"0\r\n\r\n"), refused(400),
        served(saw("0\r\n\r\n"))),
    row("lf.case-of-length", "9110 5.1", "must", post(b"cONTENT-lENGTH: 5", body=b"hello"), WHOLE),
    row("lf.case-of-coding", "9110 5.1", "must", post(CHUNKED.swapcase(), body=CODED), WHOLE),
)

ROWS: tuple[Row, ...] = (*ONE, *FIRST, *LENGTHS_BEHIND, *MANY, *LINE_ENDS)
