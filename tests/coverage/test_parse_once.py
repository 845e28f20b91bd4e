"""Coverage's reports are the same whether a file is parsed once or for each of them."""

import contextlib
import json
import re
from types import SimpleNamespace

import coverage
import coverage.python
import pytest

from harness.coverage import parse_once
from harness.coverage.parse_once import parse_ahead, parsed_once

SOURCE = "def one(a):\n    if a:\n        return [\n            1,\n        ]\n    return 2\n\n\nclass Two:  # pragma: no cover\n    pass\n"


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Coverage of a file of which two lines ran, and how often coverage parses it."""
    monkeypatch.setattr(parse_once, "_kept", {})
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.py"
    file.write_text(SOURCE)
    data = coverage.CoverageData(basename=str(tmp_path / "data"))
    data.add_arcs({str(file): [(-1, 1), (1, -1), (-1, 2), (2, 6), (6, -1)]})
    data.write()
    data.close()
    parsed = []
    original = coverage.python.PythonParser.parse_source
    monkeypatch.setattr(coverage.python.PythonParser, "parse_source", lambda self: parsed.append(self.filename) or original(self))

    def report(name):
        measure = coverage.Coverage(data_file=str(tmp_path / "data"), config_file=False, branch=True)
        measure.load()
        measure.json_report(outfile=str(tmp_path / f"{name}.json"))
        percent = measure.html_report(directory=str(tmp_path / name))
        told = json.loads((tmp_path / f"{name}.json").read_text())
        (page,) = (tmp_path / name).glob("*a_py.html")
        return percent, told["files"], told["totals"], re.sub("created at [^<]*", "", page.read_text()), measure.analysis2(str(file))

    return SimpleNamespace(report=report, parsed=parsed, file=file)


def test_reports_are_the_same_and_the_file_is_parsed_once(measured):
    plain = measured.report("plain")
    often = len(measured.parsed)
    with parsed_once():
        again = [measured.report("once"), measured.report("twice")]
    assert again == [plain, plain]
    assert (often, len(measured.parsed) - often) == (3, 1)
    assert plain[4][1:4] == ([1, 2, 3, 6], [9, 10], [3]), "what coverage says of this file is what it is"


def test_what_was_parsed_ahead_is_not_parsed_for_the_report(measured):
    plain = measured.report("plain")
    measured.parsed.clear()
    parse_ahead([measured.file.parent])
    assert len(measured.parsed) == 1
    with parsed_once():
        assert measured.report("later") == plain
    assert len(measured.parsed) == 1


def test_a_file_that_is_not_python_is_in_nobodys_way(measured):
    (measured.file.parent / "b.py").write_text("def (:\n")
    parse_ahead([measured.file.parent])
    with parsed_once():
        assert measured.report("later")[1]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x = 1\x00", b"(" * 20000, b"# -*- coding: none -*-\n"])
def test_nothing_that_is_in_a_file_stops_the_run_that_is_going_on(measured, data):
    (measured.file.parent / "b.py").write_bytes(data)
    parse_ahead([measured.file.parent, measured.file.parent / "none"])
    assert measured.parsed[0] == str(measured.file)


def test_it_is_ahead_for_some_seconds_only(measured, monkeypatch):
    monkeypatch.setattr(parse_once, "AHEAD_SECONDS", 0.0)
    parse_ahead([measured.file.parent])
    assert measured.parsed == []


def test_a_file_that_changed_is_parsed_again(measured):
    with parsed_once():
        measured.report("before")
        measured.file.write_text(SOURCE.replace("    return 2\n", "    a = 3\n    return a\n"))
        assert measured.report("after")[4][1] == [1, 2, 3, 6, 7]


def test_the_parser_is_coverages_own_again_afterwards(measured):
    original = coverage.python.PythonParser
    with parsed_once():
        assert coverage.python.PythonParser is not original
    with contextlib.suppress(KeyError), parsed_once():
        raise KeyError
    assert coverage.python.PythonParser is original


def test_a_coverage_without_that_parser_works_as_it_is(measured, monkeypatch):
    monkeypatch.setattr(parse_once, "NAME", "Renamed")
    plain = measured.report("plain")
    with parsed_once():
        assert measured.report("once") == plain
    assert len(measured.parsed) == 6
