"""The route contract "tree": one object tree that runs unchanged on CherryPy and on enginebus.

Each part is a paper's claim or a report of the field made into a route.
"""
import functools
import json
import os
import time

try:
    import cherrypy as web
except ImportError:
    import enginebus as web

import life
import spawn


def as_json(**values):
    """Answer with a JSON object."""
    web.response.headers["Content-Type"] = "application/json"
    return json.dumps(values, sort_keys=True).encode("utf-8")


def _decorated(handler):
    """A decorator as frameworks write it: the handler's parameters are hidden behind its own."""
    @functools.wraps(handler)
    def wrapper(*args, **kwargs):
        return handler(*args, **kwargs)
    return wrapper


class NotCallable(object):
    """Marked as exposed, and yet nothing that can be called."""

    exposed = True


class Callable(object):
    """An instance that is exposed and can be called."""

    exposed = True

    def __call__(self, a="none"):
        return "called with %s" % a


class CallableWithError(object):
    """An instance that is exposed and can be called, and whose own code raises a TypeError."""

    exposed = True

    def __call__(self):
        return len(5)


class Page(object):
    """A subtree with an index of its own."""

    @web.expose
    def index(self):
        return "page index"

    @web.expose
    def item(self):
        return "page item"


class Hidden(object):
    """A subtree whose index is not exposed."""

    def index(self):
        return "must not be served"


class WithDefault(object):
    """A default catches what no other method of this object answers."""

    @web.expose
    def default(self, *segments, **params):
        return "default %s" % "/".join(segments)

    def hidden(self):
        return "must not be served"


def with_newer_syntax(source):
    """Make a method from syntax that not every Python has; None where this one has it not."""
    names = {}
    try:
        exec(source, names)
    except SyntaxError:
        return None
    return web.expose(names["method"])


class Aliased(object):
    """A method under other names, and one exposed without the decorator."""

    @web.expose(["other", "dotted.name"])
    def original(self):
        return "original"

    def by_attribute(self):
        return "by attribute"

    by_attribute.exposed = True

    def switched_off(self):
        return "must not be served"

    switched_off.exposed = False

    def unset(self):
        return "must not be served"

    unset.exposed = None

    def _leading(self):
        return "a leading underscore"

    _leading.exposed = True


class Indexed(object):
    """An index that takes fields, and a default that takes segments and fields."""

    @web.expose
    def index(self, page="1"):
        return "index page=%s" % page

    @web.expose
    def default(self, name, version="latest"):
        return "default name=%s version=%s" % (name, version)


class Inherited(Page):
    """What is exposed by the base class is exposed here, too, unless it is written anew."""

    def item(self):
        return "must not be served"


def function_with_default(self):
    """A handler that is an attribute, with a ``default`` of its own that nothing may find."""
    return "function"


function_with_default.exposed = True
function_with_default.default = lambda *segments: "must not be served"
function_with_default.default.exposed = False


class Root(object):
    """The tree's root."""

    aliased = Aliased()
    indexed = Indexed()
    inherited = Inherited()
    function_with_default = function_with_default

    page = Page()
    unexposed_index = Hidden()
    with_default = WithDefault()
    not_callable = NotCallable()
    callable_object = Callable()
    callable_with_error = CallableWithError()
    attribute = "a string, not a method"

    @web.expose
    def index(self):
        return "hello"

    def hidden(self):
        return "must not be served"

    # -- parameters

    @web.expose
    def two(self, a, b):
        return "a=%s b=%s" % (a, b)

    @web.expose
    def optional(self, a, b="default"):
        return "a=%s b=%s" % (a, b)

    @web.expose
    def typed(self, name, number):
        return "%s has %d" % (name, int(number))

    @web.expose
    def repeated(self, a):
        return "list %s" % ",".join(a) if isinstance(a, list) else "single %s" % a

    keyword_only = with_newer_syntax("def method(self, *, a): return 'keyword a=%s' % a")
    positional_only = with_newer_syntax("def method(self, a, /): return 'positional a=%s' % a")

    @web.expose
    def anything(self, *segments, **params):
        return "segments=%s params=%s" % (
            ",".join(segments), ",".join("%s:%s" % (name, params[name]) for name in sorted(params)))

    @web.expose
    def shifted(self, a, b, c="c", d="d"):
        return "a=%s b=%s c=%s d=%s" % (a, b, c, d)

    @web.expose
    def text(self, a):
        """Text may be bytes or unicode on 2.7, and says the same."""
        return a if isinstance(a, type(u"")) else a.decode("utf-8")

    @staticmethod
    @web.expose
    def static(a="none"):
        return "static a=%s" % a

    # -- answers

    @web.expose
    def boom(self):
        raise RuntimeError("boom on purpose")

    @web.expose
    def type_error(self):
        return len(5)

    @web.expose
    def type_error_with_default(self, a, b="default"):
        return len(5)

    @web.expose
    @_decorated
    def type_error_decorated(self, a=None):
        return len(5)

    type_error_keyword_only = with_newer_syntax("def method(self, *, a): return len(5)")

    @web.expose
    def type_error_this(this, a=None):
        """What the first parameter is called is the author's choice."""
        return len(5)

    @web.expose
    def not_acceptable(self):
        raise web.HTTPError(406, "<b>not today</b>")

    @web.expose
    def gone(self):
        raise web.HTTPError(410)

    @web.expose
    def unauthorized(self):
        raise web.HTTPError(401)

    @web.expose
    def wrong_status(self):
        raise web.HTTPError(200)

    @web.expose
    def not_there(self):
        raise web.NotFound()

    @web.expose
    def redirect(self):
        raise web.HTTPRedirect("/page/")

    @web.expose
    def returned_redirect(self):
        return web.HTTPRedirect("/page/")

    @web.expose
    def nothing(self):
        return None

    @web.expose
    def number(self):
        return 42

    @web.expose
    def mapping(self):
        return {"key": 1}

    @web.expose
    def generated(self):
        for word in ("one ", "two ", "three"):
            yield word

    @web.expose
    def echo(self):
        return "%s %s" % (web.request.method, web.request.headers.get("X-Echo", "nothing"))

    # -- life

    @web.expose
    def slow(self, seconds="1"):
        web.engine.log("slow handler begins")
        time.sleep(float(seconds))
        web.engine.log("slow handler ends")
        return "slow done"

    @web.expose
    def pid(self):
        return as_json(pid=os.getpid())

    @web.expose
    def spawn(self, how):
        """Make a child that outlives the request: popen, fork, multiprocessing."""
        return as_json(pid=spawn.CHILDREN[how]())

    @web.expose
    def listen(self, host, port):
        """Open a listening socket of the application's own, with the Python's defaults."""
        return as_json(port=spawn.listen(host, int(port)))

    @web.expose
    def size(self):
        """What was received: the method, and how many bytes of body."""
        body = web.request.body
        return "%s %d bytes" % (web.request.method, len(body.read() if hasattr(body, "read") else body))

    @web.expose
    def report(self, **params):
        """What was received, as ``life`` tells it."""
        request, body = web.request, web.request.body
        if hasattr(body, "fp") and not request.process_request_body:
            body = body.fp  # of a method that has no body as a rule, CherryPy does not make it ready
        read = body.read() if hasattr(body, "read") else body or b""
        text = life.told(request.method, request.path_info, request.query_string, request.headers.items(), read or b"")
        web.response.headers["Content-Type"] = "application/json"
        return text.encode("ascii")

    @web.expose
    def unread(self, **params):
        """The body is left where it is."""
        return "left unread"

    @web.expose
    def probe(self):
        return "probe"

    @web.expose
    def big(self, bytes="1000"):
        """As many bytes as are asked for."""
        return "x" * int(bytes)

    @web.expose
    def shut_down(self):
        web.engine.exit()
        return "bye"

    @web.expose
    def restart(self):
        web.engine.restart()
        return "back soon"

    @web.expose
    def quit(self):
        raise SystemExit(3)

    @web.expose
    def quit_as_by_ctrl_c(self):
        raise KeyboardInterrupt

    @web.expose
    @web.config(**{"response.stream": True})
    def quit_midway(self):
        """End the server when a part of the answer has been sent."""
        yield "a part of it"
        raise SystemExit(3)
