"""The route contract "photos": a photo blog that is served by the method dispatcher, on CherryPy and on enginebus.

A resource is an object that is exposed, and its methods are called what HTTP calls them. What is offered is chosen by Accept
before anything is looked up, so that a photo that is gone is 406 first, and 404 only to a client that could read it.
"""
import itertools
import json
from xml.sax.saxutils import escape

try:
    import cherrypy as web
    from cherrypy.lib.cptools import accept
except ImportError:
    import enginebus as web
    from enginebus import accept

UPDATED = u"2013-09-25T20:40:57Z"


def text(value):
    """A parameter may be bytes or unicode on 2.7, and says the same."""
    return value if isinstance(value, type(u"")) else value.decode("utf-8")


def fields(photo):
    """The elements that XML and Atom have in common."""
    return u"<title>%s</title><summary>%s</summary>" % (escape(photo["title"]), escape(photo["caption"]))


def as_xml(photos):
    """The photos as elements of no namespace."""
    return u"<photos>%s</photos>" % u"".join(u'<photo id="%d">%s</photo>' % (one["id"], fields(one)) for one in photos)


def as_atom(photos):
    """The photos as entries of a feed: RFC 4287."""
    return u'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:photos</id><title>Photos</title><updated>%s</updated>%s</feed>' % (
        UPDATED, u"".join(u"<entry><id>urn:photos:%d</id>%s<updated>%s</updated></entry>" % (one["id"], fields(one), UPDATED)
                          for one in photos))


def as_json(photos):
    """The photos as a list of objects."""
    return text(json.dumps(photos, sort_keys=True))


#: The four types of the paper, in the order in which they are preferred here.
FORMS = [("application/xml", as_xml), ("application/atom+xml", as_atom), ("text/json", as_json), ("text/x-json", as_json)]
TYPES = [name for name, _ in FORMS]


def represent(kind, photos):
    """Answer with the photos, in the form of a type."""
    web.response.headers["Content-Type"] = kind
    web.response.headers["Vary"] = "Accept"
    return dict(FORMS)[kind](photos).encode("utf-8")


class Store(object):
    """The photos by number, and a number for the next one, which is never given twice."""

    def __init__(self):
        self.numbers = itertools.count(1)
        self.photos = {}
        self.comments = {}
        for title, caption in ((u"Harbour", u"Boats at dawn"), (u"Bridge", u"Fog & <steel>")):
            self.add(title, caption)

    def add(self, title, caption):
        """Keep a new photo, and return it."""
        number = next(self.numbers)
        self.photos[number] = {"id": number, "title": title, "caption": caption}
        self.comments[number] = [u"First", u"Second"]
        return self.photos[number]

    def find(self, number):
        """The photo with a number; raises NotFound."""
        if number not in self.photos:
            raise web.NotFound()
        return self.photos[number]


class Comments(object):
    """What is said of one photo: a resource below a resource, whose further segments are arguments."""

    exposed = True

    def __init__(self, store, number):
        self.store = store
        self.number = number

    def GET(self, position=None, order="oldest"):
        self.store.find(self.number)
        said = self.store.comments[self.number][::-1 if order == "newest" else 1]
        if position is not None:
            if not position.isdigit() or not 0 < int(position) <= len(said):
                raise web.NotFound()
            said = [said[int(position) - 1]]
        web.response.headers["Content-Type"] = "text/plain;charset=utf-8"
        return u"\n".join(said).encode("utf-8")

    def POST(self, words):
        self.store.find(self.number)
        self.store.comments[self.number].append(text(words))
        web.response.status = 201
        web.response.headers["Location"] = "%s/photos/%d/comments/%d" % (
            web.request.base, self.number, len(self.store.comments[self.number]))

    def OPTIONS(self):
        web.response.headers["X-Asked-By"] = "OPTIONS"
        web.response.status = 204


class Original(object):
    """The picture itself, with a HEAD of its own that does not make it."""

    exposed = True

    def GET(self):
        web.response.headers["Content-Type"] = "image/gif"
        return b"GIF89a"

    def HEAD(self):
        web.response.headers["X-Answered-By"] = "HEAD"
        web.response.headers["Content-Type"] = "image/gif"
        web.response.headers["Content-Length"] = "6"


class Photo(object):
    """One photo, there or gone: there is a resource for each number, and what it answers tells which."""

    exposed = True
    original = Original()

    def __init__(self, store, number):
        self.store = store
        self.number = number

    @property
    def comments(self):
        return Comments(self.store, self.number)

    def GET(self):
        kind = accept(TYPES)
        return represent(kind, [self.store.find(self.number)])

    def PUT(self):
        photo = self.store.find(self.number)
        try:
            sent = json.loads(web.request.body.read().decode("utf-8"))
            photo.update(title=sent["title"], caption=sent.get("caption", u""))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise web.HTTPError(400, "A photo is an object with a title.")
        web.response.status = 204

    def DELETE(self):
        self.store.find(self.number)
        del self.store.photos[self.number]
        web.response.status = 204


class Photos(object):
    """The collection: it is read, and added to."""

    exposed = True

    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        """A segment that is a number is a photo."""
        if not name.isdigit():
            raise AttributeError(name)
        return Photo(self.store, int(name))

    def GET(self, title=None):
        kind = accept(TYPES)
        photos = [photo for _, photo in sorted(self.store.photos.items())]
        return represent(kind, [one for one in photos if title is None or one["title"] == text(title)])

    def POST(self, title, caption=u""):
        kind = accept(TYPES)
        photo = self.store.add(text(title), text(caption))
        web.response.status = 201
        web.response.headers["Location"] = "%s/photos/%d" % (web.request.base, photo["id"])
        return represent(kind, [photo])


class Albums(object):
    """Types are chosen by the tool, which asks before the handler is called; the answer counts the calls."""

    exposed = True
    asked = itertools.count(1)

    def GET(self, name=None):
        web.response.headers["X-Calls"] = str(next(self.asked))
        if name is not None:
            raise web.NotFound()
        return represent(accept(TYPES), [])


class Drafts(object):
    """Not exposed: no method reaches it."""

    def GET(self):
        return "must not be served"

    POST = PUT = DELETE = GET


class Shelf(Photos):
    """What stands in capitals and is no method: a constant, and a method that is switched off."""

    LIMIT = 50
    POST = None


class Archive(Photos):
    """A resource with a default, which this dispatcher does not know."""

    @web.expose
    def default(self, *segments):
        return "must not be served"


class Anything(object):
    """A resource for whatever segments there are."""

    exposed = True

    def GET(self, *segments):
        return "anything %s" % "/".join(segments)


class Attic(object):
    """Its default is no method, but a resource: that one is found."""

    default = Anything()


class Labelled(object):
    """A resource with settings, and a method that has its own."""

    exposed = True
    _cp_config = {"response.headers.X-Label": "of the resource", "response.headers.X-Other": "of the resource"}

    def GET(self):
        return "labelled"

    def POST(self):
        return "labelled"

    GET._cp_config = {"response.headers.X-Label": "of the method"}


class Root(object):
    """An index that the usual dispatcher finds, and the resources beside it."""

    def __init__(self):
        store = Store()
        self.photos = Photos(store)
        self.archive = Archive(store)
        self.attic = Attic()
        self.shelf = Shelf(store)
        self.albums = Albums()
        self.drafts = Drafts()
        self.labelled = Labelled()

    @web.expose
    def index(self):
        return "a photo blog"

    @web.expose
    def photosynthesis(self):
        return "what only begins like the name of a resource"


BY_METHOD = {"request.dispatch": web.dispatch.MethodDispatcher()}
CONFIG = {
    "/photos": BY_METHOD, "/archive": BY_METHOD, "/attic": BY_METHOD, "/shelf": BY_METHOD,
    "/drafts": BY_METHOD, "/labelled": BY_METHOD,
    "/albums": dict(BY_METHOD, **{"tools.accept.on": True, "tools.accept.media": TYPES}),
}
