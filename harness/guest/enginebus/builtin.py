"""The small tools: slashes, types, methods, JSON, fields."""
import json

from ._compat import text_type, to_bytes
from .errors import HTTPError, HTTPRedirect
from .serving import serving


def trailing_slash(missing=True, extra=False, status=None):
    """Send a client on where an index lacks its slash (links in its page would not work), or a page has one too many."""
    request = serving.request
    path = request.path_info
    if request.is_index is True and missing and not path.endswith("/"):
        path += "/"
    elif request.is_index is False and extra and path.endswith("/") and path != "/":
        path = path[:-1]
    else:
        return
    query = "?" + request.query_string if request.query_string else ""
    # An absolute URL: a path that begins with two slashes would name another host.
    raise HTTPRedirect(request.base + request.script_name + path + query, status or 301)


def accept(media=None):
    """Return which of the offered types the client wants most; raises HTTPError(406) where it accepts none.

    ``media`` is a type, or several in the server's own order. The most specific range that fits a type tells how much
    that type is wanted, so that ``text/*, text/json;q=0`` excludes one. RFC 9110, section 12.5.1.
    """
    if not media:
        return None
    offered = [media] if isinstance(media, (str, text_type)) else list(media)
    ranges = serving.request.headers.elements("Accept")
    if not ranges:
        return offered[0]
    best = None
    for place, kind in enumerate(offered):
        fitting = [(_specificity(each.value, kind), each.qvalue) for each in ranges if _specificity(each.value, kind)]
        if fitting:
            specificity, wanted = max(fitting)
            rank = (wanted, specificity, -place)
            if wanted and (best is None or rank > best[0]):
                best = (rank, kind)
    if best is None:
        sent = serving.request.headers.get("Accept")
        raise HTTPError(406, "Your client sent this Accept header: %s. But this resource only emits these media types: %s."
                        % (sent, ", ".join(offered)))
    return best[1]


def _specificity(wanted, kind):
    """How closely a media range fits a type: 0 not at all, 1 as ``*/*``, 2 as ``type/*``, 3 exactly."""
    wanted, kind = wanted.lower(), kind.lower()
    if wanted == kind:
        return 3
    if wanted.endswith("/*") and kind.startswith(wanted[:-1]) and wanted != "*/*":
        return 2
    return 1 if wanted in ("*/*", "*") else 0


def allow(methods=None):
    """Answer 405 to a method that is not among these (default GET and HEAD), and name them in any case."""
    named = [methods] if isinstance(methods, (str, text_type)) else list(methods or ("GET", "HEAD"))
    named = [method.upper() for method in named]
    if "GET" in named and "HEAD" not in named:
        named.append("HEAD")
    serving.response.headers["Allow"] = ", ".join(named)
    if serving.request.method not in named:
        raise HTTPError(405)


def json_in(content_type=("application/json", "text/javascript"), force=True):
    """Read a body of these types as JSON into ``request.json``; 415 to any other, unless ``force`` is off.

    Raises HTTPError 400 for what is no JSON.
    """
    request = serving.request
    if not request.process_request_body:
        return
    kinds = [content_type] if isinstance(content_type, (str, text_type)) else content_type
    if request.body.kind not in kinds:
        if force:
            raise HTTPError(415, "Expected an entity of content type %s" % ", ".join(kinds))
        return
    if request.body.length is None:
        raise HTTPError(411)
    try:
        request.json = json.loads(request.body.read().decode("utf-8"), parse_int=_integer)
    except (ValueError, RuntimeError):  # the latter: lists within lists, without end
        raise HTTPError(400, "Invalid JSON document")
    request.process_request_body = False


def _integer(digits):
    """A number of JSON; the time that a long one takes grows with its square (CVE-2020-10735)."""
    if len(digits) > 4300:
        raise ValueError("a number of %d digits" % len(digits))
    return int(digits)


def json_out(content_type="application/json"):
    """Send what the handler returns as JSON."""
    request = serving.request
    inner = request.handler
    if inner is None:
        return

    def as_json():
        return to_bytes(json.dumps(inner()))

    request.handler = as_json
    if content_type:
        serving.response.headers["Content-Type"] = content_type


def response_headers(headers=None):
    """Set fields of the response: a list of (name, value)."""
    serving.response.headers.update(headers or ())


def err_redirect(url="", internal=False):
    """Send the client of a failing handler to another page, and not an error."""
    if internal:
        raise ValueError("tools.err_redirect.internal: this server has no internal redirects")
    raise HTTPRedirect(url)


def params(error=400, exception=ValueError):
    """Convert parameters by the annotations of the handler; one that cannot be converted is an HTTPError."""
    request = serving.request
    annotations = getattr(getattr(request.handler, "callable", None), "__annotations__", {})
    for name in set(annotations) & set(request.params):
        try:
            request.params[name] = annotations[name](request.params[name])
        except exception as problem:
            if error is None:
                raise
            raise HTTPError(error, str(problem))
