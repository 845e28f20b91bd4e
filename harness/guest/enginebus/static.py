"""Files: the tools ``staticdir`` and ``staticfile``, and ``serve_file`` for handlers."""
import mimetypes
import os
import re
import stat
import time
import unicodedata

from ._compat import fsencode, quote, to_bytes, to_native, to_text, unquote_to_bytes
from .conditional import FileBody, close, serve_ranges, validate
from .errors import HTTPError, HTTPRedirect, NotFound
from .headers import http_date
from .serving import serving

mimetypes.init()
_TYPES = dict(mimetypes.types_map)
_TYPES.update({".bz2": "application/x-bzip2", ".dwg": "image/x-dwg", ".gz": "application/x-gzip", ".ico": "image/x-icon"})


def serve_file(path, content_type=None, disposition=None, name=None, debug=False):
    """Answer with a file; ``disposition`` ("attachment") and ``name`` make a Content-Disposition (RFC 6266).

    Raises ValueError for a relative path, and NotFound for what is no regular file: a FIFO would block the thread for ever,
    a device would never end.
    """
    if not os.path.isabs(path):
        raise ValueError("%r is not an absolute path." % (path,))
    try:
        source = open(path, "rb") if stat.S_ISREG(os.stat(path).st_mode) else None
    except (EnvironmentError, TypeError, ValueError):  # the latter two: a NUL, on Python 2.7 and 3
        source = None
    if source is None:
        raise NotFound()
    if content_type is None:
        content_type = _type_of(path)
    if name is None:
        name = os.path.basename(path)
    return serve_fileobj(source, content_type, disposition, name)


def _type_of(name, content_types=None):
    """The media type of a file's name: what the settings say, or the system; octets where nobody does (RFC 9110, 8.3)."""
    extension = os.path.splitext(to_text(name))[1].lower()
    return (content_types or {}).get(extension[1:]) or _TYPES.get(extension, "application/octet-stream")


def serve_fileobj(fileobj, content_type=None, disposition=None, name=None, debug=False):
    """Answer with an open file, or what can be read like one; of what cannot be sought in there are no ranges."""
    try:
        return _serve(fileobj, content_type, disposition, name)
    except Exception:
        close(fileobj)
        raise


def _serve(source, content_type, disposition, name):
    response, now = serving.response, time.time()
    try:
        found = os.fstat(source.fileno())
    except (AttributeError, EnvironmentError, ValueError):  # it is no file of the system: BytesIO, a member of a zip
        found = None
    if found is not None and stat.S_ISREG(found.st_mode):
        response.headers["Last-Modified"] = http_date(min(found.st_mtime, now))  # RFC 9110, section 8.8.2.1
        weak = "W/" if found.st_mtime > now - 1 else ""  # it can change again before the clock ticks: section 8.8.1
        response.headers.setdefault("ETag", '%s"%x-%x"' % (weak, int(found.st_mtime * 1000000), found.st_size))
    validate()
    if content_type is not None:
        response.headers["Content-Type"] = content_type
    if disposition is not None:
        response.headers["Content-Disposition"] = _disposition(disposition, name)
    try:
        source.seek(0, os.SEEK_END)
        length = source.tell()
    except (AttributeError, EnvironmentError, ValueError):
        response.body = FileBody(source)
        return response.body
    return serve_ranges(source, length)


def _disposition(disposition, name):
    """The value of Content-Disposition: the name in ASCII, and as it is where that is not the same (RFC 6266, appendix D)."""
    if name is None:
        return disposition
    name = to_text(name)
    plain = to_native(unicodedata.normalize("NFKC", name).encode("ascii", "ignore"))
    plain = re.sub(r"[\x00-\x1f\x7f]", "", plain)
    value = '%s; filename="%s"' % (disposition, re.sub(r'(["\\])', r"\\\1", plain))
    return value if plain == name else value + "; filename*=UTF-8''" + quote(to_bytes(name))


def serve_download(path, name=None):
    """Answer with a file that the browser saves."""
    return serve_file(path, "application/x-download", "attachment", name)


def _serves(match):
    """Whether a static tool is for this request: others than GET and HEAD are left to the handlers."""
    request = serving.request
    path = to_native(unquote_to_bytes(to_bytes(request.path_info, "latin-1")).decode("utf-8", "replace"))
    return request.method in ("GET", "HEAD") and not (match and not re.search(match, path))


def _attempt(path, content_type):
    """Answer with a file where it is one; what is none is left to the handlers."""
    try:
        serve_file(path, content_type)
    except NotFound:
        return False
    return True


def absolute(path, root):
    """A folder or file of a tool's settings, below ``root`` where it is relative; raises ValueError without a root."""
    path = os.path.expanduser(path)
    if os.path.isabs(path):
        return path
    if not root:
        raise ValueError("%r is not absolute: a static tool needs an absolute path, or a root." % (path,))
    return os.path.join(root, path)


def staticdir(section, dir, root="", match="", content_types=None, index="", debug=False):
    """The tool ``staticdir``: answer with the file of a folder that the path names; True where there is one.

    ``section`` is the path at which the tool is set, ``match`` a pattern that the path must have, ``content_types`` are types
    by extension, and ``index`` is the file that answers for a folder. Raises HTTPError(403) for what is not in the folder.
    """
    if not _serves(match):
        return False
    request = serving.request
    segments = [part for part in to_bytes(request.path_info, "latin-1").split(b"/") if part]
    branch = unquote_to_bytes(b"/".join(segments[len(section.strip("/").split("/")) if section.strip("/") else 0:]))
    base = os.path.realpath(fsencode(absolute(dir, root)))
    if b"\0" in branch:
        return False
    path = _inside(base, os.path.join(base, branch))
    if not os.path.isdir(path):
        return not request.path_info.endswith("/") and _attempt(path, _type_of(branch, content_types))
    path = _inside(base, os.path.join(path, fsencode(index))) if index else path
    if not os.path.isfile(path):
        return False
    if not request.path_info.endswith("/"):  # the links of the page are relative to the folder: cherrypy/cherrypy#895
        query = "?" + request.query_string if request.query_string else ""
        raise HTTPRedirect(request.base + request.script_name + request.path_info + "/" + query, 301)
    return _attempt(path, _type_of(index, content_types))


def _inside(base, path):
    """The real path of a file, if that is in the folder ``base``.

    One question answers for "..", however it was encoded, for absolute paths, for drive letters, and for symbolic links that
    lead out (CWE-22, CWE-59): a folder that is served must not give away what somebody else links to from it.
    """
    path = os.path.realpath(path)
    if path != base and not path.startswith(base.rstrip(fsencode(os.sep)) + fsencode(os.sep)):
        raise HTTPError(403)
    return path


def staticfile(filename, root=None, match="", content_types=None, debug=False):
    """The tool ``staticfile``: answer with one file; True where it is there."""
    return _serves(match) and _attempt(absolute(filename, root), _type_of(filename, content_types))
