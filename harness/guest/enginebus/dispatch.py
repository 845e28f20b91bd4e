"""From a path to a handler on the tree of objects, and the settings on the way."""
import inspect
import re

from .errors import HTTPError, NotFound
from .params import check, path_segments
from .serving import serving

#: Characters that a Python name cannot hold become underscores: ``/my-page.html`` is ``my_page_html``.
_PUNCTUATION = re.compile(r"[!-/:-@\[-^`{-~]")


def attribute_name(segment):
    """Return the attribute that a path segment stands for."""
    return _PUNCTUATION.sub("_", segment)


def is_exposed(node):
    """Whether clients may reach this object: it is marked itself, not only its class's instances' parent."""
    return bool(getattr(node, "exposed", False))


class PageHandler(object):
    """A method of the tree with the arguments of this request."""

    def __init__(self, function, segments):
        self.callable = function
        self.args = segments

    def __call__(self):
        """Call it; raises HTTPError where the client's parameters do not fit."""
        request = serving.request
        try:
            check(self.callable, self.args, request.query_fields, request.body.params if request.body else {})
        except HTTPError as error:
            if not request.show_mismatched_params:
                raise HTTPError(error.code)
            raise
        return self.callable(*self.args, **request.params)


class Dispatcher(object):
    """Finds the handler of a path by the names of attributes, as CherryPy does."""

    def __call__(self, path):
        """Set handler and settings of this thread's request; the handler of a path without one is NotFound."""
        request = serving.request
        node, segments = self.find(request, path)
        request.handler = NotFound() if node is None else PageHandler(node, segments)

    @staticmethod
    def find(request, path, methods_too=True):
        """Return (object, positional arguments), (None, []) where nothing is exposed; set what its settings are.

        The path is followed from the root as far as attributes lead; from the deepest object back, the first exposed
        ``default`` or exposed object wins, and the segments behind it are its positional arguments. An ``index`` is
        reached by an empty last segment.
        """
        segments = path_segments(path)
        trail = [request.app.root]
        for name in [attribute_name(segment) for segment in segments] + ["index"]:
            node = _attribute(trail[-1], name)
            if node is None:
                break
            trail.append(node)
        found, depth = None, len(trail)
        while found is None and depth:
            depth -= 1
            default = getattr(trail[depth], "default", None)
            if default is not None and (not is_exposed(default) or not methods_too and inspect.isroutine(default)):
                default = None
            found = default or (trail[depth] if is_exposed(trail[depth]) else None)
        request.config = _settings(request.app, trail, segments, depth, default)
        if found is None:
            request.is_index = None
            return None, []
        request.is_index = path.endswith("/") if default else depth == len(segments) + 1
        return found, segments[depth:]


class MethodDispatcher(Dispatcher):
    """Finds the resource of a path as Dispatcher does, and its handler by the request's method.

    A resource is an object that is exposed, with methods named GET, HEAD, POST, PUT, DELETE and so on; such a class has no
    use for ``index`` or for a method ``default``.
    """

    def __call__(self, path):
        """As Dispatcher; a method that the resource does not have is 405 (RFC 9110, section 15.5.6)."""
        request = serving.request
        resource, segments = self.find(request, path, methods_too=False)
        request.is_index = None
        if resource is None:
            request.handler = NotFound()
            return
        # A method is a name in capitals: whatever else a client may call one is no attribute that it may reach.
        allowed = set(name for name in dir(resource)
                      if name.isalpha() and name.isupper() and callable(getattr(resource, name, None)))
        if "GET" in allowed:
            allowed.add("HEAD")
        serving.response.headers["Allow"] = ", ".join(sorted(allowed))
        if request.method not in allowed:
            request.handler = HTTPError(405)
            return
        function = getattr(resource, request.method, None) or resource.GET  # HEAD is GET without its body
        request.config = dict(request.config, **getattr(function, "_cp_config", {}))
        request.handler = PageHandler(function, segments)


def _attribute(node, name):
    """An attribute that is on the tree. Python's own lead off it: /__class__/page would be the page without its object, and
    on 2.7 /page/im_self/admin the administrator's part without what guards its path. Of a method only what was set on it counts.
    """
    if name.startswith("__"):
        return None
    if inspect.isroutine(node):
        return getattr(node, "__dict__", {}).get(name)
    return getattr(node, name, None)


def _settings(app, trail, segments, depth, default):
    """The settings of a path: of everything, then of each object and of each part of the path; the later wins."""
    found = dict(app.settings.per_path)
    where = ""
    for position in range(max(len(trail), len(segments) + 1)):
        if position:
            where += "/" + segments[position - 1] if position <= len(segments) else ""
        node = trail[position] if position < len(trail) else None
        own = app.config.get(where or "/") if position <= len(segments) else None
        for part in (getattr(node, "_cp_config", None), own):
            if part:
                found.update(part)
                if "tools.staticdir.dir" in part:
                    found["tools.staticdir.section"] = where
        if position == depth and default is not None:
            found.update(getattr(default, "_cp_config", None) or ())
    return found
