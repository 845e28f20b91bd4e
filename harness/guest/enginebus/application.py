"""Applications: object trees under prefixes, with settings for their paths."""
import posixpath
import sys

from .config import UnknownSetting
from .dispatch import attribute_name
from .errors import NotFound
from .serving import serving


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


class Application(object):
    """An object tree, the prefix that it answers under, and the settings of its paths: {"/path": {name: value}}.

    A prefix of None is asked for at each request: the tree is wherever it is reached. Raises UnknownSetting.
    """

    settings = None  # what may be set; given by the package

    def __init__(self, root, script_name="", config=None):
        self.root = root
        self.script_name = None if script_name is None else script_name.rstrip("/")
        self.config = {}
        self.merge(config or {})

    def merge(self, config):
        """Take settings over; the section "global" is the process's own, and passed over here."""
        for path, section in config.items():
            if path == "global":
                continue
            if not isinstance(section, dict) or not path.startswith("/"):
                raise UnknownSetting("%r is no section of an application: a path that begins with a slash, and a dict, "
                                     "are needed (or \"global\")" % (path,))
            for name, value in section.items():
                self.settings.check(name, value)
            path = "/" + path.strip("/")
            self.config[path] = dict(self.config.get(path, {}), **section)

    def find(self, path, name, default):
        """The value of one setting at a path: the longest section that has it, then the process's own."""
        path = path.rstrip("/")
        while True:
            section = self.config.get(path or "/")
            if section and name in section:
                return section[name]
            if not path:
                return self.settings.per_path.get(name, default)
            path = path.rpartition("/")[0]


class Tree(object):
    """All applications by their prefix ("" is the root)."""

    def __init__(self):
        self.apps = {}

    def mount(self, root, script_name="", config=None):
        """Mount an object tree, or an Application, under a prefix, with its settings; return the Application.

        Raises UnknownSetting, and ValueError for an Application under another prefix than its own.
        """
        if script_name is None:
            raise TypeError("an application is mounted under a prefix; None is none")
        if isinstance(root, Application):
            app = root
            if script_name and app.script_name != script_name.rstrip("/"):
                raise ValueError("the application's own prefix is %r, and not %r" % (app.script_name, script_name))
            app.merge(config or {})
            script_name = app.script_name or ""
        else:
            app = Application(root, script_name, config)
        self.apps[script_name.rstrip("/")] = app
        return app

    def script_name(self, path=None):
        """The prefix of the application that answers a path (default: the present request's); None where none does."""
        if path is None:
            path = serving.request.script_name + serving.request.path_info
        while path not in self.apps:
            if not path:
                return None
            path = path.rpartition("/")[0]
        return path

    def find(self, path):
        """Return (application, prefix, rest of the path) of the longest prefix that fits; raises NotFound.

        The rest is "" where the prefix was asked for without a slash: its index lacks one.
        """
        prefix = self.script_name(path)
        if prefix is None:
            raise NotFound(path)
        return self.apps[prefix], prefix, path[len(prefix):]


def url(path="", qs="", script_name=None, base=None, relative=False):
    """An absolute URL for a path: one with a slash lies below the application, another below the present path.

    ``relative`` gives it without scheme and host ("server"), or relative to the present path (True).
    """
    request = serving.request
    script_name = request.script_name if script_name is None else script_name
    base = request.base if base is None else base
    query = "?" + qs if qs else ""
    if not path.startswith("/"):
        here = request.path_info
        if request.is_index is True and not here.endswith("/"):
            here += "/"
        elif request.is_index is False and here.endswith("/") and here != "/":
            here = here[:-1]
        path = posixpath.join(posixpath.dirname(here), path) if path else here
    path, mark, own = path.partition("?")
    found = _normalised(script_name + path) + mark + own + query
    if relative == "server":
        return found
    if not relative:
        return base + found
    old = _normalised(url(relative="server").partition("?")[0]).split("/")[:-1]
    new = found.split("/")
    while old and new and old[0] == new[0]:
        old.pop(0)
        new.pop(0)
    return "/".join([".."] * len(old) + new)


def _normalised(path):
    """Take ``.`` and ``..`` out of a path; slashes stay as they are."""
    atoms = []
    for atom in path.split("/"):
        if atom == ".":
            continue
        if atom != "..":
            atoms.append(atom)
        elif len(atoms) > 1:
            atoms.pop()
    if path.split("/")[-1] in (".", ".."):
        atoms.append("")
    return "/".join(atoms) or "/"
