"""The body of a request: its length, its codings and its chunks (RFC 9112, sections 6 and 7)."""

import re
import unicodedata

from right_wire_ways import Refused, wrong

MOST_BODY, MOST_SIZE_LINE = 2_000_000, 4096


def framing(head):
    """How the body is delimited: ("length", n) or ("chunks", 0); Refused where it is not."""
    lines = head.values("transfer-encoding")
    codings = [part.strip(" \t") for value in lines for part in value.split(",")]
    if not wrong("coding-case"):
        codings = [coding.lower() for coding in codings]
    if not wrong("coding-empty-members"):
        codings = [coding for coding in codings if coding]
    lengths = head.values("content-length")
    if (wrong("identity-means-none") and "identity" in codings) or (wrong("two-codings-mean-none") and len(lines) > 1):
        return "length", 0
    if wrong("chunked-anywhere") and "chunked" in "".join(lines):
        codings = ["chunked"]
    if wrong("unknown-coding-ignored") and "chunked" not in codings:
        lines = []
    if lines and wrong("length-beats-coding") and lengths:
        return "length", int(lengths[0])
    if lines:
        if codings != ["chunked"]:
            raise Refused(501)
        if (lengths and not wrong("both-kept")) or (head.minor == 0 and not wrong("keeps-1.0-chunks")):
            raise Refused
        return "chunks", 0
    if wrong("underscore-length"):
        lengths = head.values("content_length") or lengths
    return "length", length_of(lengths) if lengths else 0


def length_of(lines):
    """The number that all lines of Content-Length say."""
    if wrong("first-length"):
        lines = lines[:1]
    if wrong("lists-mean-none") and (len(lines) > 1 or "," in lines[0]):
        return 0
    text = lines[0]
    if wrong("length-first-of-list"):
        text = text.split(",")[0]
    if len(lines) > 1:
        raise Refused
    if wrong("length-first-word"):
        text = text.split(" ")[0]
    if wrong("length-leading-digits"):
        text = re.match("[0-9]*", text)[0]
    if wrong("length-empty") and not text:
        return 0
    if wrong("length-by-digit") and text.isdigit() and not text.isdecimal():
        return int(unicodedata.digit(text))
    if wrong("length-by-int") or wrong("length-base-0"):
        return abs(int(text, 0 if wrong("length-base-0") else 10))
    if not re.fullmatch("[0-9]+", text, re.ASCII) or (wrong("noughts-refused") and text[0] == "0"):
        raise Refused
    if len(text) > 4000:
        raise Refused(500 if wrong("long-length-500") else 413)
    length = int(text)
    if wrong("length-wraps"):
        length &= 2**64 - 1
    if length > MOST_BODY:
        raise Refused(413)
    return length


def read_body(source, head, kind, length):
    """The body's bytes; Gone where the client has gone before its end."""
    if kind == "length":
        return source.bytes(length)
    if wrong("ends-at-the-first-0"):
        while b"0\r\n\r\n" not in source.data:
            source.more()
        body, _, source.data = source.data.partition(b"0\r\n\r\n")
        return body
    body = b""
    while size := chunk_size(source):
        body += source.bytes(size)
        end_of_data(source)
        if len(body) > MOST_BODY:
            raise Refused(413)
    if size is None or wrong("no-trailer-section"):
        return body
    if wrong("cut-is-whole") and not source.data:
        return body
    read_trailers(source, head)
    return body


def chunk_size(source):
    """The size of the next chunk; None, in one way, where there is none."""
    if wrong("cut-is-whole") and not source.data:
        return 0
    if wrong("lf-ends-sizes"):
        source.data = re.sub(rb"\A([^\r\n]*)\n", rb"\1\r\n", source.data)
    line = source.line(2_000_000 if wrong("long-extensions") else MOST_SIZE_LINE, 413)
    size, mark, _extension = line.partition(b";")
    if b"\r" in line and not wrong("cr-in-extensions"):
        raise Refused
    if mark and wrong("no-extensions"):
        raise Refused
    if wrong("empty-size-ends") and not line:
        return None
    if wrong("size-leading-digits"):
        size = re.match(b"[0-9a-fA-F]*", size)[0]
    text = size.decode("latin-1")
    if wrong("size-by-int"):
        return abs(int(text, 16))
    if wrong("size-by-digit") and text.isdigit() and not text.isdecimal():
        return int(unicodedata.digit(text))
    if wrong("decimal-sizes"):
        return int(text)
    if not re.fullmatch("[0-9a-fA-F]+[ \t]*", text):
        raise Refused
    number = int(text, 16)
    if wrong("size-wraps"):
        number &= 2**64 - 1
    if number > MOST_BODY:
        raise Refused(413)
    return number


def end_of_data(source):
    """The CRLF behind a chunk's data."""
    if wrong("skips-to-a-line-end"):
        source.line(MOST_SIZE_LINE, 400)
    elif wrong("line-end-optional") and not source.data.startswith(b"\r\n"):
        return
    elif source.bytes(2) != b"\r\n" and not wrong("any-two-bytes") and not wrong("cut-is-whole"):
        raise Refused


def read_trailers(source, head):
    """The trailer section: checked, and thrown away."""
    while line := source.line(MOST_SIZE_LINE, 431):
        name, colon, value = line.partition(b":")
        if not colon or wrong("no-trailers"):
            raise Refused
        if wrong("trailers-stay"):
            source.left.append((name.decode("latin-1").lower(), value.strip().decode("latin-1")))
        if wrong("merges-trailers"):
            known = name.decode("latin-1").lower()
            head.fields = [field for field in head.fields if field[0] != known] + [(known, value.strip().decode("latin-1"))]
