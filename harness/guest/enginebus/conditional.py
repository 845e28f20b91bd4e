"""Conditional requests (RFC 9110, sections 8.8 and 13) and ranges of bytes (section 14)."""
import hashlib
import re
import time
import uuid

from ._compat import text_type, to_bytes
from .errors import HTTPError, HTTPRedirect, valid_status
from .headers import parse_date
from .serving import serving

#: More ranges in one request are ignored: CVE-2011-3192, cherrypy/cherrypy#1290; RFC 9110, section 14.2, allows it.
MAX_RANGES = 16

BLOCK = 65536  # bytes of a file that are in memory at a time

#: Handlers have sent tags without their quotes for long, and clients send back what they got.
_ENTITY_TAG = re.compile(r'(?:W/)?"[^"]*"|[^",\s]+')
_RANGE = re.compile(r"[ \t]*([0-9]*)[ \t]*-[ \t]*([0-9]*)[ \t]*$")


def tag_matches(tag, field, strong=False):
    """Whether an entity tag is among those of a field; the strong comparison wants tags that are not weak (section 8.8.3.2)."""
    if field.strip() == "*":
        return True
    if not tag or (strong and tag.startswith("W/")):
        return False
    tags = _ENTITY_TAG.findall(field)
    return tag in tags if strong else _opaque(tag) in [_opaque(other) for other in tags]


def _opaque(tag):
    return tag[2:] if tag.startswith("W/") else tag


def validate():
    """Weigh the request's conditions against ETag and Last-Modified of the response, in the order of section 13.2.2.

    Raises HTTPError(412), or HTTPRedirect with 304. A response that is no success is not weighed (section 13.2.1). What a
    handler has done already is not undone: one that changes something must ask before.
    """
    request, response = serving.request, serving.response
    if not 200 <= valid_status(response.status)[0] <= 299 or request.method in ("CONNECT", "OPTIONS", "TRACE"):
        return
    ask, tag, modified = request.headers.get, response.headers.get("ETag"), parse_date(response.headers.get("Last-Modified"))
    reads = request.method in ("GET", "HEAD")
    if ask("If-Match") is not None:
        if not tag_matches(tag, ask("If-Match"), strong=True):
            raise HTTPError(412, "If-Match failed: the entity tag is %s." % (tag or "not known"))
    elif _since(ask("If-Unmodified-Since"), modified) is False:
        raise HTTPError(412, "If-Unmodified-Since failed.")
    if ask("If-None-Match") is not None:
        if tag_matches(tag, ask("If-None-Match")):
            if reads:
                raise HTTPRedirect("", 304)
            raise HTTPError(412, "If-None-Match failed: the entity tag is %s." % (tag or "not known"))
    elif reads and _since(ask("If-Modified-Since"), modified):
        raise HTTPRedirect("", 304)


def _since(field, modified):
    """Whether what was last modified then is unmodified since a date; None where one of them is no date."""
    since = parse_date(field)
    return None if since is None or modified is None else modified <= since


def validate_etags(autotags=False, debug=False):
    """The tool ``etags``: weigh the conditions; ``autotags`` makes an entity tag of a body that has none."""
    response = serving.response
    if autotags and "ETag" not in response.headers and valid_status(response.status)[0] == 200 and not response.stream:
        body = response.body
        if not isinstance(body, bytes):
            response.body = to_bytes(body) if isinstance(body, text_type) else b"".join(to_bytes(part) for part in body or ())
            close(body)
        response.headers["ETag"] = '"%s"' % hashlib.sha256(response.body).hexdigest()[:32]
    validate()


def get_ranges(field, length):
    """The (start, stop) of each range of a Range field that can be had, as in a slice.

    None says that the field is to be ignored: there is none, it is malformed, its unit is not known, or it asks for more than
    there is, in many or overlapping ranges. An empty list says 416.
    """
    unit, _, ranges = (field or "").partition("=")
    items = [item for item in ranges.split(",") if item.strip()]
    if unit.strip().lower() != "bytes" or not 0 < len(items) <= MAX_RANGES or not length:
        return None
    found = []
    for item in items:
        match = _RANGE.match(item)
        first, last = match.groups() if match else ("", "")
        if not first and not last:
            return None
        if not first:
            start, stop = max(length - _number(last), 0), length
        else:
            start, stop = _number(first), min(_number(last) + 1, length) if last else length
            if last and _number(last) < start:
                return None
        if start < length:
            found.append((start, stop))
    return found if sum(stop - start for start, stop in found) <= length else None


def _number(digits):
    """A number; one that no file has bytes for is as good as endless: int() of 5,000 digits is an error."""
    digits = digits.lstrip("0")
    return int(digits or 0) if len(digits) < 19 else 10 ** 19


def _range_is_meant(request, headers):
    """Whether Range counts: for GET, since HTTP/1.1, for what is no error, and where If-Range fits (section 13.1.5)."""
    if request.method != "GET" or request.protocol < (1, 1) or valid_status(serving.response.status)[0] != 200:
        return False
    field, modified = request.headers.get("If-Range"), headers.get("Last-Modified")
    if field is None:
        return True
    date = parse_date(field)
    if date is None:
        return field.strip() != "*" and tag_matches(headers.get("ETag"), field, strong=True)
    return date == parse_date(modified) and date < int(time.time())  # of this second it is a weak validator: section 8.8.2.2


def serve_ranges(source, length):
    """Make the part of a file that the client asks for the body of the response: 200, 206, or HTTPError(416) is raised.

    ``source`` can be read and sought in; the headers that describe it are set already.
    """
    request, response = serving.request, serving.response
    headers = response.headers
    headers["Accept-Ranges"] = "bytes"
    ranges = get_ranges(request.headers.get("Range"), length) if _range_is_meant(request, headers) else None
    if ranges == []:
        headers["Content-Range"] = "bytes */%d" % length
        raise HTTPError(416, "Invalid Range (first-byte-pos greater than Content-Length)")
    pieces = [(b"", 0, length)]
    if ranges:
        response.status = 206
        named = ["bytes %d-%d/%d" % (start, stop - 1, length) for start, stop in ranges]
        pieces = [(b"", start, stop) for start, stop in ranges]
        if len(ranges) == 1:
            headers["Content-Range"] = named[0]
        else:  # section 14.6
            boundary = uuid.uuid4().hex
            part = "\r\n--%s\r\nContent-type: %s\r\nContent-range: %%s\r\n\r\n" % (boundary, headers["Content-Type"])
            pieces = [(to_bytes(part % name), start, stop) for name, (start, stop) in zip(named, ranges)]
            pieces.append((to_bytes("\r\n--%s--\r\n" % boundary), 0, 0))
            headers["Content-Type"] = "multipart/byteranges; boundary=" + boundary
    headers["Content-Length"] = str(sum(len(head) + stop - start for head, start, stop in pieces))
    response.body = FileBody(source, pieces)
    return response.body


class FileBody(object):
    """A file, or pieces of it (what goes before, start, stop), block by block; ``close()`` closes the file."""

    def __init__(self, source, pieces=None):
        self.input = source
        self._pieces = pieces

    def __iter__(self):
        if self._pieces is None:
            for block in iter(lambda: self.input.read(BLOCK), b""):
                yield block
            return
        for head, start, stop in self._pieces:
            if head:
                yield head
            if start < stop:
                self.input.seek(start)
            while start < stop:
                block = self.input.read(min(BLOCK, stop - start))
                if not block:  # it was cut meanwhile: the server sees that the length is not reached
                    return
                start += len(block)
                yield block

    def close(self):
        """Close the file."""
        close(self.input)


def close(body):
    """Close a body that can be closed: a file, a generator."""
    if hasattr(body, "close"):
        body.close()
