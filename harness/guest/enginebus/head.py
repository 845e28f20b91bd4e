"""The head of a request: its line and its fields, read as RFC 9112 has them and in no other way.

The standard library's parser is that of mail: it ends a head at a line that is no field, and a line at a carriage return.
What it passes over, a proxy in front of this server may have taken for the length of a body.
"""
import re
import socket

from ._compat import to_native
from .errors import HTTPError
from .headers import TOKEN, HeaderMap

MAX_FIELDS = 100

_LINE = re.compile(("^(%s) ([^ ]*) HTTP/([0-9])\\.([0-9])$" % TOKEN).encode("ascii"))
_FIELD = re.compile(("^(%s):[ \\t]*([^\\x00-\\x08\\x0a-\\x1f\\x7f]*)$" % TOKEN).encode("ascii"))
_VERSION = re.compile(b"^HTTP/[0-9]\\.[0-9]$")
#: Host: a name or an IPv4 address, or an IPv6 address in brackets, and perhaps a port. RFC 9110, section 7.2.
_HOST = re.compile(r"^(?:(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+|\[([0-9A-Fa-f:.]+)\])(:[0-9]*)?$")
_ABSOLUTE = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)$")
_ASIDE = frozenset(("Content-Length", "Transfer-Encoding", "Host"))


class Head(object):
    """A request's head: method, path, query, protocol (major, minor), fields, and what they say of the connection."""

    def __init__(self, line):
        self.line = line  # as it was sent, for the log
        self.method = self.path = self.query = self.host = ""
        self.protocol = (1, 1)
        self.headers = HeaderMap()
        self.framing = {"Content-Length": [], "Transfer-Encoding": [], "Host": []}
        self.close = True
        self.expects = False

    @property
    def length(self):
        """The length of the body in bytes, None where no field gives it; raises HTTPError(400) for what is no length."""
        values = [value.strip(" \t") for field in self.framing["Content-Length"] for value in field.split(",")]
        if not values:
            return None
        # RFC 9112, section 6.3, item 5: a list of equal numbers may be taken as that number; anything else is refused.
        if len(set(values)) != 1 or not re.match(r"[0-9]+$", values[0]):
            raise HTTPError(400, "Content-Length must be one whole number.")
        digits = values[0].lstrip("0") or "0"
        return int(digits) if len(digits) < 19 else 10 ** 19  # as good as endless; int() of 5,000 digits is an error

    @property
    def chunked(self):
        """Whether the body is chunked; raises HTTPError for codings that this server cannot take off."""
        fields = self.framing["Transfer-Encoding"]
        if not fields:
            return False
        codings = [coding.strip(" \t").lower() for field in fields for coding in field.split(",")]
        codings = [coding for coding in codings if coding]
        if self.protocol < (1, 1):  # RFC 9112, section 6.1: the framing is faulty
            raise HTTPError(400, "HTTP/1.0 knows no Transfer-Encoding.")
        if self.framing["Content-Length"]:  # RFC 9112, section 6.3, item 3: an attempt to smuggle
            raise HTTPError(400, "A body is either chunked or has a length.")
        if codings == ["chunked"]:
            return True
        if codings and codings[-1] == "chunked" and "chunked" not in codings[:-1]:
            raise HTTPError(501, "The transfer coding %r is not known." % codings[0])  # section 6.1
        if codings and "chunked" not in codings and re.match(TOKEN + "$", codings[-1]) and codings[-1] not in (
                "identity", "gzip", "x-gzip", "deflate", "compress", "x-compress"):
            raise HTTPError(501, "The transfer coding %r is not known." % codings[-1])
        raise HTTPError(400, "The last transfer coding must be chunked, once.")  # section 6.3, item 4


def is_host(text, port=False):
    """Whether a text is a host, with a port where one is asked for (RFC 3986, section 3.2.2; IPvFuture is refused)."""
    match = _HOST.match(text)
    if match is None:
        return False
    number = (match.group(2) or ":")[1:]
    if (port and not number) or len(number) > 5 or int(number or 0) > 65535:
        return False
    if match.group(1):
        try:
            socket.inet_pton(socket.AF_INET6, match.group(1))
        except (socket.error, ValueError):
            return False
    return True


def parse_line(line, limit):
    """Parse a request line (bytes) into a Head without fields; raises HTTPError 400, 414, 505."""
    head = Head(to_native(line.decode("latin-1"), "latin-1"))
    if len(line) > limit:
        raise HTTPError(414, "The request's line is longer than %d bytes." % limit)
    match = _LINE.match(line)
    if match is None:
        parts = line.split(b" ")
        if len(parts) == 3 and _VERSION.match(parts[2]) is None and parts[2].upper().startswith(b"HTTP/"):
            raise HTTPError(400, "Malformed Request-Line: bad version.")
        raise HTTPError(400, "Malformed Request-Line.")
    method, target, major, minor = match.groups()
    head.protocol = (int(major), int(minor))
    head.method = to_native(method)
    if head.protocol[0] != 1:
        raise HTTPError(505, "This server speaks HTTP/1.1.")
    for byte in bytearray(target):
        if byte < 0x21 or byte == 0x7f:
            raise HTTPError(400, "Malformed Request-Line: a control character in the target.")
    _parse_target(head, to_native(target.decode("latin-1"), "latin-1"))
    return head


def _parse_target(head, target):
    """The four forms of RFC 9112, section 3.2."""
    if head.method == "CONNECT":
        if not is_host(target, port=True):
            raise HTTPError(400, "Invalid path in Request-URI: request-target must match authority-form.")
        head.path = target
        return
    if target == "*":
        if head.method != "OPTIONS":
            raise HTTPError(400, "Invalid path in Request-URI: only OPTIONS is for the server as a whole.")
        head.path = target
        return
    if "#" in target:
        raise HTTPError(400, "Illegal #fragment in Request-URI.")
    absolute = _ABSOLUTE.match(target)
    if absolute:
        scheme, head.host, target = absolute.groups()
        if scheme.lower() not in ("http", "https") or not is_host(head.host):
            raise HTTPError(400, "Invalid path in Request-URI: an absolute form needs http and a host.")
        if not target.startswith("/"):
            target = "/" + target
    if not target.startswith("/"):
        raise HTTPError(400, "Invalid path in Request-URI: it must begin with a slash.")
    head.path, _, head.query = target.partition("?")


def parse_fields(lines):
    """Return [(name, value)] of field lines (bytes, without line ends); raises HTTPError 400, 431."""
    if len(lines) > MAX_FIELDS:
        raise HTTPError(431, "There are more than %d header fields." % MAX_FIELDS)
    fields = []
    for line in lines:
        match = _FIELD.match(line)
        if match is None:  # no colon, a name that is none, a folded line, a control character: sections 5.1 and 5.2
            raise HTTPError(400, "Illegal header line.")
        fields.append((to_native(match.group(1)), to_native(match.group(2).rstrip(b" \t").decode("latin-1"), "latin-1")))
    return fields


def parse_head(block, line_limit):
    """Parse a head (bytes, up to but without its empty line) into a Head; raises HTTPError."""
    lines = block.split(b"\r\n")
    head = parse_line(lines[0], line_limit)
    headers = head.headers
    for name, value in parse_fields(lines[1:]):
        name = name.title()
        if name in _ASIDE:
            head.framing[name].append(value)
        if name in headers:
            value = headers[name] + ("; " if name == "Cookie" else ", ") + value
        headers[name] = value
    _check_host(head)
    options = [option.strip(" \t").lower() for option in headers.get("Connection", "").split(",")]
    head.close = "close" in options or (head.protocol < (1, 1) and "keep-alive" not in options)
    if "Expect" in headers and head.protocol >= (1, 1):
        for expectation in headers["Expect"].lower().split(","):  # RFC 9110, section 10.1.1
            head.expects = head.expects or expectation.strip(" \t") == "100-continue"
            if expectation.strip(" \t") not in ("", "100-continue"):
                raise HTTPError(417, "The expectation %r cannot be met." % headers["Expect"])
    return head


def _check_host(head):
    """RFC 9112, section 3.2: one Host, which is one; the target's own counts for more (section 3.2.2)."""
    hosts = head.framing["Host"]
    if len(hosts) > 1 or (not hosts and head.protocol >= (1, 1)):
        raise HTTPError(400, "HTTP/1.1 requires one Host header.")
    if hosts and hosts[0] and not is_host(hosts[0]):
        raise HTTPError(400, "The Host header is no host.")
    if head.host:
        head.headers["Host"] = head.host
    elif hosts:
        head.host = hosts[0]
