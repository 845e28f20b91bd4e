"""The route contract "cached": handlers that count how often they are called, behind the caching tool.

The counts stand in a file: a restart does not forget them, as it forgets what is cached. The environment variable CACHE
names the settings (``SETTINGS``): there is one cache in a process.
"""
import io
import json
import os
import threading
import time

try:
    import cherrypy as web
    from cherrypy.lib import static
except ImportError:
    import enginebus as web
    from enginebus import static

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = os.path.join(HERE, "counts.json")
TEN = os.path.join(HERE, "ten-cached.txt")
LOCK = threading.Lock()
with open(TEN, "w") as _file:
    _file.write("0123456789")
os.utime(TEN, (1000000000, 1000000000))


class OwnCache(object):
    """A cache of one's own: it keeps everything, and marks what it gives."""

    delay = 600

    def __init__(self):
        self.clear()
        web.engine.log("own cache made, delay %s" % self.delay)

    def clear(self):
        self.kept = {}
        web.engine.log("own cache cleared")

    def key(self):
        return web.request.path_info, web.request.query_string

    def get(self):
        variant = self.kept.get(self.key())
        if variant is not None:
            web.response.headers["X-Own"] = "no"
            variant[1]["X-Own"] = "yes, delay %s" % self.delay
        return variant

    def put(self, variant, size):
        web.engine.log("own cache keeps %d bytes" % size)
        self.kept[self.key()] = variant

    def delete(self):
        web.engine.log("own cache deletes %s" % web.request.path_info)
        self.kept.pop(self.key(), None)


def log_marks():
    """Say what the caching tool says of a request."""
    web.engine.log("marks: cached %s, cacheable %s" % (web.request.cached, web.request.cacheable))


web.tools.marks = web.Tool("before_finalize", log_marks)
SETTINGS = {
    "": {},
    "short": {"tools.caching.delay": 1, "tools.caching.antistampede_timeout": 1},
    "brief": {"tools.caching.delay": 2},
    "few": {"tools.caching.maxobjects": 3, "tools.caching.delay": 2},
    "small": {"tools.caching.maxobj_size": 100, "tools.caching.maxsize": 250},
    "own": {"tools.caching.cache_class": OwnCache, "tools.caching.delay": 77},
    "patient": {"tools.caching.antistampede_timeout": 8, "tools.caching.delay": 2},
    "impatient": {"tools.caching.antistampede_timeout": 1, "tools.caching.delay": 2},
    "none": {"tools.caching.maxobjects": 0},
    "reading": {"tools.caching.invalid_methods": ("PUT",)},
}
ON = dict({"tools.caching.on": True}, **SETTINGS[os.environ.get("CACHE", "")])
OFF = {"tools.caching.on": False}
CONFIG = {
    "/": ON, "/counts": OFF, "/pause": OFF, "/stats": OFF, "/stop_and_start": OFF,
    "/marked": {"tools.marks.on": True},
    "/briefly": {"tools.caching.delay": 1},
    "/file": dict(ON, **{"tools.staticfile.on": True, "tools.staticfile.filename": TEN}),
    "/expiring": {"tools.expires.on": True, "tools.expires.secs": 1},
    "/slowly_expiring": {"tools.expires.on": True, "tools.expires.secs": 1},
    "/streamed": {"response.stream": True},
    "/broken": {"response.stream": True},
    "/lingering": {"response.stream": True},
}


def count(name):
    """Count a call; return how many there were."""
    with LOCK:
        counts = counted()
        counts[name] = counts.get(name, 0) + 1
        with open(COUNTS, "w") as written:
            json.dump(counts, written)
        return counts[name]


def counted():
    """All counts."""
    try:
        with open(COUNTS) as written:
            return json.load(written)
    except (IOError, OSError, ValueError):
        return {}


class Root(object):
    """Each handler says which call of it this is."""

    @web.expose
    def index(self):
        return "index #%d" % count("index")

    @web.expose
    def page(self, n="", length="0"):
        return ("page%s #%d" % (n, count("page" + n))).ljust(int(length), ".")

    @web.expose
    def marked(self):
        return "marked #%d" % count("marked")

    @web.expose
    def briefly(self):
        return "briefly #%d" % count("briefly")

    @web.expose
    def other(self):
        """Another page, whose answer to POST names what it changed."""
        if web.request.method == "POST":
            web.response.headers["Content-Location"] = "/page?n=7"
            web.response.headers["Location"] = "http://elsewhere.example/page"
        return "other #%d" % count("other")

    @web.expose
    def created(self):
        """Send the client of a POST to the page that it changed."""
        raise web.HTTPRedirect("/page?n=8", 303)

    @web.expose
    def shelf(self, name):
        """Pages in a folder: an answer to POST names another by its name alone."""
        if web.request.method == "POST":
            web.response.headers["Content-Location"] = "second"
        return "%s #%d" % (name, count("shelf " + name))

    # -- what selects a variant

    @web.expose
    def varied(self, by="X-One, X-Two"):
        web.response.headers["Vary"] = by
        return "varied #%d" % count("varied")

    @web.expose
    def varied_by_turns(self):
        """It varies with another field each time that it is made."""
        turn = count("turns")
        web.response.headers["Vary"] = "X-One" if turn % 2 else "X-Two"
        return "turn #%d" % turn

    # -- what a response says of itself

    @web.expose
    def said(self, name, value, name2=None, value2=None):
        """Set a field or two of the response."""
        web.response.headers[name] = value
        if name2:
            web.response.headers[name2] = value2
        return "said #%d" % count("said " + name + value)

    @web.expose
    def morsel(self):
        web.response.cookie["a"] = "b"
        return "morsel #%d" % count("morsel")

    @web.expose
    def status(self, code):
        web.response.status = int(code)
        return "status #%d" % count("status " + code)

    @web.expose
    def missing(self):
        raise web.HTTPError(404, "missing #%d" % count("missing"))

    @web.expose
    def failing(self):
        raise web.HTTPError(503, "failing #%d" % count("failing"))

    @web.expose
    def validated(self):
        web.response.headers["ETag"] = '"one"'
        web.response.headers["Last-Modified"] = "Sun, 09 Sep 2001 01:46:40 GMT"
        return "validated #%d" % count("validated")

    @web.expose
    def expiring(self):
        web.response.headers["ETag"] = '"one"'
        return "expiring #%d" % count("expiring")

    @web.expose
    def slowly_expiring(self):
        time.sleep(1.2)
        web.response.headers["ETag"] = '"one"'
        return "slowly expiring #%d" % count("slowly expiring")

    @web.expose
    def served(self):
        count("served")
        return static.serve_file(TEN, content_type="application/x-ten")

    # -- bodies in parts

    @web.expose
    def generated(self):
        number = count("generated")
        for word in ("one ", "two ", "#%d" % number):
            yield word

    @web.expose
    def streamed(self, blocks="0"):
        number = count("streamed" + blocks)

        def parts():
            for word in [b"one ", b"two ", b"three "] + [b"x" * 10000] * int(blocks):
                yield word
            yield ("#%d" % number).encode("ascii")

        return parts()

    @web.expose
    def lingering(self):
        """It is not over when all that it has is sent."""
        number = count("lingering")
        web.response.headers["Content-Length"] = "6"

        def parts():
            yield b"one "
            yield ("#%d" % number).encode("ascii")
            time.sleep(1.5)

        return parts()

    @web.expose
    def opened(self, kib):
        """A file that is no file of the system's: larger than what is read of one at a time."""
        count("opened")
        return io.BytesIO(b"k" * 1024 * int(kib))

    @web.expose
    def broken(self):
        number = count("broken")
        web.response.headers["Content-Length"] = "30"

        def parts():
            yield ("broken #%d" % number).encode("ascii")
            raise RuntimeError("broken on purpose")

        return parts()

    # -- time

    @web.expose
    def slow(self, seconds="1", failing=""):
        """Say when it begins and ends; another method than GET changes the page before it ends."""
        number = count("slow")
        web.engine.log("slow #%d begins, %s" % (number, web.request.method))
        time.sleep(float(seconds))
        web.engine.log("slow #%d ends" % number)
        if "X-Failing" in web.request.headers:
            raise RuntimeError("slow on purpose")
        if failing:
            raise web.HTTPError(503, "slow on purpose")
        return "slow #%d" % number

    @web.expose
    def pause(self, seconds):
        """Not cached: time passes."""
        time.sleep(float(seconds))
        return "paused"

    @web.expose
    def counts(self, name):
        """Not cached: how often a handler was called."""
        return "%s %d" % (name, counted().get(name, 0))

    @web.expose
    def stats(self):
        """Not cached: what the cache says of itself."""
        cache = web._cache
        return "gets %d, hits %d, puts %d, expired %d, not modified %d, size %d" % (
            cache.tot_gets, cache.tot_hist, cache.tot_puts, cache.tot_expires, cache.tot_non_modified, cache.cursize)

    @web.expose
    def stop_and_start(self, times="1"):
        """Stop the engine, and start it again, in this process; several times with nothing in between."""
        def both():
            for _ in range(int(times)):
                web.engine.stop()
                web.engine.start()

        threading.Thread(target=both).start()
        return "soon"
