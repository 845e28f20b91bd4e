"""CherryPy's own tests against the bundled server come to what the tables say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .fetch import ROOT, SHA256, FetchError, fetch
from .running import MODULES, TRIES, Outcome, run_module
from .tables import DIFFERS, NOT_APPLICABLE, NOT_RUN, TIMED, Difference
from .verdict import judge


@pytest.fixture(scope="session")
def fetched():
    return fetch()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_cherrypy_comes_to_what_the_tables_say(module, fetched):
    verdict = judge(module, run_module(module, *fetched, NOT_RUN))
    assert not verdict.faults, "\n".join(verdict.faults)


def test_most_of_them_apply_and_at_most_ten_differ():
    assert len(DIFFERS) <= 10
    assert len(NOT_APPLICABLE) + len(NOT_RUN) <= 15
    assert not set(DIFFERS) & set(NOT_APPLICABLE)
    assert len(TIMED) <= 5
    assert not set(TIMED) & {*DIFFERS, *NOT_APPLICABLE}
    assert all(reason for table in (DIFFERS, NOT_APPLICABLE, NOT_RUN, TIMED) for reason in table.values())
    assert all(one.reason and one.says for one in DIFFERS.values())


@pytest.mark.parametrize(("word", "table", "says"), [
    ("failed", None, "no table says why: it broke"), ("passed", "DIFFERS", "stands as different: why"),
    ("passed", "NOT_APPLICABLE", "stands as not applicable: why"), ("skipped", None, "no table says why"),
    ("passed", None, ""), ("failed", "DIFFERS", ""), ("failed", "NOT_APPLICABLE", ""), ("omitted", None, ""),
])
def test_what_is_not_as_the_tables_say_is_a_fault(word, table, says, monkeypatch):
    for name, value in (("DIFFERS", Difference("why", "it broke")), ("NOT_APPLICABLE", "why")):
        monkeypatch.setattr(f"tests.upstream.verdict.{name}", {"test_x.T.a": value} if name == table else {})
    verdict = judge("test_x", [Outcome("test_x.T.a", word, "E   it broke")])
    assert [says in fault for fault in verdict.faults] == ([True] if says else [])
    assert verdict.run == (word in ("passed", "failed", "skipped") and table != "NOT_APPLICABLE")


def test_a_test_that_differs_otherwise_than_its_table_says_is_a_fault(monkeypatch):
    monkeypatch.setattr("tests.upstream.verdict.DIFFERS", {"test_x.T.a": Difference("why", "it broke")})
    monkeypatch.setattr("tests.upstream.verdict.NOT_APPLICABLE", {})
    assert judge("test_x", [Outcome("test_x.T.a", "failed", "E   it hung")]).faults == [
        "test_x.T.a failed, not as the table says (why): it hung"]


def test_an_entry_without_its_test_is_a_fault_and_so_is_a_module_without_tests(monkeypatch):
    monkeypatch.setattr("tests.upstream.verdict.DIFFERS", {"test_x.T.gone": Difference("why", "x")})
    monkeypatch.setattr("tests.upstream.verdict.NOT_APPLICABLE", {})
    assert judge("test_x", [Outcome("test_x.T.a", "passed")]).faults == ["test_x.T.gone stands in a table, and there is no such test"]
    assert "test_y: no test ran" in judge("test_y", []).faults


def test_a_test_that_hangs_is_cut_off_and_the_others_run(fetched, monkeypatch):
    """A module of our own: its second test ends the process, as the watchdog does."""
    def assemble(sdist, folder):
        module = folder / "cherrypy" / "test" / "test_x.py"
        module.parent.mkdir(parents=True)
        module.write_text(
            "import os\ndef test_a(): pass\ndef test_b(): os._exit(3)\ndef test_c(): assert 0, 'no'\ndef test_gc(): pass\n")
        return folder

    monkeypatch.setattr("tests.upstream.running.assemble", assemble)
    found = run_module("test_x", *fetched, ["*.test_gc"])
    assert [(one.test, one.word) for one in found] == [
        ("test_x.test_a", "passed"), ("test_x.test_b", "failed"), ("test_x.test_c", "failed"), ("test_x.test_gc", "omitted")]
    assert "did not come to its end" in found[1].sentence
    assert "no" in found[2].sentence


@pytest.mark.parametrize(("passes_at", "timed", "word"), [
    (2, ["test_x.test_late"], "passed"), (2, [], "failed"), (TRIES, ["test_x.test_late"], "passed"),
    (TRIES + 1, ["test_x.test_late"], "failed")])
def test_only_a_test_that_the_clock_decides_is_tried_again(passes_at, timed, word, fetched, monkeypatch, tmp_path):
    def assemble(sdist, folder):
        module = folder / "cherrypy" / "test" / "test_x.py"
        module.parent.mkdir(parents=True)
        module.write_text(
            "def count(name):\n"
            f"    with open({str(tmp_path)!r} + '/' + name, 'a+') as file:\n"
            "        file.write('x')\n        file.seek(0)\n        return len(file.read())\n"
            f"def test_late(): assert count('late') >= {passes_at}\ndef test_other(): assert count('other') == 1\n")
        return folder

    monkeypatch.setattr("tests.upstream.running.assemble", assemble)
    found = run_module("test_x", *fetched, [], timed=timed)
    assert [(one.test, one.word) for one in found] == [("test_x.test_late", word), ("test_x.test_other", "passed")]
    assert len((tmp_path / "late").read_text()) == (min(passes_at, TRIES) if timed else 1)
    assert (tmp_path / "other").read_text() == "x"


def test_another_sdist_is_refused(tmp_path, fetched):
    (tmp_path / fetched[0].name).write_bytes(b"something else")
    (tmp_path / fetched[1].name).mkdir()
    with pytest.raises(FetchError, match=f"must have {SHA256}"):
        fetch(tmp_path)


def test_the_command_refuses_a_module_that_is_not_there():
    done = subprocess.run([sys.executable, "-m", "tests.upstream", "test_nothing"], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 2
    assert "no module 'test_nothing'" in done.stderr
