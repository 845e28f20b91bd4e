"""The guest on every Python of the machine: compiled, and its own quick tests run by that Python itself."""

import contextlib
import socket
import subprocess

import pytest
from enginebus.httpserver import listening_socket

from harness.machine.places import SUBJECTS
from harness.targets.load_subjects import BUNDLED
from harness.targets.provision import supports

from ..conftest import GUEST

CHECK = r"""
import io, os, sys, threading
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import enginebus
from enginebus import _compat, body, bus, dispatch, errors, forms, head, headers, params, pipeline, stream
from enginebus.log import Log, stamp
from enginebus.serving import Request


def fails(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        return getattr(error, "code", True)
    raise AssertionError("%r went through %r" % (arguments, function))


# _compat
class T(object):
    def m(self, a, b=1, *args, **kw): pass
class C(object):
    def __call__(self, x): pass
s = _compat.signature_of(T().m)
assert (s.positional, s.optional, s.varargs, s.varkw) == (["a", "b"], set(["b"]), True, True), s
assert _compat.signature_of(lambda a, b: 0).positional == ["a", "b"]
assert _compat.signature_of(C()).positional == ["x"]
for wrong in (3, None, T()):
    fails(TypeError, _compat.signature_of, wrong)
assert _compat.original_argv()[1:4] == ["-s", "-E", "-c"], _compat.original_argv()
assert _compat.to_bytes(u"\xe9") == b"\xc3\xa9" and _compat.to_text(b"\xc3\xa9") == u"\xe9" and _compat.to_text(b"\xff") == u"\ufffd"
for value in (b"\xc3\xa9", u"\xe9"):
    native = _compat.to_native(value)
    assert type(native) is str and _compat.to_bytes(native) == b"\xc3\xa9", value
assert _compat.unquote_to_bytes("%C3%a9%zz") == b"\xc3\xa9%zz"
assert _compat.escape('<&">') == '&lt;&amp;"&gt;' and _compat.escape('"', True) == "&quot;"
assert _compat.RESPONSES[404][0] == "Not Found" and len(_compat.RESPONSES[404]) == 2
cookie = _compat.SimpleCookie("a=1"); assert cookie["a"].value == "1"
assert _compat.get_ident() == threading.current_thread().ident
before = _compat.monotonic(); assert before <= _compat.monotonic() < before + 60
_compat.raw_stream("stdout").write(b""); assert _compat.raw_stream("nosuch") is None
import fcntl, socket
sock = socket.socket()
fcntl.fcntl(sock, fcntl.F_SETFD, 0)
_compat.close_on_exec(sock)
assert fcntl.fcntl(sock, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
# the head
h = head.parse_head(b"POST /a%20b?c=d HTTP/1.1\r\nhost: h:1\r\nCONTENT-length: 05\r\nx: \xe9 \r\nConnection: close", 99)
assert (h.method, h.path, h.query, h.protocol, h.host, h.length, h.close, h.chunked) == ("POST", "/a%20b", "c=d", (1, 1), "h:1", 5, True, False)
assert all(type(text) is str for text in (h.method, h.path, h.query, h.host)) and h.headers["X"] == _compat.to_native(b"\xe9", "latin-1")
for lines, status in ((b"", 400), (b"Host: a\r\nX Y: 1", 400), (b"Host: a\r\nContent-Length : 5", 400), (b"Host: a\r\na: 1\rb: 2", 400), (b"Host: a\r\n b", 400),
                      (b"Host: a\r\nHost: a", 400), (b"Host: a b", 400), (b"Host: a\r\nExpect: x", 417), (b"Host: a\r\n" + b"\r\n".join([b"a: 1"] * 100), 431)):
    assert fails(errors.HTTPError, head.parse_head, b"GET / HTTP/1.1\r\n" + lines, 99) == status, lines
for line, status in ((b"GET x HTTP/1.1", 400), (b"GET / HTTP/2.0", 505), (b"G\xe9T / HTTP/1.1", 400), (b"GET /" + b"x" * 99 + b" HTTP/1.1", 414), (b"GET x://h/ HTTP/1.1", 400)):
    assert fails(errors.HTTPError, head.parse_line, line, 99) == status, line
for length, found in ((b"9" * 5000, 10 ** 19), (b"5, 5", 5), (b"+3", 400), (b"0x3", 400), (b"5, 6", 400), (b"\xa05", 400), (b"5\x85", 400), (b"\xb2", 400)):
    h = head.parse_head(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length, 99)
    assert (fails(errors.HTTPError, lambda: h.length) if found == 400 else h.length) == found, length
for host, good in ((b"[::1]:8", True), (b"[::1", False), (b"[1.2.3.4]", False), (b"[::g]", False)):
    line = b"GET / HTTP/1.1\r\nHost: " + host
    assert head.parse_head(line, 99).host == host.decode() if good else fails(errors.HTTPError, head.parse_head, line, 99) == 400, host


# the body
class Socket(object):
    def __init__(self, data): self.data = io.BytesIO(data)
    def recv(self, size): return self.data.read(min(size, 7))
    def settimeout(self, seconds): pass
def read(data, length=None):
    return body.Body(stream.Stream(Socket(data)), length, length is None, 1000, 10).read()
assert read(b"hello", 5) == read(b"5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n") == read(b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n") == b"hello"
for data in (b"+5\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"5\r\nhel", b"\xb25\r\nx", b"5_\r\nhello\r\n0\r\n\r\n"):
    assert fails(errors.HTTPError, read, data) == 400, data
assert fails(errors.HTTPError, read, b"3e9\r\nx") == 413 and fails(errors.HTTPError, read, b"", 1001) == 413
# forms
assert forms.parse_pairs(b"a=1&a=%C3%A9&b=x+y&&c", ["utf-8"]) == {"a": [u"1", u"\xe9"], "b": u"x y", "c": u""}
assert forms.parse_pairs(b"%C3%A9=%e9", ["utf-8", "no-such", "iso-8859-1"]) == {_compat.to_native(u"\xc3\xa9"): u"\xe9"}
assert params.parse_query("", "utf8") == {} and params.parse_query("1,2", "utf8") == {"x": 1, "y": 2}
assert params.parse_query("a=%C3%A9", "utf8") == {"a": u"\xe9"} and fails(errors.HTTPError, params.parse_query, "a=%ff", "utf8") == 404
params.parse_query("1" * 5000 + ",1", "utf8")
data = (b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\r\n--B\r\n'
        b'Content-Disposition: form-data; name="f"; filename="\xc3\xa9.txt"\r\nContent-Type: text/x\r\n\r\n\xff\r\n--\r\n--B--\r\n')
e = forms.Entity(io.BytesIO(data), headers.HeaderMap([("Content-Type", "multipart/form-data; boundary=B")]))
e.process()
f = e.params["f"]
assert (e.params["a"], f.filename, f.file.read(), f.content_type.value) == (u"\xe9", _compat.to_native(u"\xe9.txt"), b"\xff\r\n--", "text/x")
assert params.path_segments("/a%2Fb/c") == ["a/b", "c"] and params.path_segments("/%C3%A9") == [_compat.to_native(u"\xe9")]
assert params.path_segments("/%FF") == [_compat.to_native(u"\xff")] and dispatch.attribute_name("a-b.c") == dispatch.attribute_name(u"a-b.c") == "a_b_c"
# fields, dates, elements
fields = headers.HeaderMap([("content-TYPE", "a"), (u"x", u"b")])
assert sorted(fields) == ["Content-Type", "X"] and all(type(name) is str for name in fields) and fields["CONTENT-type"] == "a" and "X" in fields
assert [x.value for x in headers.header_elements("Accept", 'a;q=0.5, b;x="1,\\";2", c;q=0')] == ["b", "a", "c"]
assert headers.http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT" and headers.http_date(784111777.5) == headers.http_date(784111777)
for text in ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"):
    assert headers.parse_date(text) == 784111777, text
assert headers.parse_date("Sun, 06 Nov 1994 08:49:37 CET") is None
# the rest
failures = bus.ChannelFailures([IOError("Port 8080 not free on '127.0.0.1'")])
assert "Port 8080 not free on '127.0.0.1'" in repr(failures) and failures and not bus.ChannelFailures()
assert stamp(0)[2:12] in ("/Jan/1970:", "/Dec/1969:"), stamp(0)
assert errors.valid_status(u"406 Not today")[:2] == errors.valid_status("406 Not today")[:2] == (406, "Not today")
assert [fails(ValueError, errors.valid_status, wrong) for wrong in ("abc", "200.5", 99, 1000)] == [True] * 4
assert pipeline.collect([u"\xe9", b"x", None]) == b"\xc3\xa9x" and fails(TypeError, pipeline.collect, [3])
out = io.BytesIO(); Log(None, out).access("h", u"GET /\xe9\n\" HTTP/1.1", 200, 0, None, "")
assert b'"GET /\\xe9\\x0a\\x22 HTTP/1.1" 200 0 "" ""\n' in out.getvalue(), out.getvalue()
fails(KeyError, enginebus.config.update, {"server.socket_prot": 1})
assert enginebus.tools.staticdir.settings() >= set(["section", "dir"])


# one request, the whole way
class Root(object):
    @enginebus.expose
    def index(self, a, b="x"):
        return [u"\xe9", b"-", a, b]
enginebus.tree.mount(Root())
enginebus.log.screen = False
for query, code, text in (("a=1", 200, b"\xc3\xa9-1x"), ("", 404, b"Missing parameters: a"), ("a=%ff", 404, b"must be encoded with"), ("a=1&z=%C3%A9", 404, b": z")):
    r = enginebus._pipeline.respond(Request(query_string=query))
    assert r.code == code and text in r.body and all(type(n) is type(v) is bytes for n, v in r.header_list), (query, r.code, r.body)
print("good")
"""

#: Answers one client on each socket that was handed in: as number 3 and those behind it, as for a service of systemd.
HANDED_IN = r"""
import fcntl, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
descriptors = [fcntl.fcntl(int(word), fcntl.F_DUPFD, 20) for word in sys.argv[2:]]
from enginebus.httpserver import handed_in_socket
for number, descriptor in enumerate(descriptors):
    os.dup2(descriptor, 3 + number)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(descriptors)))
assert handed_in_socket(len(descriptors)) is None
for sock in [handed_in_socket(number) for number in range(len(descriptors))]:
    client, _ = sock.accept()
    client.sendall(("%d %r" % (sock.family, sock.getsockname())).replace("u'", "'").encode("ascii"))
    client.close()
"""


def only_for(file):
    """The subjects that a file is for: whose folder it is in, that name it as their app, or whose apps it is a part of (asgi_*);
    none for all the others."""
    loaded = [BUNDLED.load(name) for name in BUNDLED.names()]
    part = file.name.startswith("asgi_")
    return [s for s in loaded if file in s.apps.values() or file.parent == s.folder or (part and "asgi" in s.capabilities)]


def test_every_file_compiles_on_every_python_that_may_run_it(every_python):
    own = list(SUBJECTS.glob("*/*.py"))
    assert own
    files = {file: only_for(file) for file in sorted([*GUEST.rglob("*.py"), *own])}
    code = "import sys\nfor f in sys.argv[1:]: compile(open(f, 'rb').read(), f, 'exec')"
    left_out = set()
    for interpreter in every_python:
        mine = [str(f) for f, users in files.items() if not users or any(supports(s, interpreter) for s in users)]
        left_out |= {f.name for f in files if str(f) not in mine}
        done = subprocess.run([interpreter.path, "-s", "-E", "-c", code, *mine], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{interpreter.id}: {done.stderr}"
    assert {name for name in left_out if not name.startswith("asgi_")} <= {"serve.py"}, "every other file is for every Python"


def test_the_parts_that_differ_between_pythons(every_python):
    for interpreter in every_python:
        done = subprocess.run([interpreter.path, "-s", "-E", "-c", CHECK, str(GUEST)],
                              capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "good", f"{interpreter.id}: {done.stderr}"


def test_sockets_that_are_handed_in(every_python, tmp_path):
    listening = [listening_socket("127.83.2.1", 0), listening_socket("::1", 0), listening_socket(None, 0, str(tmp_path / "s"))]
    try:
        for sock in listening:
            sock.listen(5)
        for interpreter in every_python:
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(socket.socket(sock.family)) for sock in listening]
                for client, sock in zip(clients, listening, strict=True):
                    client.settimeout(30)
                    client.connect(sock.getsockname())
                numbers = [sock.fileno() for sock in listening]
                done = subprocess.run([interpreter.path, "-s", "-E", "-c", HANDED_IN, str(GUEST), *map(str, numbers)],
                                      capture_output=True, text=True, check=False, pass_fds=numbers, timeout=60)
                assert done.returncode == 0, f"{interpreter.id}: {done.stderr}"
                for client, sock in zip(clients, listening, strict=True):
                    assert client.recv(1000).decode() == f"{sock.family:d} {sock.getsockname()!r}", interpreter.id
    finally:
        for sock in listening:
            sock.close()


@pytest.mark.parametrize(("words", "sentence"), [
    (["nowhere.py"], "no application file at 'nowhere.py'"), ([str(GUEST / "apps" / "spawn.py")], "defines no Root"),
    (["x.py", "--port", "http"], "'http' is not a port"), (["x.py", "--port", "65536"], "'65536' is not a port"),
])
def test_bad_input_on_the_command_line(words, sentence, target):
    done = subprocess.run([target.python, "-s", "-E", "-m", "enginebus", *words], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
