"""Objects, applications and their settings: a part of "pages"."""
try:
    import cherrypy as web
except ImportError:
    import enginebus as web


def where(name, *segments, **fields):
    """Which handler answered, where it is mounted, and with what."""
    return " ".join([name, "app=%s" % web.request.script_name, "path=%s" % web.request.path_info] + list(segments) + [
        "%s=%s" % (key, fields[key]) for key in sorted(fields)])


class Mounted(object):
    """An application of its own, whose root has a default."""

    def __init__(self, name):
        self.name = name

    @web.expose
    def default(self, *segments, **fields):
        return where(self.name + " default", *segments, **fields)

    @web.expose
    def page(self, *segments, **fields):
        return where(self.name + " page", *segments, **fields)

    @web.expose
    def url(self, path="", qs="", relative="", script_name=None, base=None):
        return web.url(path, qs, script_name, base, {"": False, "yes": True, "server": "server"}[relative])

    @web.expose
    def setting(self):
        return str(web.request.config.get("tools.mark.k1"))


class Indexed(Mounted):
    """An application whose root has an index, too."""

    @web.expose
    def index(self, **fields):
        return where(self.name + " index", **fields)


class Names(object):
    """Names with what Python cannot have in a name, and names for one method."""

    @web.expose
    def my_page_html(self):
        return "my_page_html"

    @web.expose(alias="second")
    def first(self):
        return "first"

    @web.expose(["third", "fourth.page"])
    def many(self):
        return "many"

    @web.expose(("fifth", "sixth-page"))
    def tupled(self):
        return "tupled"

    @web.expose()
    def called(self):
        return "called"

    def e_b(self):
        return "letters"

    e_b.exposed = True


class Exposed(object):
    """An object that is exposed as a whole, with a method of its own beside."""

    def __call__(self, *segments):
        return where("called", *segments)

    @web.expose
    def inner(self):
        return "inner"


class Both(object):
    """An object that is exposed as a whole, and has a default and an index, too."""

    def __call__(self, *segments):
        return "called"

    @web.expose
    def default(self, *segments):
        return "default %s" % "/".join(segments)

    @web.expose
    def index(self):
        return "index"


class Falls(object):
    """A default below a default; each has settings of its own."""

    @web.expose
    def default(self, *segments):
        return "inner default %s %s" % ("/".join(segments), web.request.config.get("tools.mark.k9"))

    default._cp_config = {"tools.mark.k9": "of the default"}

    @web.expose
    def page(self):
        return "page %s" % web.request.config.get("tools.mark.k9")


class Slashes(object):
    """With and without an index."""

    @web.expose
    def index(self, path=None, **fields):
        return "slashes index" if path is None else web.url(path)

    @web.expose
    def page(self, *segments, **fields):
        return "slashes page"

    @web.expose
    def url(self, path=""):
        return web.url(path)


class Mounts(object):
    """Mounts while the site runs, and what is refused."""

    @web.expose
    def later(self, prefix):
        app = web.tree.mount(Mounted("later"), prefix)
        return "%s %s" % (app.script_name, web.tree.apps[app.script_name] is app)

    @web.expose
    def again(self, prefix):
        """An application that is made already has a prefix of its own."""
        try:
            return web.tree.mount(web.Application(Mounted("again"), "/again/"), prefix).script_name
        except ValueError:
            return "refused"

    @web.expose
    def nowhere(self):
        try:
            web.tree.mount(Mounted("nowhere"), None)
        except TypeError:
            return "refused"
        return "mounted"

    @web.expose
    def prefix(self, path=None):
        return str(web.tree.script_name(path))


class Trees(object):
    """What hangs on the root."""

    names = Names()
    mounts = Mounts()
    whole = web.expose(Exposed)()
    both = web.expose(Both)()
    falls = Falls()
    slashes = Slashes()
    kept = Slashes()
    bare = Slashes()
    temporary = Slashes()

    @web.expose
    def default(self, *segments):
        return "outer default %s" % "/".join(segments)


class Reserved(object):
    """Names that a root inherits."""

    @web.expose
    def inherited(self):
        return "inherited"


SECTIONS = {
    "/trees/kept": {"tools.trailing_slash.missing": False},
    "/trees/bare": {"tools.trailing_slash.extra": True},
    "/trees/temporary": {"tools.trailing_slash.status": 307},
    "/trees/slashes/off": {"tools.trailing_slash.on": False},
}

web.tree.mount(Mounted("first"), "/mounted", {"/": {"tools.mark.k1": "mounted"}})
web.tree.mount(Indexed("second"), "/mounted/deeper/")
web.tree.mount(Indexed("third"), "/mounted.x")
