"""The body of a request as a handler sees it: forms become parameters, files stay files."""
import codecs
import io
import re
import tempfile

from ._compat import to_bytes, to_native, unquote_to_bytes
from .errors import HTTPError
from .headers import HeaderMap, header_elements

MAX_LINE = 65536  # bytes that are read at a time
MAX_HEADER = 4096  # bytes of a field of a part
MAX_PARTS = 1000
MAX_MEMORY = 1000000  # bytes of a part beyond which it goes to a temporary file

#: Encodings of text. Python has others: on 2.7 "zlib" makes gigabytes of a small body, "utf-7" hides what a filter looks for.
_CHARSET = re.compile(r"(ascii|utf-8(-sig)?|utf-(16|32)(-[bl]e)?|iso8859-[0-9]+|cp125[0-9]|koi8-[ru]|euc_(jp|kr)|shift_jis|gbk|gb2312|gb18030|big5)$")
_BOUNDARY = re.compile(r"^[ -~]{0,200}[!-~]$")  # RFC 2046, section 5.1.1, and somewhat more
_PARAMETER = re.compile(r';\s*([\w*]+)\s*=\s*(?:"((?:[^"\\]|\\.|"(?!\s*(?:;|$)))*)"|([^;]*))')


def add_field(fields, name, value):
    """Add a value under a name; a second one turns it into a list."""
    name, values = to_native(name), value if isinstance(value, list) else [value]
    if name not in fields:
        fields[name] = list(value) if isinstance(value, list) else value
    elif isinstance(fields[name], list):
        fields[name].extend(values)  # in place: a name that comes 100,000 times would be copied as often
    else:
        fields[name] = [fields[name]] + values


def parse_pairs(data, charsets):
    """Decode ``a=1&b=2`` (bytes) with the first charset that fits: {name: text, or a list where repeated}.

    Raises UnicodeError where none does.
    """
    pairs = []
    for pair in data.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            pairs.append((unquote_to_bytes(name.replace(b"+", b" ")), unquote_to_bytes(value.replace(b"+", b" "))))
    fields = {}
    for name, value in _decoded(pairs, charsets):
        add_field(fields, name, value)
    return fields


def _decoded(pairs, charsets):
    for charset in charsets:
        try:
            if not _CHARSET.match(codecs.lookup(charset).name):
                continue
            return [(name.decode(charset), value.decode(charset)) for name, value in pairs]
        except (UnicodeError, LookupError):  # a charset that this Python does not know fits nothing
            continue
    raise UnicodeError("none of %r" % (charsets,))


class Entity(object):
    """A body and the fields that describe it; ``params`` are those of a form, once it has been processed."""

    def __init__(self, fp, headers, length=None):
        self.fp = fp
        self.headers = headers
        self.length = length
        elements = header_elements("Content-Type", headers.get("Content-Type"))
        self.content_type = elements[0] if elements else None
        self.params = {}
        self.parts = []
        self.read = fp.read
        self.readline = fp.readline

    def __iter__(self):
        return iter(self.fp)

    @property
    def kind(self):
        """The media type in lower case, without parameters."""
        return self.content_type.value.lower() if self.content_type else ""

    @property
    def charsets(self):
        """What its text may be in: the charset that it names, or UTF-8."""
        named = self.content_type.params.get("charset") if self.content_type else None
        return [named] if named else ["utf-8"]

    def process(self):
        """Read a form into ``params``; a body of another type is left to the handler.

        Raises HTTPError 400 for a form that cannot be decoded, 413 for one with too many parts.
        """
        if self.kind == "application/x-www-form-urlencoded":
            try:
                self.params = parse_pairs(self.read(), self.charsets)
            except UnicodeError:
                raise HTTPError(400, "The request entity could not be decoded. The following charsets were attempted: %r"
                                % (self.charsets,))
        elif self.kind.startswith("multipart/"):
            self._multipart()

    def _multipart(self):
        boundary = self.content_type.params.get("boundary", "")
        if not _BOUNDARY.match(boundary):
            raise HTTPError(400, "Invalid boundary in multipart form: %r" % boundary)
        reader = _Parts(self.fp, to_bytes(boundary, "latin-1"))
        for part in reader:
            if len(self.parts) >= MAX_PARTS:
                raise HTTPError(413, "The form has more than %d parts." % MAX_PARTS)
            self.parts.append(part)
            if self.kind == "multipart/form-data" and part.name:
                add_field(self.params, part.name, part if part.filename is not None else part.text())


class Part(object):
    """A part of a form: ``name``, ``filename`` (None: a field), ``file``, ``headers``."""

    def __init__(self, headers):
        self.headers = headers
        self.file = io.BytesIO()
        disposition = _disposition(headers.get("Content-Disposition", ""))
        self.name = disposition.get("name")
        self.filename = disposition.get("filename")
        elements = header_elements("Content-Type", headers.get("Content-Type"))
        self.content_type = elements[0] if elements else None
        self._size = 0

    def write(self, data):
        """Take more of its content; what is large goes to a file that has no name."""
        self._size += len(data)
        if self._size > MAX_MEMORY and isinstance(self.file, io.BytesIO):
            content, self.file = self.file.getvalue(), tempfile.TemporaryFile()
            self.file.write(content)
        self.file.write(data)

    @property
    def charsets(self):
        """What its text may be in (RFC 7578, section 5.1.2, and what browsers send)."""
        named = self.content_type.params.get("charset") if self.content_type else None
        return [named] if named else ["us-ascii", "utf-8"]

    def text(self):
        """The content as text; raises HTTPError(400) where it is not in a charset that it may be in."""
        content = self.file.read()
        try:
            return _decoded([(content, b"")], self.charsets)[0][0]
        except UnicodeError:
            raise HTTPError(400, "The request entity could not be decoded. The following charsets were attempted: %r"
                            % (self.charsets,))


class _Parts(object):
    """Iterates over the parts of a multipart body (RFC 2046, section 5.1)."""

    def __init__(self, fp, boundary):
        self._fp = fp
        self._marker = b"--" + boundary
        self._last = False

    def _line(self, limit=MAX_LINE):
        line = self._fp.readline(limit)
        if not line:
            raise HTTPError(400, "The form ends before its last boundary.")
        return line

    def _is_boundary(self, line):
        word = line.rstrip(b" \t\r\n")
        self._last = word == self._marker + b"--"
        return self._last or word == self._marker

    def __iter__(self):
        while not self._is_boundary(self._line()):
            continue  # a preamble, which is nobody's
        while not self._last:
            part = Part(self._headers())
            held = b""  # the line end before a boundary belongs to the boundary
            begins = True
            while True:
                line = self._line()
                if begins and self._is_boundary(line):
                    break
                begins = line.endswith(b"\n")
                if held == b"\r" and line == b"\n":  # one line end, which two reads have cut
                    held = b"\r\n"
                    continue
                part.write(held)
                held = line[-2:] if line.endswith(b"\r\n") else line[-1:] if line.endswith((b"\n", b"\r")) else b""
                part.write(line[:len(line) - len(held)])
            part.file.seek(0)
            yield part

    def _headers(self):
        headers = HeaderMap()
        for _ in range(102):  # with the empty line behind them
            line = self._line(MAX_HEADER)
            if line in (b"\r\n", b"\n"):
                return headers
            name, colon, value = line.partition(b":")
            if not colon or not line.endswith(b"\n"):
                raise HTTPError(400, "A part of the form has a malformed header.")
            headers[to_native(name.strip().decode("latin-1"))] = _header_text(value.strip())
        raise HTTPError(400, "A part of the form has more than 101 lines of headers.")


def _header_text(value):
    """Browsers send names of fields and files in the form's own encoding, as raw bytes (RFC 7578, section 5.1)."""
    try:
        return to_native(value.decode("utf-8"))
    except UnicodeDecodeError:
        return to_native(value.decode("latin-1"))


def _disposition(text):
    """The parameters of a Content-Disposition; browsers do not always escape a quote within a name."""
    found = {}
    for name, quoted, plain in _PARAMETER.findall(text):
        found[name.lower()] = re.sub(r'\\(["\\])', r"\1", quoted) if quoted else plain.strip()
    extended = found.pop("filename*", None)
    if extended and extended.count("'") >= 2:  # RFC 8187
        charset, _, name = extended.split("'", 2)
        try:
            found["filename"] = to_native(unquote_to_bytes(to_bytes(name)).decode(charset or "utf-8"))
        except (UnicodeError, LookupError):
            found.setdefault("filename", name)
    return found

