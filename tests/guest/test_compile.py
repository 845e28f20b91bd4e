"""The guest on every Python of the machine: compiled, and its own quick tests run by that Python itself."""

import subprocess

import pytest

from harness.provision import supports
from harness.subjects import FOLDER as SUBJECTS
from harness.subjects import load, names

from ..conftest import GUEST

CHECK = r"""
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import enginebus
from enginebus import params, ports, bus, _compat, dispatch
assert params.parse_fields("a=1&a=%C3%A9&b=x+y&&c") == {"a": [u"1", u"\xe9"], "b": u"x y", "c": u""}
assert params.path_segments("/a%2Fb/c") == ["a/b", "c"]
class T(object):
    def m(self, a, b=1, *args, **kw): pass
s = _compat.signature_of(T().m)
assert (s.positional, s.optional, s.varargs, s.varkw) == (["a", "b"], set(["b"]), True, True), s
assert _compat.signature_of(lambda a, b: 0).positional == ["a", "b"]
class C(object):
    def __call__(self, x): pass
assert _compat.signature_of(C()).positional == ["x"]
for wrong in (3, None, T()):
    try:
        _compat.signature_of(wrong)
    except TypeError:
        continue
    raise AssertionError(wrong)
failures = bus.ChannelFailures([IOError("Port 8080 not free on '127.0.0.1'")])
assert "Port 8080 not free on '127.0.0.1'" in repr(failures) and failures
assert not bus.ChannelFailures()
assert _compat.original_argv()[1:4] == ["-s", "-E", "-c"], _compat.original_argv()
from enginebus.log import stamp
assert stamp(0)[2:12] in ("/Jan/1970:", "/Dec/1969:"), stamp(0)
import io
from enginebus.head import HeadReader
for line, bare in ((b"a: 1\r\n", False), (b"a: 1\n", False), (b"a: 1\rb: 2\r\n", True), (b"a: 1\r\r\n", True), (b"a: 1\r", True)):
    reader = HeadReader(io.BytesIO(line))
    assert reader.readline() == line and reader.bare_return is bare, line
print("good")
"""


def only_for(file):
    """The subjects that a file is for: whose folder it is in, or that name it as their app; none for all the others."""
    loaded = [load(name) for name in names()]
    return [s for s in loaded if file in s.apps.values() or file.parent == s.folder]


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
    assert left_out <= {"asgi_life.py", "asgi_failing.py", "serve.py"}, "every other file is for every Python"


def test_the_parts_that_differ_between_pythons(every_python):
    for interpreter in every_python:
        done = subprocess.run([interpreter.path, "-s", "-E", "-c", CHECK, str(GUEST)],
                              capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "good", f"{interpreter.id}: {done.stderr}"


@pytest.mark.parametrize(("words", "sentence"), [
    (["nowhere.py"], "no application file at 'nowhere.py'"), ([str(GUEST / "apps" / "spawn.py")], "defines no Root"),
    (["x.py", "--port", "http"], "'http' is not a port"), (["x.py", "--port", "65536"], "'65536' is not a port"),
])
def test_bad_input_on_the_command_line(words, sentence, target):
    done = subprocess.run([target.python, "-s", "-E", "-m", "enginebus", *words], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
