"""Errors, redirects and their pages: a part of "pages"."""
import os

try:
    import cherrypy as web
except ImportError:
    import enginebus as web

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPLATE = os.path.join(HERE, "own_page.html")
with open(TEMPLATE, "wb") as _file:
    _file.write(b"own template: %(status)s|%(message)s|%(traceback)s|\xc3\xa9")


def shown(status, message, traceback, version):
    """A page of one's own, which prints what it is given."""
    web.response.headers["X-Own"] = "yes"
    return "own: %s|%s|%s" % (status, message, traceback)


def other(**words):
    """A page of one's own for the others, as bytes."""
    return b"other: " + words["status"].encode("ascii")


def fails(**words):
    """A page that fails, with markup in what it says."""
    raise ValueError("<b>no page</b>")


def answer_error():
    """In place of the page for an unhandled error."""
    web.response.status = 503
    web.response.headers["Content-Type"] = "text/plain"
    web.response.body = [b"error response"]


def redirect_error():
    """An error is answered elsewhere."""
    raise web.HTTPRedirect("/errors/elsewhere")


def refuse_as_handler():
    """An error is a handler, too."""
    web.request.handler = web.HTTPError(403, "as a handler")


def redirect_as_handler():
    """So is a redirect."""
    web.request.handler = web.HTTPRedirect("elsewhere")


class Own(object):
    """Pages of one's own, by status."""

    _cp_config = {"error_page.404": shown, "error_page.410": TEMPLATE, "error_page.default": other,
                  "error_page.403": fails, "error_page.409": os.path.join(HERE, "nosuch.html"), "error_page.500": shown}

    @web.expose
    def http(self, status, message=None):
        raise web.HTTPError(status, message)

    @web.expose
    def boom(self):
        raise RuntimeError("boom on purpose")


class Traced(object):
    """Errors whose tracebacks are shown."""

    _cp_config = {"request.show_tracebacks": True}

    @web.expose
    def boom(self, text="boom on purpose"):
        raise RuntimeError(text)

    @web.expose
    def http(self, status, message=None):
        raise web.HTTPError(status, message)


class Errors(object):
    """Errors that handlers raise, and redirects."""

    own = Own()
    traced = Traced()

    @web.expose
    def http(self, status, message=None, kind="text"):
        raise web.HTTPError(int(status) if kind == "number" else status, message)

    @web.expose
    def plain(self):
        raise web.HTTPError()

    @web.expose
    def missing(self, path=None):
        raise web.NotFound(path)

    @web.expose
    def boom(self, text="boom on purpose"):
        raise RuntimeError(text)

    @web.expose
    def after(self, status):
        """What described the page that is not sent."""
        for name in ("Etag", "Last-Modified", "Vary", "Content-Encoding", "Content-Range", "X-Kept", "Accept-Ranges", "Age",
                     "Location", "Retry-After", "Expires", "Content-Location", "Content-Length", "Allow", "Content-Language",
                     "Content-MD5"):
            web.response.headers[name] = "1"
        web.response.headers["Content-Type"] = "image/gif"
        web.response.cookie["kept"] = "yes"
        if status == "boom":
            raise RuntimeError("boom on purpose")
        if status[:1] == "3":
            raise web.HTTPRedirect("/errors/elsewhere", status)
        raise web.HTTPError(int(status))

    @web.expose
    def translated(self, message=""):
        with web.HTTPError.handle(LookupError, 409, message):
            raise KeyError("a key")

    @web.expose
    def untranslated(self):
        with web.HTTPError.handle(LookupError, 409):
            raise ValueError("a value on purpose")

    @web.expose
    def handled(self):
        return "must not be served"

    @web.expose
    def sent_on(self):
        return "must not be served"

    @web.expose
    def redirect(self, to="elsewhere", status=None, kind="text"):
        raise web.HTTPRedirect(to, int(status) if kind == "number" else status)

    @web.expose
    def raised(self):
        """What an exception says of itself."""
        error, moved = web.HTTPError("406 My Reason", "said"), web.HTTPRedirect("/up", "301")
        return "%s %s %s %s %s" % (error.code, error.reason, moved.status, ",".join(moved.urls), moved.args == (moved.urls, moved.status))

    @web.expose
    def redirects(self, status="300"):
        raise web.HTTPRedirect(["first?a=1&b=2", "/second", "http://other.example/<third>"], int(status))

    @web.expose
    def redirect_text(self):
        raise web.HTTPRedirect(u"/text/%s" % u"plain")

    @web.expose
    def answered(self):
        raise RuntimeError("answered on purpose")

    @web.expose
    def answered_badly(self):
        raise RuntimeError("answered badly on purpose")

    @web.expose
    def answered_elsewhere(self):
        raise RuntimeError("answered elsewhere on purpose")

    @web.expose
    def elsewhere(self):
        return "elsewhere"


SECTIONS = {
    "/errors/handled": {"hooks.before_handler": refuse_as_handler},
    "/errors/sent_on": {"hooks.before_handler": redirect_as_handler},
    "/errors/answered": {"request.error_response": answer_error},
    "/errors/answered_badly": {"request.error_response": fails},
    "/errors/answered_elsewhere": {"request.error_response": redirect_error},
}
