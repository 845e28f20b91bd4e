"""The route contract "pages": what a request says, and what an answer may be, page by page, on CherryPy and on enginebus.

The environment variable SETTINGS is a JSON object of sections, {"global": {...}, "/path": {...}}: settings for one start.
"""
import calendar
import email.utils
import functools
import io
import json
import os
import tempfile
import time

try:
    import cherrypy as web
except ImportError:
    import enginebus as web

import pages_errors
import pages_tools
import pages_trees

#: What one of the two does not know.
ONLY_ENGINEBUS = ("server.header_timeout", "server.body_timeout", "server.max_request_line", "server.linger")

#: What the application's own namespace was told.
OWN = {}
web.config.namespaces["own"] = OWN.__setitem__

CONFIG = {
    "global": {"own.colour": "red", "request.show_tracebacks": False, "tools.mark.k1": 1, "tools.mark.k2": 1},
    "/own_charset": {"request.query_string_encoding": "iso-8859-1"},
    "/hidden_mismatch": {"request.show_mismatched_params": False},
    "/unprocessed": {"request.process_request_body": False},
    "/deleted": {"request.methods_with_bodies": ("DELETE",)},
    "/own_settings": {"own.of_a_path": "blue"},
    "/configured": {"response.headers.X-Configured": "yes", "response.headers.content-type": "text/plain"},
}
for _part in (pages_errors, pages_tools, pages_trees):
    CONFIG.update(_part.SECTIONS)
for _path, _section in json.loads(os.environ.get("SETTINGS", "{}")).items():
    if not isinstance(_section, dict):
        CONFIG[str(_path)] = _section
        continue
    for _name in _section:
        if _section[_name] is None:  # as if it did not stand here
            CONFIG[str(_path)].pop(str(_name))
        elif web.__name__ == "enginebus" or _name not in ONLY_ENGINEBUS:
            CONFIG.setdefault(str(_path), {})[str(_name)] = _section[_name]


def streamed(handler):
    """A handler whose answer is sent as it comes."""
    handler._cp_config = {"response.stream": True}
    return handler


def plain(text):
    """A parameter may be bytes or unicode on 2.7; bytes go out as they are."""
    return text.encode("utf-8") if isinstance(text, type(u"")) else text


class Part(object):
    """A file that says in the log when it is closed; one of io's would say so when it is merely forgotten."""

    def __init__(self, data):
        self._file = io.BytesIO(data)
        self.read = self._file.read

    def close(self):
        web.engine.log("part closed")
        self._file.close()


class Root(pages_trees.Reserved):
    """The tree's root."""

    errors = pages_errors.Errors()
    tools = pages_tools.Tools()
    trees = pages_trees.Trees()

    @web.expose
    def index(self):
        return "hello"

    # -- the request

    @web.expose
    def seen(self, *names, **fields):
        """An attribute of the request: /seen/remote/ip."""
        return str(functools.reduce(getattr, names, web.request))

    @web.expose
    def field(self, name):
        return "|%s|" % web.request.headers.get(name, "none")

    @web.expose
    def elements(self, name):
        """A list field as it is understood."""
        found = web.request.headers.elements(name)
        return " | ".join(str(one) for one in found) + " " + ",".join(web.request.headers.values(name))

    @web.expose
    def fields(self):
        return ",".join(sorted(web.request.headers))

    @web.expose
    def params(self, *segments, **fields):
        """The kinds and values of all that came."""
        return plain(u" ".join([u"/" + self._shown(one) for one in segments] + [
            self._shown(name) + u"=" + self._shown(fields[name]) for name in sorted(fields)]))

    @web.expose
    def parts(self, **fields):
        """The parts of a body that is none of fields."""
        return " ".join("%s:%d" % (part.headers.get("X-Part", "none"), len(part.file.read() if part.file else part.value))
                        for part in web.request.body.parts)

    own_charset = unprocessed = deleted = params

    @web.expose
    def hidden_mismatch(self, a):
        return a

    def _shown(self, value):
        if isinstance(value, list):
            return u"[%s]" % u",".join(self._shown(one) for one in value)
        if isinstance(value, int):
            return u"int:%d" % value
        if hasattr(value, "file"):
            content = value.file.read() if value.file else value.value  # CherryPy has no file of nothing
            return u"file(%s,%s,%d,%s)" % (self._shown(value.filename), value.content_type, len(content),
                                          content[:40].decode("latin-1").replace(u"\r", u"R").replace(u"\n", u"N"))
        return value if isinstance(value, type(u"")) else value.decode("utf-8")

    @web.expose
    def cookies(self):
        return " ".join(sorted("%s=%s" % (name, morsel.value) for name, morsel in web.request.cookie.items()))

    # -- its body

    @web.expose
    def length(self, **fields):
        return "%s %d bytes" % (web.request.method, len(web.request.body.read()))

    @web.expose
    def body(self):
        return b"[" + web.request.body.read() + b"]"

    @web.expose
    def trailed(self):
        """A field, before and after the body has been read."""
        before = web.request.headers.get("X-Own", "none")
        return "%d %s %s" % (len(web.request.body.read()), before, web.request.headers.get("X-Own", "none"))

    @web.expose
    def unread(self, **fields):
        return "not read"

    @web.expose
    def part(self, size):
        return b"[" + web.request.body.read(int(size)) + b"]"

    @web.expose
    def twice(self, size):
        """A few bytes, then the rest, then nothing."""
        read = web.request.body.read
        return b"[" + read(int(size)) + b"][" + read() + b"][" + read() + b"]"

    @web.expose
    def lines(self):
        return b"|".join(web.request.body)

    @web.expose
    def line(self, size):
        """The beginning of a line, the rest of it, and of the body."""
        body = web.request.body
        return b"[" + body.readline(int(size)) + b"][" + body.readline() + b"][" + body.read(3) + b"][" + body.read() + b"]"

    @web.expose
    def beginning(self, size):
        """The beginning of a line, told as soon as it is there."""
        web.engine.log("begins with %r" % str(web.request.body.readline(int(size)).decode("ascii")))
        return web.request.body.read()

    @web.expose
    def bounded(self, size):
        """Another limit for the bodies of the requests that come."""
        web.server.max_request_body_size = int(size)
        return "bounded"

    @web.expose
    def temporary(self):
        """What is left in the folder for temporary files."""
        found = sorted(name for name in os.listdir(tempfile.gettempdir()) if name.startswith(tempfile.gettempprefix()))
        return " ".join(["temporary files:"] + found)

    # -- the answer

    @web.expose
    def status(self, value="", kind="text"):
        web.response.status = {"text": str, "number": int, "none": lambda text: None}[kind](value)
        return "body"

    @web.expose
    def set(self, **fields):
        for name in sorted(fields):
            web.response.headers[name] = fields[name]
        return b"body"

    @web.expose
    def declared(self, length):
        web.response.headers["Content-Length"] = length

    @web.expose
    def number(self):
        web.response.headers["X-Number"] = 7
        return "body"

    @web.expose
    def given(self, name):
        """What a field of the answer is before a handler sets it."""
        return str(web.response.headers.get(name))

    @web.expose
    def renamed(self):
        """Names of fields are in any case, whatever is done with them."""
        headers = web.response.headers
        headers["x-ONE"], headers["X-two"], headers["X-Three"] = "1", "2", "3"
        del headers["X-One"]
        said = [headers.pop("x-TWO"), headers.pop("X-Two", "gone"), headers.get("x-three"), headers.setdefault("x-three", "4"),
                headers.setdefault("x-four", "4"), str("x-FOUR" in headers), str("X-One" in headers)]
        headers.update({"x-five": "5"})
        return " ".join(said)

    @web.expose
    def set_cookies(self, **values):
        for name in values:
            web.response.cookie[name] = values[name]
            web.response.cookie[name]["path"] = "/"
        return "body"

    @web.expose
    def configured(self):
        return "configured"

    @web.expose
    def set_body(self):
        web.response.body = [b"set ", b"by hand"]

    @web.expose
    def text(self):
        web.response.headers["Content-Type"] = "text/plain"
        return u"\xe9\u20ac"

    @web.expose
    def octets(self, size="0"):
        web.response.headers["Content-Type"] = "application/octet-stream"
        return b"x" * int(size)

    @web.expose
    def pieces(self):
        return [b"one ", b"", b"two ", u"\xe9".encode("utf-8")]

    @web.expose
    def opened(self, bytes="5"):
        return Part(b"f" * int(bytes))

    @web.expose
    def opened_as(self, status):
        web.response.status = status
        return Part(b"f")

    @web.expose
    def numbers(self):
        return iter([b"1", 2])

    @web.expose
    def fails_late(self):
        """It fails when its answer is made, and not when it is called."""
        yield b"begun "
        raise RuntimeError("late on purpose")

    # -- an answer as it comes

    @web.expose
    @streamed
    def stream(self, words="one,two"):
        for word in words.split(","):
            yield plain(word)

    @web.expose
    @streamed
    def stream_text(self, length=None):
        if length is not None:
            web.response.headers["Content-Length"] = length
        return u"whole \xe9".encode("utf-8")

    @web.expose
    @streamed
    def stream_opened(self):
        return Part(b"f" * 70000)

    @web.expose
    @streamed
    def stream_declared(self, length, **words):
        web.response.headers["Content-Length"] = length
        return iter([b"12", b"345"])

    @web.expose
    @streamed
    def stream_refused(self):
        raise web.HTTPError(403, "refused")

    @web.expose
    @streamed
    def stream_fails(self):
        yield b"begun"
        raise RuntimeError("in the stream on purpose")

    @web.expose
    @streamed
    def endless(self):
        try:
            while True:
                yield b"x" * 100000
        finally:
            web.engine.log("endless closed")

    @web.expose
    def clock(self):
        """Is the answer's date the present?"""
        sent = calendar.timegm(email.utils.parsedate(web.response.headers["Date"]))
        return "right" if abs(time.time() - sent) < 2 else "wrong"

    # -- side by side

    @web.expose
    def held(self, name, seconds="0.6"):
        """What is this request's own stays so while others are served."""
        web.response.headers["X-Held"] = name
        web.response.cookie["held"] = name
        web.response.status = "20%d Held" % (len(name) % 4)
        web.request.note = name
        web.engine.log("held %s" % name)
        time.sleep(float(seconds))
        return "%s %s %s %s %s" % (name, web.request.params["name"], web.request.headers.get("X-Name"), web.request.note,
                                   web.request.cookie["own"].value)

    @web.expose
    def forgotten(self):
        web.request.note = "note"
        del web.request.note
        return str(hasattr(web.request, "note"))

    @web.expose
    def left_over(self):
        """What a request may have left to the next."""
        return "%s %s" % (getattr(web.request, "note", "no note"), sorted(web.request.params))

    # -- settings

    @web.expose
    def reconfigured(self, value):
        """A setting that is made while the site runs."""
        web.config["tools.mark.k2"] = value
        return "%s %s" % (web.config["tools.mark.k2"], web.request.config["tools.mark.k2"])

    @web.expose
    def own_settings(self):
        return " ".join("%s=%s" % (name, OWN[name]) for name in sorted(OWN))

    @web.expose
    def slow(self, seconds="1"):
        web.engine.log("slow handler begins")
        time.sleep(float(seconds))
        return "slow done"
