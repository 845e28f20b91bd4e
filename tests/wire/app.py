# ruff: noqa: UP004, UP028 (runs on 2.7)
"""The app of the wire table as an object tree, for enginebus and CherryPy."""
try:
    import cherrypy as web
except ImportError:
    import enginebus as web

import contract


def remote():
    """The client's address."""
    return getattr(web.request.remote, "ip", web.request.remote)


def saw(body=None):
    """Note this request, and answer with what was seen of it."""
    request = web.request
    if body is None:
        body = request.body
        if web.__name__ == "cherrypy" and not request.process_request_body:
            body = body.fp  # of a method that has no body as a rule, it is not made ready
        body = body.read() if hasattr(body, "read") else body or b""
    path = request.script_name + request.path_info
    authority = request.base.partition("://")[2]
    answer = contract.note(
        remote(), request.method, path, request.query_string, authority, request.headers.items(), body)
    web.response.headers["Content-Type"] = "application/json"
    return answer


class Sub(object):
    """A collection: its index wants a slash at the end."""

    @web.expose
    def index(self):
        return saw()


class Root(object):
    """Whatever path is asked for, a handler says what it saw."""

    sub = Sub()

    @web.expose
    def index(self, **fields):
        return saw()

    @web.expose
    def default(self, *segments, **fields):
        return saw()

    @web.expose
    def calls(self):
        web.response.headers["Content-Type"] = "application/json"
        return contract.taken(remote())

    @web.expose
    def unread(self):
        """The body is left where it is."""
        return saw(b"")

    @web.expose
    def deny(self):
        """Refuse, whatever the body is."""
        raise web.HTTPError(403)

    @web.expose
    def boom(self):
        """Fail, whatever the body is."""
        raise RuntimeError("boom on purpose")

    @web.expose
    def only(self):
        """A resource of GET and HEAD (see SETTINGS)."""
        return saw()

    @web.expose
    def go(self, to):
        raise web.HTTPRedirect(to)

    @web.expose
    def stream(self):
        """A body of which nobody knows the length."""
        for part in (b"one ", b"two ", b"three"):
            yield part

    @web.expose
    def answer(self, status=None, name=None, value=None, body="12345"):
        """Answer as told."""
        if status is not None:
            web.response.status = int(status[1:]) if status.startswith("n") else status
        if name is not None:
            web.response.headers[name] = value
        return body


SETTINGS = {"/only": {"tools.allow.on": True, "tools.allow.methods": ["GET", "HEAD"]}}
