"""Parameters: from the request's path and query, and against the handler's signature."""
import re

from ._compat import signature_of, to_bytes, to_native, to_text, unquote_to_bytes
from .errors import HTTPError
from .forms import parse_pairs

#: Where a browser's user clicked on an image with ``ismap``: ``?223,114``.
_CLICK = re.compile(r"([0-9]{1,9}),([0-9]{1,9})$")


def parse_query(query, encoding):
    """Decode a query string to {name: text, or a list where repeated}.

    Raises HTTPError(404) for bytes that are not in the encoding: no resource has such a name.
    """
    click = _CLICK.match(query)
    if click:
        return {"x": int(click.group(1)), "y": int(click.group(2))}
    if not query:
        return {}
    try:
        return parse_pairs(to_bytes(query, "latin-1"), [encoding])
    except UnicodeError:
        raise HTTPError(404, "The given query string could not be processed. Query strings for this resource must be "
                             "encoded with %r." % encoding)


def path_segments(path):
    """Split a path and decode each segment, in that order: an encoded slash does not separate.

    Segments are native strings, as CherryPy hands them to handlers. A path that is not UTF-8 is read as ISO-8859-1.
    """
    segments = [unquote_to_bytes(to_bytes(segment, "latin-1")) for segment in path.split("/") if segment]
    try:
        return [to_native(segment.decode("utf-8")) for segment in segments]
    except UnicodeDecodeError:
        return [to_native(segment.decode("latin-1"), "utf-8") for segment in segments]


def check(handler, segments, query, body):
    """Compare what the client sent with what a handler takes; raises HTTPError where the client is wrong.

    ``segments`` are the positional arguments, ``query`` and ``body`` the
    names given there. The statuses are CherryPy's: a fault in the URL is 404,
    one in the body 400. What the client cannot be blamed for (a keyword-only
    parameter without default, a positional-only one) is left to the call, where it is a TypeError.
    Raises TypeError for a handler that cannot be called.
    """
    signature = signature_of(handler)
    by_path = signature.positional[:len(segments)]
    named = set(query) | set(body)
    missing = [
        name for name in signature.positional[len(segments):]
        if name not in named and name not in signature.optional and name not in signature.positional_only]
    if missing:
        raise HTTPError(404, "Missing parameters: %s" % ",".join(missing))
    if len(segments) > len(signature.positional) and not signature.varargs:
        raise HTTPError(404, "Nothing matches the given URI")
    nameable = set(signature.positional) - signature.positional_only
    _refuse("Multiple values for parameters: %s", set(by_path) & nameable, query, body)
    code = getattr(getattr(handler, "__func__", None), "__code__", None)
    if code is not None and code.co_argcount:  # ``self`` is taken, whatever it is called
        own = set(code.co_varnames[:1])
        _refuse("Unexpected query string parameters: %s", own, query, ())
        _refuse("Unexpected body parameters: %s", own, (), body)
    if not signature.varkw:
        taken = set(signature.positional) | signature.keyword_only
        _refuse("Unexpected query string parameters: %s", set(query) - taken, query, ())
        _refuse("Unexpected body parameters: %s", set(body) - taken, (), body)


def _refuse(message, names, query, body):
    """404 for names that came in the query, else 400 for names that came in the body."""
    for status, source in ((404, query), (400, body)):
        found = sorted(name for name in names if name in source)
        if found:
            raise HTTPError(status, message % to_text(", ".join(found)))
