"""Each distinct failure once: which cells are one finding, and what is said of it."""

import re
from dataclasses import replace

import pytest

from harness.model.values import CellResult, Failure, Interpreter, Target, Verdict
from harness.report.findings import findings, general

TARGETS = tuple(
    Target(f"{server}@{python}", server, python, interpreter=Interpreter(python, "cpython", f"{python}.1", "gil", ""))
    for server in ("one", "two") for python in ("2.7", "3.6", "3.12", "3.13"))
SCENARIOS = [
    {"id": "a.x", "title": "It answers", "issues": ["o/r#1"], "steps": [
        {"number": 1, "act": "start", "args": {}}, {"number": 2, "act": "request", "args": {"method": "PUT", "path": "/x"}}]},
    {"id": "a.y", "title": "It ends", "issues": [], "steps": [{"number": 1, "act": "stop", "args": {}}]}]


def failed(cell, step=2, key="status", observed="500", word="fail", grade="must", why="", **more):
    verdict = Verdict(word, why or f"step {step}: {key}", (Failure(step, key, "200", observed, **more),))
    return CellResult(cell, "ran", verdict.reason, verdict, Verdict("pass"), grade=grade)


def passed(cell):
    return CellResult(cell, "ran", "", Verdict("pass"), Verdict("pass"))


def found(*results):
    return findings(SCENARIOS, TARGETS, {result.cell: result for result in results})


def test_cells_that_fail_alike_are_one_finding_with_ranges():
    (one,) = found(*(failed(f"a.x@{server}@{python}") for server in ("one", "two") for python in ("2.7", "3.6", "3.12")),
                   passed("a.x@one@3.13"), passed("a.x@two@3.13"))
    assert (one.kind, one.word, one.title, one.cells, one.cell) == ("red", "fail", "It answers", 6, "a.x@one@2.7")
    assert one.where == (("one", "2.7 to 3.12"), ("two", "2.7 to 3.12"))
    assert (one.step, one.expected, one.observed) == ("step 2, request PUT /x: status", "200", "500")
    assert "3.12" in one.axis
    assert one.links == ("o/r#1",)


@pytest.mark.parametrize("change", [
    {"observed": "404"}, {"key": "body"}, {"step": 1}, {"word": "timeout"}, {"cell": "a.y@one@3.6"},
])
def test_what_fails_otherwise_is_another_finding(change):
    assert len(found(failed("a.x@one@2.7"), failed(**{"cell": "a.x@one@3.6", **change}))) == 2


@pytest.mark.parametrize(("one", "other"), [
    ("no answer from 127.3.4.5:8080", "no answer from 127.9.9.9:8080"), ("pid 12345 is left", "pid 54321 is left"),
    ("after 1.25 s", "after 0.50 s"), ("object at 0x7f12", "object at 0x7e99"), ("/tmp/cell-ab1/x.py is open", "/tmp/cell-ef2/x.py is open"),
    ("Date: Sun, 29 Nov 2026 14:07:12 GMT\r\n", "Date: Mon, 30 Nov 2026 09:13:56 GMT\r\n"), ("[29/Nov/2026:13:46:24] ENGINE", "[30/Nov/2026:14:13:32] ENGINE"),
    ("[29/Nov/2026 14:07:32] \"POST /report HTTP/1.1\" 200 175", "[30/Nov/2026 14:36:56] \"POST /report HTTP/1.1\" 200 174"),
    ("[2026-11-29 12:52:56] x (127.0.0.1) 15.31ms", "[2026-11-30 13:38:50] x (127.0.0.1) 1.05ms"),
    ("line 192 of the log of 'main'", "line 2 of the log of 'main'"),
    ("Content-Length: 149\r\n\r\n{'host': '127.101.200.199'}", "Content-Length: 143\r\n\r\n{'host': '127.1.2.9'}"),
])
def test_what_differs_between_two_cells_by_chance_makes_no_finding(one, other):
    assert general(one) == general(other)
    assert len(found(failed("a.x@one@2.7", observed=one), failed("a.x@one@3.6", observed=other))) == 1


@pytest.mark.parametrize(("one", "other"), [
    ("Content-Length: 5", "Content-Length: 0"), ("HTTP/1.1 200 OK", "HTTP/1.1 400 Bad Request"), ("\"GET / HTTP/1.1\" 200 5", "\"GET / HTTP/1.1\" 500 5"),
])
def test_what_differs_between_two_answers_makes_two_findings(one, other):
    assert len(found(failed("a.x@one@2.7", observed=one), failed("a.x@one@3.6", observed=other))) == 2


def test_red_comes_before_amber_and_known_and_the_larger_first():
    told = found(
        failed("a.x@one@2.7", word="known", why="server/one#7: it has been so; see https://example.org/x?a=b."), failed("a.x@one@3.6", grade="should"),
        failed("a.x@one@3.12", grade="may", observed="1"), failed("a.y@one@3.12", step=1), failed("a.x@two@2.7", observed="9"),
        failed("a.x@two@3.6", observed="9"))
    assert [(one.kind, one.cells) for one in told] == [("red", 2), ("red", 1), ("amber", 1), ("amber", 1), ("known", 1)]
    known = told[-1]
    assert known.reason == "server/one#7: it has been so; see https://example.org/x?a=b."
    assert known.links == ("https://example.org/x?a=b", "server/one#7")


def test_a_server_that_does_not_start_is_one_finding_whatever_was_to_run():
    broken = [CellResult(f"{scenario}@one@3.6", "broken", "it does not start") for scenario in ("a.x", "a.y")]
    (one,) = found(*broken)
    assert (one.cells, one.step, one.reason, one.where) == (2, "", "it does not start", (("one", "3.6"),))


def test_what_is_left_behind_is_said_without_a_step():
    cleanup = Verdict("fail", "processes", (Failure(0, "processes", "none", "child: 7 x"),))
    (one,) = found(replace(passed("a.x@one@3.6"), reason="processes", cleanup=cleanup))
    assert (one.step, one.observed) == ("at the end: processes", "child: 7 x")


def test_nothing_is_found_in_what_passed_or_was_not_tried():
    assert found(passed("a.x@one@2.7"), CellResult("a.x@one@3.6", "unsupported", "no"), CellResult("a.y@one@3.6", "missing", "no")) == []


def test_the_key_of_a_finding_is_the_same_in_another_run_on_other_pythons():
    (first,) = found(failed("a.x@one@2.7", observed="127.3.4.5:8080 held by 12345"), failed("a.x@one@3.6", observed="127.3.4.5:8080 held by 9999"))
    other, again = found(failed("a.y@one@3.6", step=1), failed("a.x@two@3.13", observed="127.9.9.9:4711 held by 54321"))
    assert re.fullmatch("[0-9a-f]{10}", first.key)
    assert {first.key} == {one.key for one in (other, again) if one.scenario == "a.x"}
    assert other.key != again.key


@pytest.mark.parametrize("change", [{"observed": "404"}, {"key": "body"}, {"step": 1}, {"word": "timeout"}, {"cell": "a.y@one@2.7"}])
def test_what_is_another_finding_has_another_key(change):
    (one,) = found(failed("a.x@one@2.7"))
    (other,) = found(failed(**{"cell": "a.x@one@2.7", **change}))
    assert one.key != other.key


def test_the_key_is_not_made_anew_by_a_newer_harness():
    """Links to it are in reports of bugs: if this fails, all of them lead to "this run does not have it"."""
    (one,) = found(failed("a.x@one@2.7"))
    (start,) = found(CellResult("a.x@one@2.7", "broken", "it does not start"))
    assert (one.key, start.key) == ("d45b37268b", "eb6e3f16b0")
