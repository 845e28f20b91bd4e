"""Tools, hooks and what they are given: a part of "pages"."""
try:
    import cherrypy as web
    HandlerTool = web._cptools.HandlerTool
except ImportError:
    import enginebus as web
    HandlerTool = web.HandlerTool


def mark(**settings):
    """A tool of one's own, which shows what it is given."""
    web.response.headers["X-Mark"] = ",".join("%s=%s" % (name, settings[name]) for name in sorted(settings))


def early(word="early"):
    """A tool that runs before others, unless its priority is changed."""
    web.response.headers["X-Order"] = web.response.headers.get("X-Order", "") + word + " "


def late(word="late"):
    """A tool that runs after others."""
    early(word)


def instead(words="", last=False):
    """A tool that answers in the handler's place, where it has something to say."""
    early("instead")
    if words:
        web.response.body = words.encode("ascii")
    return bool(words)


web.tools.mark = web.Tool("before_handler", mark)
web.tools.early = web.Tool("before_handler", early, priority=10)
web.tools.late = web.Tool("before_handler", late, priority=80)
web.tools.at_end = web.Tool("before_finalize", early)
web.tools.instead = HandlerTool(instead)


def says(point, fails=False, failsafe=False, priority=50):
    """A hook that says in the log that it is called."""
    def hook():
        web.engine.log("hook %s" % point)
        if fails:
            raise RuntimeError("hook on purpose")
    hook.failsafe, hook.priority = failsafe, priority
    return hook


def refuses():
    """A hook that answers with an error."""
    raise web.HTTPError(409, "refused by a hook")


def changes():
    """A hook that changes the answer."""
    web.response.headers["X-Changed"] = "yes"
    web.response.body = [b"changed"]


def adds():
    """A hook that adds a field."""
    web.response.headers["X-Changed"] = "yes"


def moves():
    """A hook that sends the client elsewhere."""
    raise web.HTTPRedirect("/tools/plain")


def reads_nothing():
    """A hook that leaves the body to the handler."""
    web.request.process_request_body = False


POINTS = ("on_start_resource", "before_request_body", "before_handler", "before_finalize", "on_end_resource", "on_end_request",
          "before_error_response", "after_error_response")


class Hooked(object):
    """A hook at each point."""

    _cp_config = dict(("hooks.%s" % point, says(point)) for point in POINTS)

    @web.expose
    def page(self, **fields):
        web.engine.log("hooked page")
        return "hooked"

    @web.expose
    def refused(self):
        raise web.HTTPError(410)

    @web.expose
    def sent_on(self):
        raise web.HTTPRedirect("/tools/plain")

    @web.expose
    def boom(self):
        raise RuntimeError("boom on purpose")


class Indexed(object):
    """An index with a setting of its own, which the section of its path has, too."""

    @web.expose
    def index(self):
        return "indexed"

    index._cp_config = {"tools.mark.k8": "index"}


class Json(object):
    """JSON in and out."""

    @web.expose
    @web.tools.json_in()
    @web.tools.json_out()
    def echo(self):
        return {"got": web.request.json}

    @web.expose
    @web.tools.json_in(force=False)
    def loose(self, **fields):
        return "json %s, fields %s" % (hasattr(web.request, "json"), ",".join(sorted(fields)))

    @web.expose
    @web.tools.json_in(content_type="application/x-own")
    def own_in(self):
        return "own %s" % web.request.json["a"]

    @web.expose
    @web.tools.json_out(content_type="application/x-own")
    def own_out(self):
        return [1, None, u"\xe9"]

    @web.expose
    @web.tools.json_out(content_type=None)
    def untyped(self):
        return {}

    @web.expose
    @web.tools.json_out()
    def refused(self):
        raise web.HTTPError(403)

    @web.expose
    @web.tools.json_out()
    def unfit(self):
        return object()

    @web.expose
    @web.tools.json_out()
    @web.tools.instead(words="before json", priority=10)
    def before(self):
        return "must not be served"

    @web.expose
    @web.tools.json_out()
    @web.tools.instead(words="not json")
    def instead(self):
        return "must not be served"


class Tools(object):
    """Handlers behind tools."""

    hooked = Hooked()
    json = Json()
    _cp_config = {"tools.mark.k4": 4, "tools.mark.k5": 4, "tools.mark.k6": 4, "tools.mark.k7": 4, "tools.mark.k8": 4}

    @web.expose
    def plain(self):
        return "plain"

    @web.expose
    def marked(self, *segments):
        return "marked"

    marked._cp_config = {"tools.mark.k6": 6, "tools.mark.k7": 6, "tools.mark.k8": 6}

    @web.expose
    @web.tools.mark(word="decorated")
    def decorated(self):
        return "decorated"

    @web.expose
    @web.config(**{"tools.mark.on": True, "tools.mark.k6": "config"})
    def by_config(self):
        return "by config"

    @web.expose
    def ill_configured(self):
        return "must not be served"

    ill_configured._cp_config = {"tools.nosuch.on": True}

    @web.expose
    def odd_point(self):
        """A tool at a point that there is not."""
        try:
            web.Tool("before_nothing", early)
        except KeyError as error:
            return str(error)
        return "made"

    @web.expose
    @web.tools.late()
    @web.tools.early()
    @web.tools.instead()
    def ordered(self):
        return "ordered"

    @web.expose
    @web.tools.late(word="moved", priority=5)
    @web.tools.early(word="first")
    @web.tools.at_end(word="end")
    def moved(self):
        early("handler")
        return "moved"

    @web.expose
    @web.tools.instead(words="by the tool")
    def replaced(self):
        return "must not be served"

    @web.expose
    @web.tools.instead(words="by the tool")
    def switched_off(self):
        return "switched off"

    @web.expose
    @web.tools.instead(words="of low priority", priority=90)
    @web.tools.late()
    def replaced_last(self):
        return "must not be served"

    as_handler = web.tools.instead.handler(words="as a handler")
    as_no_handler = web.tools.instead.handler()

    # -- built in

    @web.expose
    @web.tools.accept()
    def anything(self):
        return "anything"

    @web.expose
    @web.tools.allow(methods=["POST", "delete"])
    def posted(self):
        return "posted"

    @web.expose
    @web.tools.allow()
    def read_only(self):
        return "read only"

    @web.expose
    @web.tools.allow(methods="GET")
    def got(self):
        return "got"

    @web.expose
    @web.tools.accept(media="text/plain")
    def text_only(self):
        return "text only"

    @web.expose
    @web.tools.accept(media=["text/html", "text/plain"])
    def html_or_text(self):
        return "html or text"

    @web.expose
    @web.tools.response_headers(headers=[("X-First", "1"), ("Content-Type", "text/x-own")])
    def with_fields(self):
        return "with fields"

    @web.expose
    @web.tools.response_headers(headers=[("X-First", "1"), ("Content-Type", "text/x-own")])
    def with_fields_refused(self):
        raise web.HTTPError(403)

    @web.expose
    @web.tools.err_redirect(url="/tools/plain", internal=False)
    def sent_on(self):
        raise RuntimeError("sent on on purpose")

    @web.expose
    @web.tools.err_redirect(url="/tools/plain", internal=True)
    def sent_inside(self):
        raise RuntimeError("sent inside on purpose")

    @web.expose
    @web.tools.err_redirect(url="/tools/plain", internal=False)
    def not_sent_on(self):
        raise web.HTTPError(403)

    @web.expose
    @web.tools.params()
    def typed(self, number, name="none"):
        return "%s %d" % (name, number + 1)

    typed.__annotations__ = {"number": int, "absent": int}

    @web.expose
    @web.tools.params(error=422, exception=LookupError)
    def typed_otherwise(self, number):
        return "%d" % number

    typed_otherwise.__annotations__ = {"number": {"one": 1}.__getitem__}

    @web.expose
    @web.tools.params(error=None)
    def typed_or_fails(self, number):
        return "%d" % number

    typed_or_fails.__annotations__ = {"number": int}

    indexed = Indexed()

    @web.expose
    def merged(self):
        """A setting that comes later."""
        web.tree.apps[""].merge({"/tools/marked": {"tools.mark.k7": "merged"}})
        return "merged"

    # -- hooks by path

    @web.expose
    def unread(self, **fields):
        return "fields %s" % ",".join(sorted(fields))

    @web.expose
    def hooks(self, which):
        return "hooks"


def _hooks(*names_and_hooks):
    return dict(("hooks.%s" % name, hook) for name, hook in names_and_hooks)


SECTIONS = {
    "/": {"tools.mark.k3": 3, "tools.mark.k4": 3, "tools.mark.k5": 3},
    "/tools": {"tools.mark.k5": 5, "tools.mark.k6": 5, "tools.mark.k7": 5, "tools.mark.k8": 5},
    "/tools/marked": {"tools.mark.on": True, "tools.mark.k7": 7, "tools.mark.k8": 7},
    "/tools/marked/deeper": {"tools.mark.k8": 8},
    "/tools/indexed": {"tools.mark.on": True, "tools.mark.k7": 7, "tools.mark.k8": 7},
    "/tools/switched_off": {"tools.instead.on": False},
    "/tools/hooks/order": _hooks(
        ("before_handler.a", says("third", priority=60)), ("before_handler.b", says("first", priority=40)),
        ("before_handler.c", says("second"))),
    "/tools/hooks/failing": _hooks(
        ("before_handler.a", says("failing", fails=True, priority=10)), ("before_handler.b", says("passed over", priority=20)),
        ("before_handler.c", says("safe", failsafe=True, priority=30)), ("on_end_resource", says("end of resource"))),
    "/tools/hooks/two_failing": _hooks(
        ("before_handler.a", says("failing", fails=True, priority=10)),
        ("before_handler.b", says("failing safe", fails=True, failsafe=True, priority=20)),
        ("before_handler.c", says("safe", failsafe=True, priority=30))),
    "/tools/unread": _hooks(("before_request_body", reads_nothing)),
    "/trees/falls/far/below": {"tools.mark.k9": "of the path"},
    "/tools/hooks/refusing": _hooks(("before_handler", refuses), ("before_finalize", says("finalizing"))),
    "/tools/hooks/refusing_early": _hooks(("on_start_resource", refuses), ("before_request_body", says("not reached"))),
    "/tools/hooks/refusing_late": _hooks(("before_finalize", refuses)),
    "/tools/hooks/changing": _hooks(("before_finalize", changes)),
    "/tools/hooks/moving": _hooks(("before_handler", moves)),
    "/tools/hooks/end_fails": _hooks(("on_end_resource", says("end fails", fails=True))),
    "/tools/hooks/last_fails": _hooks(("on_end_request", says("last fails", fails=True))),
    "/tools/hooks/error_fails": _hooks(
        ("before_handler", says("failing", fails=True)), ("before_error_response", says("error fails", fails=True))),
    "/tools/hooks/error_refuses": _hooks(
        ("before_handler", says("failing", fails=True)), ("before_error_response", refuses)),
    "/tools/hooks/error_changed": _hooks(
        ("before_handler", says("failing", fails=True)), ("after_error_response", adds)),
}
