"""Parameters: from the request's bytes, and against the handler's signature."""
from ._compat import signature_of, text_type, to_bytes, to_native, to_text, unquote_to_bytes
from .errors import HTTPError


def parse_fields(text):
    """Decode ``a=1&b=2``, as in a query or in a form body, to {name: text, or a list where repeated}.

    Raises HTTPError(400) for bytes that are not UTF-8.
    """
    fields = {}
    for pair in to_native(text, "latin-1").split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        add_field(fields, decode(name.replace("+", " ")), decode(value.replace("+", " ")))
    return fields


def add_field(fields, name, value):
    """Add a value under a name; a second one turns it into a list."""
    name = to_native(name)
    if name in fields:
        before = fields[name] if isinstance(fields[name], list) else [fields[name]]
        fields[name] = before + (value if isinstance(value, list) else [value])
    else:
        fields[name] = value


def decode(quoted):
    """Undo percent-encoding; raises HTTPError(400) for bytes that are not UTF-8."""
    try:
        return unquote_to_bytes(to_bytes(quoted, "latin-1")).decode("utf-8")
    except UnicodeDecodeError:
        raise HTTPError(400, "The request holds bytes that are not UTF-8.")


def path_segments(path):
    """Split a path and decode each segment, in that order: an encoded slash does not separate.

    Segments are native strings, as CherryPy hands them to handlers.
    """
    return [to_native(decode(segment)) for segment in path.split("/") if segment]


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
    if not signature.varkw:
        taken = set(signature.positional) | signature.keyword_only
        _refuse("Unexpected query string parameters: %s", set(query) - taken, query, ())
        _refuse("Unexpected body parameters: %s", set(body) - taken, (), body)


def _refuse(message, names, query, body):
    """404 for names that came in the query, else 400 for names that came in the body."""
    for status, source in ((404, query), (400, body)):
        found = sorted(name for name in names if name in source)
        if found:
            raise HTTPError(status, message % to_text(", ".join(to_native(text_type(n)) for n in found)))
