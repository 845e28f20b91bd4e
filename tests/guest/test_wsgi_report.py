"""The application of the family wsgi on every Python: where it behaves, wsgiref.validate has nothing to say against it.

Where it misbehaves is what the small server of tests/conformance and the real ones are for.
"""

import subprocess

from ..conftest import GUEST

CHECK = r"""
import io, json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator
import wsgi_report
said = []
wsgi_report.log = said.append



def ask(path, query="", body=b"", app=validator(wsgi_report.app), **more):
    environ, answer = {}, []
    setup_testing_defaults(environ)
    environ.update(PATH_INFO=path, QUERY_STRING=query, CONTENT_LENGTH=str(len(body)), **more)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["wsgi.errors"] = sys.stderr
    def start(status, fields, exc_info=None):
        answer[:] = [status, dict(fields)]
        return lambda data: None
    result = app(environ, start)
    content = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    return answer[0], answer[1], content


assert ask("/probe") == ("200 OK", {"Content-Type": "text/plain", "Content-Length": "5"}, b"probe")
assert ask("/nowhere")[0] == "404 Not Found" and ask("/wid")[0] == "404 Not Found"
told = json.loads(ask("/environ/x", "a=%41", HTTP_X_A="b")[2].decode("ascii"))
assert told["type"] == "dict" and told["cgi_not_str"] == told["others_not_str"] == told["not_latin"] == told["names_not_str"] == [], told
assert told["values"]["HTTP_X_A"] == "b" and told["values"]["QUERY_STRING"] == "a=%41" and told["values"]["PATH_INFO"] == "/environ/x"
assert (told["version"], told["version_is"], told["scheme"], told["scheme_is"]) == ([1, 0], "tuple", "http", "str")
wrong = json.loads(ask("/environ", app=wsgi_report.app, HTTP_X_A=5, REMOTE_PORT=7, HTTP_X_B=u"\u2603")[2].decode("ascii"))
assert "HTTP_X_A" in wrong["cgi_not_str"] and wrong["others_not_str"] == ["REMOTE_PORT"], wrong
assert "HTTP_X_B" in wrong["not_latin"] + wrong["cgi_not_str"], wrong
read = lambda query, body: json.loads(ask("/input", query, body, app=wsgi_report.app)[2].decode("ascii"))
assert read("do=read2&do=readline&do=iterate", b"abc\nd\ne") == {
    "got": ["ab", "c\n", ["d\n", "e"]], "bytes": True, "length": "7", "terminated": False}
assert read("do=length&do=read", b"a\xff")["got"] == [u"a\xff", ""]
assert read("do=nonsense", b"")["got"] == ["raised AttributeError"]
assert ask("/answer", "status=299+Fine&name=X-A&value=b&block=a%FF&block=&block=c") == (
    "299 Fine", {"Content-Type": "text/plain", "X-A": "b"}, b"a\xffc")
assert ask("/answer", "start=late&length=3&block=one")[1:] == ({"Content-Type": "text/plain", "Content-Length": "3"}, b"one")
assert ask("/answer/here", "as=one&block=one")[2] == b"one" and said[-1] == "closed /answer/here", said
assert ask("/answer", "as=tuple&block=one&block=two")[2] == b"onetwo"
assert ask("/answer", "change=0&block=one")[0] == "503 Changed" and "the change was accepted" in said
for query in ("fail=call", "block=one&fail=0", "block=one&block=two&fail=1", "block=one&fail=1"):
    try:
        ask("/answer", query, app=wsgi_report.app)
    except RuntimeError as error:
        assert str(error) == "failed on purpose"
    else:
        raise AssertionError(query)
assert ask("/file/here", app=wsgi_report.app)[2] == b"file-like content"
assert ask("/file", "real=3", app=wsgi_report.app, **{"wsgi.file_wrapper": FileWrapper})[2].startswith(b"The route contract")
assert ask("/errors", app=wsgi_report.app)[2] == b"written" and ask("/clear", app=wsgi_report.app)[2] == b"cleared"
print("good")
"""


def test_it_behaves_on_every_python(every_python):
    for interpreter in every_python:
        done = subprocess.run([interpreter.path, "-s", "-E", "-c", CHECK, str(GUEST / "apps")],
                              capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "good", f"{interpreter.id}: {done.stderr}"
