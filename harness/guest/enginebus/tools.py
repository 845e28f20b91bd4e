"""Tools: functions that settings switch on at points on the way of a request."""
from ._compat import signature_of
from .config import UnknownSetting, decorate, unknown
from .errors import NotFound
from .serving import serving

#: The points of a request's way, in their order; the last four belong to errors and to the end.
POINTS = ("on_start_resource", "before_request_body", "before_handler", "before_finalize", "on_end_resource", "on_end_request",
          "before_error_response", "after_error_response")


def attach(request, point, function, priority=None, failsafe=None, **settings):
    """Have a function called at a point of this request; a lower priority runs earlier (default 50).

    A function that is ``failsafe`` runs although one before it failed.
    """
    if priority is None:
        priority = getattr(function, "priority", 50)
    if failsafe is None:
        failsafe = getattr(function, "failsafe", False)
    request.hooks.setdefault(point, []).append((priority, len(request.hooks.get(point, ())), failsafe, function, settings))


def run_hooks(request, point):
    """Call what is attached to a point, in order; after a failure only what is failsafe, and then the failure is raised."""
    hooks = request.hooks.get(point)
    if not hooks:
        return
    hooks = sorted(hooks, key=lambda hook: hook[:2])
    for position, (_, _, _, function, settings) in enumerate(hooks):
        try:
            function(**settings)
        except Exception:
            _run_failsafe(hooks[position + 1:])
            raise


def _run_failsafe(hooks):
    """What must be done although something before it failed; its own failures come second."""
    for _, _, failsafe, function, settings in hooks:
        if failsafe:
            try:
                function(**settings)
            except Exception as error:
                serving.request.failures.append(error)


class Tool(object):
    """A function at a point: on where ``tools.NAME.on`` is true, with the other ``tools.NAME.*`` as its arguments."""

    exposed = False

    def __init__(self, point, callable, name=None, priority=50):
        if point not in POINTS:
            raise UnknownSetting("%r is no point of a request's way; there are: %s" % (point, ", ".join(POINTS)))
        self.point, self.callable, self.name, self.priority = point, callable, name, priority

    def settings(self):
        """The names of its settings; None where its function takes any."""
        signature = signature_of(self.callable)
        return None if signature.varkw else set(signature.positional) | signature.keyword_only

    def attach(self, request, settings):
        """Attach it to a request."""
        attach(request, self.point, self.callable, settings.pop("priority", self.priority), **settings)

    def __call__(self, **settings):
        """Make a decorator that switches it on for a handler, or a class of them."""
        prefix = "tools.%s." % self.name
        return decorate(dict([(prefix + "on", True)] + [(prefix + name, value) for name, value in settings.items()]))


class HandlerTool(Tool):
    """A tool that may answer in the handler's place: its function says so by returning true."""

    def __init__(self, callable, name=None):
        Tool.__init__(self, "before_handler", callable, name)

    def handler(self, **settings):
        """An exposed handler that answers with this tool alone."""
        def answer(*args, **kwargs):
            if not self.callable(**settings):
                raise NotFound()
            return serving.response.body
        answer.exposed = True
        return answer

    def attach(self, request, settings):
        """Attach it to a request."""
        attach(request, self.point, self._answer, settings.pop("priority", self.priority), **settings)

    def _answer(self, **settings):
        if self.callable(**settings):
            serving.request.handler = None


class Toolbox(object):
    """All tools by name; ``tools.NAME = Tool(...)`` adds one."""

    def __setattr__(self, name, tool):
        tool.name = name
        object.__setattr__(self, name, tool)

    def check(self, key, value):
        """Raise UnknownSetting for ``NAME.setting`` where there is no such tool or setting."""
        name, _, setting = key.partition(".")
        tool = self.__dict__.get(name)
        if tool is None:
            raise unknown("tools." + name, ["tools." + known for known in self.__dict__])
        known = tool.settings()
        if setting == "on" and not isinstance(value, (bool, type(None), int)):
            raise UnknownSetting("tools.%s.on cannot be %r: it is True or False" % (name, value))
        if known is not None and setting not in known | set(("on", "priority", "debug")):
            raise unknown("tools.%s" % key, ["tools.%s.%s" % (name, each) for each in sorted(known | set(("on",)))])

    def attach(self, request, switched):
        """Attach the tools that are on; ``switched`` maps a tool's name to its settings."""
        for name in switched:
            settings = dict(switched[name])
            settings.pop("debug", None)
            if settings.pop("on", False):
                self.__dict__[name].attach(request, settings)
