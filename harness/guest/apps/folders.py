"""The route contract "folders": folders and files that are served, and conditions and ranges that clients ask them with.

The files are made anew at each start, beside this file, and are as old as each other: their validators never change.
"""
import io
import os
import shutil
import stat
import threading
import time

try:
    import cherrypy as web
    from cherrypy.lib import static
except ImportError:
    import enginebus as web
    from enginebus import static

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "folders-files")
WRITTEN = 1000000000  # Sun, 09 Sep 2001 01:46:40 GMT
FUTURE = 4102444800  # Fri, 01 Jan 2100 00:00:00 GMT
LARGE = 60 * 1024 * 1024  # in more than 64 MiB no server of a cell may write

#: Names are bytes, as they are in a URL; some are no text in any encoding.
FILES = {
    b"secret.txt": b"secret",
    b"public-secret/secret.txt": b"secret",
    b"public/index.html": b"<p>front</p>",
    b"public/style.css": b"p { color: red }",
    b"public/ten.txt": b"0123456789",
    b"public/empty.txt": b"",
    b"public/future.txt": b"from the future",
    b"public/no-extension": b"no extension",
    b"public/html": b"no page",
    b"public/rewritten.txt": b"none",
    b"public/small.ico": b"no picture",
    b"public/page.own": b"a type of its own",
    b"public/UPPER.TXT": b"upper",
    b"public/archive.tar.gz": b"not really",
    b"public/has space.txt": b"has space",
    b"public/per%41cent.txt": b"per cent",
    b"public/\xc3\xa9.txt": b"e with an accent",
    b"public/\xff.txt": b"no text in any encoding",
    b"public/back\\slash.txt": b"backslash",
    b"public/sub/index.html": b"<p>sub</p>",
    b"public/sub/deep.txt": b"deep",
    b"public/bare/file.txt": b"in a folder without index",
    b"public/dynamic": b"",
}
LINKS = {
    b"public/out.txt": b"../secret.txt", b"public/outside": b"../public-secret", b"public/inside.txt": b"ten.txt",
    b"public/ten.css": b"ten.txt", b"public/around": b"around", b"public/sub/up.html": b"../index.html",
    b"public/gone.txt": b"nowhere.txt",
    b"public/index-out/index.html": b"../../secret.txt", b"entrance": b"public",
}


def make_files():
    """Make the folder; what an earlier start left is removed."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    top = FOLDER.encode("utf-8") if not isinstance(FOLDER, bytes) else FOLDER
    for name in list(FILES) + list(LINKS):
        folder = os.path.dirname(os.path.join(top, name))
        if not os.path.isdir(folder):
            os.makedirs(folder)
    for name, content in FILES.items():
        with open(os.path.join(top, name), "wb") as made:
            made.write(content)
        when = FUTURE if b"future" in name else WRITTEN
        os.utime(os.path.join(top, name), (when, when))
    for name, target in LINKS.items():
        os.symlink(target, os.path.join(top, name))
    with open(os.path.join(top, b"public", b"large.bin"), "wb") as made:
        made.truncate(LARGE)
    os.remove(os.path.join(top, b"public", b"dynamic"))
    os.mknod(os.path.join(top, b"public", b"socket"), stat.S_IFSOCK | 0o600)
    os.mkfifo(os.path.join(top, b"public", b"fifo"))


def page_of_a_file(status, message, traceback, version):
    """An error page that is a file."""
    return static.serve_file(os.path.join(PUBLIC, "ten.txt"), content_type="text/plain")


KNOWN = []
make_files()
PUBLIC = os.path.join(FOLDER, "public")
os.environ["HOME"] = FOLDER
TOOL = {"tools.staticdir.on": True, "tools.staticdir.dir": "public", "tools.staticdir.root": FOLDER}
CONFIG = {
    "/static": dict(TOOL, **{"tools.staticdir.index": "index.html", "tools.staticdir.content_types": {"own": "text/x-own"}}),
    "/plain": {"tools.staticdir.on": True, "tools.staticdir.dir": PUBLIC},
    "/home": {"tools.staticdir.on": True, "tools.staticdir.dir": os.path.join("~", "public")},
    "/texts": dict(TOOL, **{"tools.staticdir.match": r"\.txt$"}),
    "/linked": dict(TOOL, **{"tools.staticdir.dir": "entrance"}),
    "/rootless": {"tools.staticdir.on": True, "tools.staticdir.dir": "public"},
    "/folderless": {"tools.staticdir.on": True},
    "/off": dict(TOOL, **{"tools.staticdir.on": False}),
    "/errors": {"error_page.404": page_of_a_file},
    "/one": {"tools.staticfile.on": True, "tools.staticfile.filename": os.path.join(PUBLIC, "style.css")},
    "/one_more": {"tools.staticfile.on": True, "tools.staticfile.filename": "ten.txt", "tools.staticfile.root": PUBLIC},
    "/one_typed": {"tools.staticfile.on": True, "tools.staticfile.filename": os.path.join(PUBLIC, "page.own"),
                   "tools.staticfile.content_types": {"own": "text/x-one"}},
    "/one_missing": {"tools.staticfile.on": True, "tools.staticfile.filename": os.path.join(PUBLIC, "nowhere.txt")},
    "/one_rootless": {"tools.staticfile.on": True, "tools.staticfile.filename": "ten.txt"},
    "/tagged": {"tools.etags.on": True},
    "/weakly_tagged": {"tools.etags.on": True},
    "/failing": {"tools.etags.on": True},
    "/auto": {"tools.etags.on": True, "tools.etags.autotags": True},
    "/auto_streamed": {"tools.etags.on": True, "tools.etags.autotags": True, "response.stream": True},
    "/expiring": {"tools.expires.on": True, "tools.expires.secs": 60},
    "/expired": {"tools.expires.on": True, "tools.expires.secs": 0},
    "/forced": {"tools.expires.on": True, "tools.expires.secs": 0, "tools.expires.force": True},
}


class Plain(object):
    """What is found where a folder has no such file."""

    @web.expose
    def index(self):
        return "dynamic index"

    @web.expose
    def dynamic(self):
        return "dynamic %s" % web.request.method


class Root(object):
    """The handlers; most paths are those of CONFIG."""

    plain = Plain()
    texts = Plain()
    handled = web.tools.staticdir.handler(section="/handled", dir="public", root=FOLDER)

    @web.expose
    def index(self):
        return "hello"

    # -- handlers that serve files

    @web.expose
    def served(self, name="ten.txt"):
        return static.serve_file(os.path.join(PUBLIC, name))

    @web.expose
    def typed(self):
        return static.serve_file(os.path.join(PUBLIC, "ten.txt"), content_type="application/x-ten")

    @web.expose
    def relative(self):
        return static.serve_file("ten.txt")

    @web.expose
    def download(self):
        return static.serve_download(os.path.join(PUBLIC, "ten.txt"))

    @web.expose
    def named(self, name):
        name = name if isinstance(name, type(u"")) else name.decode("utf-8")
        return static.serve_file(os.path.join(PUBLIC, "ten.txt"), disposition="attachment", name=name)

    @web.expose
    def inline(self):
        return static.serve_fileobj(io.BytesIO(b"in memory"), content_type="text/plain", disposition="inline")

    @web.expose
    def in_memory(self):
        return static.serve_fileobj(io.BytesIO(b"0123456789"), content_type="application/x-ten")

    @web.expose
    def known(self):
        """A file that is not forgotten when it has been sent."""
        KNOWN.append(io.BytesIO(b"0123456789"))
        return static.serve_fileobj(KNOWN[-1], content_type="application/x-ten")

    @web.expose
    def known_closed(self):
        return str(KNOWN[-1].closed)

    @web.expose
    def piped(self, times="1"):
        """A pipe: it has neither a length nor a place to go back to."""
        reading, writing = os.pipe()

        def feed():
            try:
                with os.fdopen(writing, "wb") as feeding:
                    feeding.write(b"through a pipe" * int(times))  # a pipe holds 64 KiB, and waits to be read
            except EnvironmentError as error:  # a server that takes it for empty closes it
                web.engine.log("the pipe is not read to its end: %s" % error)

        threading.Thread(target=feed).start()
        return static.serve_fileobj(os.fdopen(reading, "rb"), content_type="application/x-pipe")

    @web.expose
    def feed(self):
        """Write to the FIFO where somebody waits in it, as soon as somebody does; say whether."""
        deadline = time.time() + 2
        while time.time() < deadline:
            try:
                writing = os.open(os.path.join(PUBLIC, "fifo"), os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads it
                time.sleep(0.05)
                continue
            os.write(writing, b"fed")
            os.close(writing)
            return "somebody read it"
        return "nobody read it"

    @web.expose
    def rewritten(self, text, at):
        """Write a file anew; it is as old as it is said to be."""
        path = os.path.join(PUBLIC, "rewritten.txt")
        with open(path, "wb") as made:
            made.write(text.encode("ascii"))
        os.utime(path, (float(at), float(at)))
        return "rewritten"

    # -- handlers with validators

    @web.expose
    def tagged(self):
        web.response.headers["ETag"] = '"one, two"'
        web.response.headers["Last-Modified"] = "Sun, 09 Sep 2001 01:46:40 GMT"
        return "tagged %s" % web.request.method

    @web.expose
    def weakly_tagged(self):
        web.response.headers["ETag"] = 'W/"one"'
        web.response.headers["Cache-Control"] = "max-age=5"
        web.response.headers["Expires"] = "Fri, 01 Jan 2100 00:00:00 GMT"
        web.response.headers["Content-Location"] = "/weakly_tagged"
        web.response.headers["Vary"] = "Accept"
        return "weakly tagged"

    @web.expose
    def failing(self, status):
        web.response.headers["ETag"] = '"one"'
        web.response.status = int(status)
        return "failing"

    @web.expose
    def auto(self, text="automatic", tag=None, status="200"):
        if tag:
            web.response.headers["ETag"] = tag
        web.response.status = int(status)
        return text

    @web.expose
    def auto_streamed(self):
        return iter([b"auto", b"matic"])

    # -- handlers of the tool ``expires``

    @web.expose
    def expiring(self, tag=None, own=None):
        if tag:
            web.response.headers["ETag"] = tag
        if own:
            web.response.headers["Expires"] = own
        return "expiring"

    @web.expose
    def expired(self):
        web.response.headers["ETag"] = '"one"'
        web.response.headers["Cache-Control"] = "private"
        return "expired"

    @web.expose
    def forced(self):
        web.response.headers["Cache-Control"] = "private"
        return "forced"
