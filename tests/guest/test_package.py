"""The package as a whole: small enough to read in an evening, and nothing but the standard library."""

import ast
import io
import re
import sys
import tokenize

import enginebus
import pytest

from ..conftest import GUEST

FILES = sorted((GUEST / "enginebus").rglob("*.py"))
#: Modules of the standard library that only 2.7 has; they are imported in _compat.py alone.
OLD = {"BaseHTTPServer", "Cookie", "cgi", "thread", "urllib", "urlparse"}
#: Modules that a Python, or a target, may lack: imported where that is allowed for.
OPTIONAL = {"coverage": {"covering.py"}, "ssl": {"server.py", "stream.py"}, "fcntl": {"_compat.py"}}
#: What settings switch on; a site that has none of it is the rest.
TOOLS = {"builtin.py", "caching.py", "conditional.py", "covering.py", "static.py"}
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def code_lines(source):
    """The numbers of the lines that are code: not blank, no comment, no docstring."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines


def imports(tree):
    """(name, whether it is tried: within a ``try`` or a function) of each import that is not relative."""
    tried = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try | ast.FunctionDef) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in tried) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module, id(node) in tried


def test_what_counts_as_code():
    source = '"""Doc\nmore."""\n\n# comment\nx = """a\n\nb"""\n\ndef f():\n    """Doc."""\n    return (1,\n            2)  # said\n'
    assert code_lines(source) == {5, 6, 7, 9, 11, 12}


def test_the_package_holds_its_size():
    whole = {file.name: file.read_text("utf-8") for file in FILES}
    assert len(whole) > 20
    assert {name: lines for name, text in whole.items() if (lines := len(text.splitlines())) > 350} == {}
    counts = {name: len(code_lines(text)) for name, text in whole.items()}
    assert sum(lines for name, lines in counts.items() if name not in TOOLS) < 3000, "the server without its tools"
    assert sum(counts.values()) < 3700, "all of it: more than the 3,000 that were asked for, and no reason to go on"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_imports_the_standard_library_and_itself_only(file):
    for name, tried in imports(ast.parse(file.read_text("utf-8"))):
        top = name.split(".")[0]
        if top in OPTIONAL:
            assert tried, f"{file.name}: {name} may be missing"
            assert file.name in OPTIONAL[top]
        elif top in OLD:
            assert tried, f"{file.name}: {name} is of 2.7"
            assert file.name == "_compat.py"
        else:
            assert top in sys.stdlib_module_names or top == "enginebus", f"{file.name}: {name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_does_without_what_2_7_lacks_and_asks_for_no_version(file):
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    for node in ast.walk(tree):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.AsyncFunctionDef | ast.NamedExpr | ast.YieldFrom | ast.Nonlocal), f"{file.name}:{node.lineno}"
        if isinstance(node, ast.FunctionDef):
            every = [*node.args.args, *node.args.kwonlyargs]
            assert not node.args.kwonlyargs
            assert not node.returns
            assert not any(arg.annotation for arg in every)
        assert not (isinstance(node, ast.Raise) and node.cause), f"{file.name}:{node.lineno}"
        assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args)
        assert not (isinstance(node, ast.ClassDef) and not node.bases), f"{file.name}:{node.lineno}: an old-style class on 2.7"
    assert not re.search(r"version_info|hexversion|python_version", text)


def test_no_error_is_passed_over_without_a_word():
    for file in FILES:
        lines = file.read_text("utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.ExceptHandler) and all(isinstance(one, ast.Pass) for one in node.body):
                assert "#" in "".join(lines[node.lineno - 1:node.end_lineno]), f"{file.name}:{node.lineno}"


def test_what_it_offers_is_there():
    missing = [name for name in enginebus.__all__ if not hasattr(enginebus, name)]
    assert missing == []
    assert {"quickstart", "tree", "engine", "config", "tools", "request", "response", "expose", "HTTPError", "HTTPRedirect", "NotFound", "log", "server"} <= set(enginebus.__all__)


def test_the_listeners_of_a_site_start_and_stop_in_their_order():
    def order(channel):
        listeners = enginebus.engine.listeners[channel]
        return [type(one.__self__).__name__ for one in sorted(listeners, key=listeners.get) if hasattr(one, "__self__")]

    assert order("start")[-1] == "Server", "no request finds a half-started site"
    assert order("stop")[0] == "Server"
