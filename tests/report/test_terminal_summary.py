"""A run on one screen: a finding is shown once, with its Pythons, and server output is harmless."""

from dataclasses import replace

import pytest

from harness.model.values import CellResult, Failure, Verdict
from harness.report.terminal_summary import SHOWN, findings, summary

PYTHONS = ["2.7", "3.6", "3.7", "3.8", "3.13"]


def cell(name, python, outcome="fail", reason="step 2: status: expected 200, observed 500", key="status", subject="cherrypy"):
    verdict = Verdict(outcome, reason, (Failure(2, key, "200", "500"),) if outcome != "pass" else ())
    return CellResult(f"{name}@{subject}@{python}", "ran", reason if outcome != "pass" else "", verdict, Verdict("pass"), 1.0)


def run(*results):
    return {result.cell: result for result in results}


def test_a_finding_is_shown_once():
    results = run(*(cell("a.b", python, "known", f"pid {number}") for number, python in enumerate(PYTHONS)), cell("a.c", "2.7", "pass"))
    assert findings(results) == [("known", "a.b", "cherrypy@2.7 to 3.13", "pid 0")]
    assert summary(results).count("KNOWN") == 1


def test_another_word_server_or_key_is_another_finding_and_the_worst_is_first():
    results = run(cell("a.b", "2.7", "known"), cell("a.b", "3.6"), cell("a.b", "3.7", key="body"), cell("a.b", "2.7", subject="x"))
    assert [(word, where) for word, _, where, _ in findings(results)] == [
        ("fail", "cherrypy@3.6"), ("fail", "cherrypy@3.7"), ("fail", "x@2.7"), ("known", "cherrypy@2.7")]


def test_a_server_that_does_not_start_is_one_finding_for_its_target():
    results = run(*(CellResult(f"{name}@x@2.7", "broken", "no module") for name in ("a.b", "a.c", "a.d")))
    assert len(findings(results)) == 1


def test_server_output_is_one_line_without_escapes():
    text = summary(run(cell("a.b", "2.7", reason="one\x1b[31m\ntwo\r\n\x07three " + "x" * 900)))
    lines = text.splitlines()
    assert lines[-1].startswith("         one two ")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert len(lines[-1]) <= 9 + 200


def test_a_long_target_s_name_does_not_break_the_table():
    name = "gunicorn-gthread+a-very-long-edition_2"
    lines = summary(run(cell("a.b", "3.13", "pass", subject=name), cell("a.b", "2.7", "pass"))).splitlines()
    assert len({len(line) for line in lines[1:5]}) == 1


def test_many_findings_are_counted():
    text = summary(run(*(cell(f"a.b{number}", "2.7") for number in range(20))))
    assert text.endswith("… and 5 more findings: see the report")


@pytest.mark.parametrize(("count", "more"), [(SHOWN - 1, 0), (SHOWN, 0), (SHOWN + 1, 1), (SHOWN + 2, 2)])
def test_no_finding_is_passed_over_in_silence(count, more):
    text = summary(run(*(cell(f"a.b{number}", "2.7") for number in range(count))))
    assert text.count("FAIL ") == min(count, SHOWN)
    assert text.endswith(f"… and {more} more finding{'s' * (more != 1)}: see the report") is bool(more)


def test_the_same_key_at_two_steps_is_two_findings():
    def at(step, python):
        failure = Failure(step, "status", "200", "500")
        return CellResult(f"a.b@x@{python}", "ran", "why", Verdict("fail", "why", (failure,)), Verdict("pass"))

    assert [where for _, _, where, _ in findings(run(at(2, "2.7"), at(3, "3.6"), at(2, "3.7")))] == ["x@2.7, 3.7", "x@3.6"]


def test_a_cleanup_failure_and_a_wrong_answer_are_two_findings():
    left = Failure(0, "sockets", "no socket is left", "one")
    cells = [CellResult(f"a.b@x@{python}", "ran", "why", Verdict("pass"), Verdict("fail", "why", failures))
             for python, failures in (("2.7", (left,)), ("3.6", (left, Failure(0, "bind", "free", "held"))))]
    assert len(findings(run(*cells))) == 2


def test_ranges_are_over_all_pythons_on_which_the_server_has_cells():
    cells = [cell("a.b", python, "fail" if python in ("2.7", "3.7", "3.13") else "pass") for python in PYTHONS]
    assert [where for _, _, where, _ in findings(run(*cells))] == ["cherrypy@2.7, 3.7, 3.13"]
    other = [cell("a.b", "3.99", "pass", subject="other")]
    assert [where for _, _, where, _ in findings(run(*other, *cells))] == ["cherrypy@2.7, 3.7, 3.13"]


def test_what_a_source_only_allows_is_no_finding_and_what_it_recommends_comes_after_what_it_demands():
    cells = [replace(cell(f"a.{level}", "2.7"), grade=level) for level in ("record", "may", "should", "must")]
    assert [finding[:2] for finding in findings(run(*cells, cell("a.known", "2.7", "known")))] == [
        ("fail", "a.must"), ("fail (should)", "a.should"), ("known", "a.known")]


def test_checks_are_counted_by_level():
    text = summary(run(cell("a.b", "2.7", "pass")), [("checks passed", "must"), ("s", "48/50 (2 known)")])
    assert [line.split() for line in text.splitlines()[-2:]] == [["checks", "passed", "must"], ["s", "48/50", "(2", "known)"]]
