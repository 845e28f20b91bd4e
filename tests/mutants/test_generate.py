"""The generator of mutants: what each operator makes of a line, what is left alone, ids and samples."""

import ast
import json
import subprocess

import pytest

from harness.machine.interpreters import sort_key

from ..conftest import GUEST
from .generate import generate, of_module, read, sample
from .source import Source
from .statements import OPERATORS

COMPILE = """
import io, json, sys
for name, text in json.load(io.open(sys.argv[1], encoding="ascii")):
    try:
        compile(text.encode("utf-8"), name, "exec")
    except SyntaxError as error:
        print("%s: %s" % (name, error))
"""


def made(text, operator):
    """What an operator makes of a source, one after the other."""
    source = Source(text)
    return [mutant.apply(text) for mutant in of_module("m.py", source) if mutant.operator == operator]


#: operator, a source, and what it becomes; of a source of one line only that is written.
MADE = [
    ("compare", "f(a == b)", ["f(a != b)"]),
    ("compare", "f(a < b)", ["f(a <= b)", "f(a >= b)"]),
    ("compare", "f(a >= b > c)", ["f(a < b > c)", "f(a > b > c)", "f(a >= b <= c)", "f(a >= b >= c)"]),
    ("compare", "f(a is not b)", ["f(a is b)"]),
    ("compare", "f((a) not in (b))", ["f((a) in (b))"]),
    ("compare", "f('é' in b)", ["f('é' not in b)"]),
    ("boolean", "f(a and b)", ["f(((a) or (b)))", "f(((a)))", "f(((b)))"]),
    ("not", "f(not a)", ["f((a))"]),
    ("negative", "f(-a)", ["f((a))"]),
    ("number", "f(2)", ["f(1)", "f(3)"]),
    ("number", "f(0)", ["f((-1))", "f(1)"]),
    ("number", "f(0.5)", ["f(0.125)", "f(1.5)"]),
    ("string", "f('a')", ["f(\"\")", "f(\"XX\" 'a')"]),
    ("string", "f(b'')", ['f(b"XX")']),
    ("string", "f('%s' % a)", ["f(\"XX\" '%s' % a)"]),
    ("constant", "f(True)", ["f(False)"]),
    ("constant", "f(None)", ["f(0)"]),
    ("constant", "f(a is None)", []),
    ("arithmetic", "f(a + b)", ["f(a - b)"]),
    ("arithmetic", "f(a + 'b')", []),
    ("choice", "f(a if b else c)", ["f(a if False else c)", "f(a if True else c)"]),
    ("comprehension", "f([a for a in b if a])", ["f([a for a in () if a])", "f([a for a in b if True])"]),
    ("call", "f(a.strip())", ["f((a))"]),
    ("call", "f(a.startswith(b))", ["f(a.endswith(b))"]),
    ("call", "f(any(a))", ["f(all(a))"]),
    ("call", "f(a.split(b, 1))", ["f(a.rsplit(b, 1))"]),
    ("call", "f(a.split(b))", []),
    ("argument", "f(a, b=1, c=2)", ["f(a, b=1)", "f(a, c=2)"]),
    ("argument", "f(b=1)", ["f()"]),
    ("slice", "f(a[1:2])", ["f(a[1:])", "f(a[:2])"]),
    ("deleted", "f(a)", ["pass"]),
    ("deleted", "a.b = 1", ["pass"]),
    ("deleted", "a = 1", []),
    ("deleted", "class A:\n    b = 1\n", ["class A:\n    pass\n"]),
    ("deleted", "for a in b:\n    break\n", ["for a in b:\n    pass\n"]),
    ("deleted", "raise A", ["pass"]),
    ("forgotten", "def f():\n    a = b\n", ["def f():\n    a = None\n"]),
    ("forgotten", "a = b", []),
    ("return", "def f():\n    return a\n", ["def f():\n    return None\n"]),
    ("condition", "if a:\n    b()\n", ["if False:\n    b()\n", "if True:\n    b()\n"]),
    ("condition", "while a:\n    b()\n", ["while False:\n    b()\n"]),
    ("loop", "for a in b:\n    c()\n", ["for a in ():\n    c()\n", "for a in list(b)[:1]:\n    c()\n"]),
    ("except", "try:\n    a()\nexcept B:\n    c()\n    d()\n", ["try:\n    a()\nexcept B:\n    raise\n"]),
    ("except", "try:\n    a()\nexcept (B, C):\n    raise\n",
     ["try:\n    a()\nexcept (B,):\n    raise\n", "try:\n    a()\nexcept (C,):\n    raise\n"]),
    ("with", "with a:\n    b()\n", ["if True:\n    b()\n"]),
    ("with", "with a as b:\n    b()\n", []),
    ("default", "def f(a=b):\n    pass\n", ["def f(a=None):\n    pass\n"]),
    ("decorator", "@a\ndef f():\n    pass\n", ["\ndef f():\n    pass\n"]),
    ("in-place", "a += b", ["a -= b"]),
]


@pytest.mark.parametrize(("operator", "text", "expected"), MADE, ids=lambda value: value if isinstance(value, str) else "")
def test_what_an_operator_makes(operator, text, expected):
    assert sorted(made(text, operator)) == sorted(expected)
    for changed in expected:
        ast.parse(changed)


def test_every_operator_has_a_row():
    assert {operator for operator, _, expected in MADE if expected} == {operator.name for operator in OPERATORS}


ALONE = [
    '"""A docstring."""\n',
    'def f():\n    """A docstring."""\n',
    '__all__ = ["a"]\n',
    'class A:\n    def __repr__(self):\n        return "a" + str(1)\n',
    'if __name__ == "__main__":\n    pass\n',
    "try:\n    import a\nexcept ImportError:  # Windows\n    a = 1\n",
    "if a:  # Windows has none\n    b(1)\n",
]


@pytest.mark.parametrize("text", ALONE)
def test_what_is_left_alone(text):
    assert not [mutant.id for mutant in of_module("m.py", Source(text)) if mutant.operator != "condition" or "Windows" in text]


@pytest.mark.parametrize("text", ["f('a', level=40)", "def log(a, level=20):\n    b(a)\n"])
def test_the_level_of_a_log_line_is_left_alone(text):
    changed = [mutant.apply(text) for mutant in of_module("m.py", Source(text))]
    assert changed
    assert all("level=40" in one or "level=20" in one or one == "pass" for one in changed)


def test_the_help_of_a_command_line_is_left_alone():
    text = 'p(a, help="an address", type=int)'
    assert all("an address" in one or one == "pass" for one in [m.apply(text) for m in of_module("m.py", Source(text))])


def test_ids_name_module_line_operator_and_number():
    text = "a = 1\nb = 2 if a < 3 else 4\n"
    ids = [mutant.id for mutant in of_module("sub/m.py", Source(text))]
    assert ids[:2] == ["sub.m:1:number:1", "sub.m:1:number:2"]
    assert "sub.m:2:compare:2" in ids
    assert ids == [mutant.id for mutant in of_module("sub/m.py", Source(text))]
    assert len(set(ids)) == len(ids)


def test_a_mutant_knows_the_lines_that_run_it():
    text = "def f(a):\n    return (a +\n            1)\n"
    (mutant,) = [one for one in of_module("m.py", Source(text)) if one.operator == "arithmetic"]
    assert mutant.lines == (2, 3)
    text = "try:\n    a()\nexcept B:\n    c()\n"
    (mutant,) = [one for one in of_module("m.py", Source(text)) if one.operator == "except"]
    assert mutant.lines == (4,)


@pytest.fixture(scope="module")
def sources():
    return read(GUEST / "enginebus")


@pytest.fixture(scope="module")
def mutants(sources):
    return generate(sources)


def test_the_bundled_server_has_many(mutants, sources):
    assert len(mutants) > 1500
    assert {mutant.file for mutant in mutants} >= {name for name, source in sources.items() if len(source.lines) > 20}
    assert all(mutant.apply(sources[mutant.file].text) != sources[mutant.file].text for mutant in mutants[::50])


def test_a_sample_has_something_of_everything(mutants):
    chosen = sample(mutants, 300, 7)
    assert len({mutant.id for mutant in chosen}) == 300
    assert chosen == sample(mutants, 300, 7)
    assert chosen != sample(mutants, 300, 8)
    for of in ("module", "operator"):
        for name in {getattr(mutant, of) for mutant in mutants}:
            share = 300 * sum(getattr(mutant, of) == name for mutant in mutants) / len(mutants)
            found = sum(getattr(mutant, of) == name for mutant in chosen)
            assert abs(found - share) < (2 if of == "module" else max(5, 3 + 0.25 * share)), (name, found, share)
    assert sample(mutants, len(mutants) + 1, 1) == mutants


def test_mutants_compile_on_the_oldest_and_the_newest(mutants, sources, every_python, tmp_path):
    chosen = sample(mutants, 400, 1)
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps([(mutant.id, mutant.apply(sources[mutant.file].text)) for mutant in chosen]), "ascii")
    pythons = sorted((one for one in every_python if one.id[0].isdigit()), key=lambda one: sort_key(one.id))
    for python in (pythons[0], pythons[-1]):
        done = subprocess.run([python.path, "-W", "ignore", "-c", COMPILE, str(texts)], capture_output=True, text=True, check=True)
        assert not done.stdout, f"{python.id}: {done.stdout}"
