"""The commands that a page shows: each works where the run was made, and can be pasted into a shell."""

import shlex

import pytest

from harness.machine.interpreters import current

from ..conftest import ROOT, run_harness
from .test_page import shown

HERE = current()
WORDS = ["a", "a b", "a'b", "$(x)", "a or b", "", "a.x@one@3.13", "--scenarios=x y", "é", "a\nb", "`x`", "*", "~", "a=b", "%1", "[::1]:80", "\\"]


def test_a_word_is_quoted_as_python_s_shlex_does(page):
    assert page.evaluate("words => words.map(quoted)", WORDS) == [shlex.quote(word) for word in WORDS]


@pytest.mark.parametrize(("command", "words", "nox", "installed"), [
    ("matrix", ["-k", "a or b"], "nox -s matrix -- -k 'a or b'", "server-matrix -k 'a or b'"),
    ("report", ["--baseline", "RUN"], "nox -s report -- --baseline RUN", "server-matrix report --baseline RUN"),
    ("history", [], ".nox/matrix/bin/server-matrix history", "server-matrix history"),
])
def test_a_command_is_given_as_it_works_there(page, command, words, nox, installed):
    told = page.evaluate("""([command, words]) => ["nox", undefined, "server-matrix"].map((commands) => {
        data.environment.commands = commands;
        return typed(command, words);
    })""", [command, words])
    assert told == [nox, nox, installed]


@pytest.mark.parametrize(("given", "words"), [
    ([], []), (["--subject", "tiny=../a b", "--subject", "tiny==1", "--subject=other=x"], ["--subject", "'tiny=../a b'"]),
    (["--scenarios=my own", "--no-bundled", "--known", "k.toml", "-k", "x"], ["--scenarios", "'my own'", "--known", "k.toml", "--no-bundled"]),
])
def test_a_cell_is_run_again_with_what_decides_what_it_is(page, given, words):
    told = page.evaluate("""(given) => {
        data.environment.commands = "server-matrix";
        data.command = ["matrix", ...given];
        return commandFor("own.fail@tiny@3.12", {id: "own.fail"}, {subject: "tiny", source: "here", interpreter_id: "3.12"});
    }""", given)
    assert told == " ".join(["server-matrix", *words, "--cell", "own.fail@tiny@3.12"])


def test_in_a_project_of_its_own_the_command_of_a_cell_runs_that_cell(opening, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "tinyweb"\nversion = "1"\n')
    (tmp_path / "noxfile.py").write_text("# of the project: it has no such task")
    asked = ["--subject", "wsgiref", "--python", HERE, "--no-coverage", "-k", "http.head and not ranges"]
    for words in (["init"], ["matrix", *asked]):
        done = run_harness(*words, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
        assert done.returncode < 2, done.stderr
    page = opening((tmp_path / "reports" / "index.html").as_uri() + "#matrix")
    assert page.evaluate("data.typed") == shlex.join(["server-matrix", *asked])
    cell = page.get_attribute(".matrix td a", "href").partition("/")[2]
    page.goto(f"{page.url.partition('#')[0]}#cell/{cell}")
    shown(page)
    words = shlex.split(page.inner_text("h3:has-text('Run just this cell') + pre"))
    assert words == ["server-matrix", "--cell", cell]
    again = run_harness(*words[1:], "--plan", cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, cell)
