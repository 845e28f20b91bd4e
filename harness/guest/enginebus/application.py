"""An application: an object tree under a prefix, and the way from a request to a response."""
import sys
import traceback

from ._compat import text_type, to_bytes
from .dispatch import attribute_name, check_trailing_slash, find_handler
from .errors import SERVER_ERROR, HTTPError, HTTPRedirect, NotFound, error_page, reason_of
from .params import add_field, check, parse_fields
from .serving import Response, serving


def expose(function=None, alias=None):
    """Mark a function or a class as reachable for clients; usable with and without parentheses.

    ``alias`` (a name or several) makes a method reachable under other names
    too: they are set in the class body that is being executed.
    """
    namespace = sys._getframe(1).f_locals
    if isinstance(function, (str, list, tuple)):  # @expose("name")
        function, alias = None, function

    def mark(target):
        target.exposed = True
        for name in (alias,) if isinstance(alias, str) else alias or ():
            namespace[attribute_name(name)] = target
        return target

    return mark if function is None else mark(function)


class Tree(object):
    """All applications by their prefix ("" is the root)."""

    def __init__(self):
        self.apps = {}

    def mount(self, root, script_name="", config=None):
        """Mount an object tree under a prefix; ``config`` is taken for CherryPy's sake and not used."""
        self.apps[script_name.rstrip("/")] = root
        return root

    def find(self, path):
        """Return (root, prefix, rest of the path) of the longest prefix that fits; raises NotFound."""
        prefix = path.rstrip("/")
        while prefix not in self.apps:
            if not prefix:
                raise NotFound(path)
            prefix = prefix.rpartition("/")[0]
        return self.apps[prefix], prefix, path[len(prefix):] or "/"


class Responder(object):
    """Answers requests on a tree; errors become pages, and unhandled ones a traceback in the log."""

    def __init__(self, tree, log, bus):
        self.tree = tree
        self.log = log
        self.bus = bus
        self.show_tracebacks = True

    def respond(self, request):
        """Return the Response; never raises but for KeyboardInterrupt and SystemExit, which end the server."""
        response = Response()
        serving.load(request, response)
        try:
            try:
                self._call(request, response)
            except HTTPRedirect as redirect:
                self._redirect(response, redirect)
            except HTTPError as error:
                self._error(response, error.code, error.status, error.message)
            except (KeyboardInterrupt, SystemExit):
                self.log.error("The handler of %r raised an exit: shutting down" % request.request_line, "ENGINE")
                self.bus.exit()
                raise
            except Exception:
                text = traceback.format_exc()
                self.log.error("%s\n%s" % (request.request_line, text))
                self._error(response, 500, "500 " + reason_of(500), SERVER_ERROR,
                            text if self.show_tracebacks else "")
            return response
        finally:
            serving.clear()

    def _call(self, request, response):
        request.app, request.script_name, request.path_info = self.tree.find(request.path_info)
        query = parse_fields(request.query_string)
        handler, segments, is_index = find_handler(request.app, request.path_info)
        check_trailing_slash(request.script_name + request.path_info, is_index, request.query_string)
        content_type = request.headers.get("Content-Type") or ""
        is_form = content_type.split(";")[0].strip().lower() == "application/x-www-form-urlencoded"
        form = parse_fields(request.body) if is_form else {}
        for source in (query, form):
            for name, value in source.items():
                add_field(request.params, name, value)
        request.handler = handler
        check(handler, segments, query, form)
        result = handler(*segments, **request.params)
        response.body = _collect(response.body if result is None and response.body else result)

    @staticmethod
    def _redirect(response, redirect):
        response.status = redirect.code
        response.headers["Location"] = redirect.url
        response.body = to_bytes("This resource can be found at %s.\n" % redirect.url)
        response.headers["Content-Type"] = "text/plain;charset=utf-8"

    @staticmethod
    def _error(response, code, status, message, text=""):
        response.status = code
        response.headers = {"Content-Type": "text/html;charset=utf-8"}
        response.body = to_bytes(error_page(status, message, text))


def _collect(result):
    """Turn what a handler returned into bytes: text, bytes, nothing, or an iterable of them.

    Raises TypeError for anything else (a number, a redirect that was returned and not raised).
    """
    if result is None:
        return b""
    if isinstance(result, (bytes, text_type)):
        return to_bytes(result)
    chunks = [chunk for chunk in result if chunk is not None]
    wrong = [chunk for chunk in chunks if not isinstance(chunk, (bytes, text_type))]
    if wrong:
        raise TypeError("a handler returned an iterable that holds %r: text or bytes are needed" % type(wrong[0]))
    return b"".join(to_bytes(chunk) for chunk in chunks)
