"""What is said of a citation, as a table over what its two cells may have seen; nothing that is absent is a catch."""

from dataclasses import replace

import pytest

from harness.language.parse_scenario import parse
from harness.language.scenario import Bug, Known
from harness.model.values import CellResult, Failure, Verdict
from harness.run.bugs.verdicts import CAUGHT, NOT_CAUGHT, STILL_RED, UNKNOWN, UNPLAYED, Side, look, verdict

SCENARIO = parse({
    "format": 1, "id": "a.b", "title": "t", "paper": "unexposed",
    "step": [{"act": "hold", "how": "listen"}, {"act": "start"},
             {"act": "request", "path": "/", "expect": {"status": 200, "body": "x"}},
             {"act": "start", "server": "second"}],
}, "f.toml")
STATUS = Failure(3, "status", "200", "500")
BODY = Failure(3, "body", "x", "y")
LATER = Failure(10, "status", "200", "500")
LATE = Failure(3, "request", "request within 10 s", "it did not happen", "timeout")
NOT_READY = Failure(2, "ready", "True", "False")
NEVER_READY = Failure(2, "start", "start within 30 s", "it did not happen", "timeout")
SECOND = Failure(4, "ready", "True", "False")
LEFT = Failure(0, "sockets", "no socket is left", "one")
ANY, AT_3, AT_STATUS, AT_BOTH = (), ("3",), ("3.status",), ("3.status", "3.body")


def bug(failing=ANY, fixed="2"):
    return Bug(report="o/r#1", subject="waitress", broken="1", fixed=fixed, python=("3.8",), failing=failing)


def ran(*failures, word=None):
    """A cell that ran, and whose judge found these failures; its word is what the judge makes of them."""
    behaviour = tuple(f for f in failures if f.step)
    cleanup = tuple(f for f in failures if not f.step)
    return CellResult("a.b@s@p", "ran", "", Verdict(word or ("fail" if behaviour else "pass"), "", behaviour),
                      Verdict("fail" if cleanup else "pass", "", cleanup))


def known(step, key, observed):
    return replace(SCENARIO, known=(Known({}, "behaviour", step, key, observed, "up#1"),))


def state(failing, result, scenario=SCENARIO, refused=""):
    side = look("1", scenario, bug(failing), result, refused)
    return side.state, side.reason


NOT_RUN = CellResult("a.b@s@p", "not-run", "the run was interrupted")
UNSUPPORTED = CellResult("a.b@s@p", "unsupported", "s does not declare: tls")
MISSING = CellResult("a.b@s@p", "missing", "no interpreter 3.8 on this machine")
BROKEN = CellResult("a.b@s@p", "broken", "it does not start")
ERROR = CellResult("a.b@s@p", "error", "Traceback")


@pytest.mark.parametrize(("failing", "result", "expected", "reason"), [
    (ANY, ran(), "green", ""),
    (ANY, ran(STATUS), "red", "step 3: status: expected 200, observed 500"),
    (ANY, ran(LEFT), "red", "sockets: expected no socket is left"),
    (ANY, ran(SECOND), "red", "step 4: ready"),
    (ANY, ran(NOT_READY), "absent", "does not start: step 2: ready"),
    (ANY, ran(NEVER_READY), "absent", "does not start: step 2: start"),
    (AT_3, ran(STATUS), "red", "step 3: status"),
    (AT_3, ran(LATE), "red", "step 3: request"),
    (AT_3, ran(STATUS, LEFT), "red", "step 3: status"),
    (AT_3, ran(NOT_READY), "absent", "does not start"),
    (AT_3, ran(SECOND), "elsewhere", "red at step 4: ready: expected True, observed False; not at 3"),
    (AT_3, ran(LEFT), "elsewhere", "red at sockets: expected no socket is left, observed one; not at 3"),
    (AT_3, ran(), "green", ""),
    (AT_STATUS, ran(STATUS, BODY), "red", "step 3: status"),
    (AT_STATUS, ran(BODY), "elsewhere", "red at step 3: body"),
    (AT_STATUS, ran(LATE), "elsewhere", "red at step 3: request"),
    (AT_STATUS, ran(Failure(1, "taken", "True", "False"), STATUS), "elsewhere", "red at step 1: taken"),
    (AT_BOTH, ran(STATUS, BODY), "red", "step 3: status"),
    (AT_BOTH, ran(STATUS), "elsewhere", "not at 3.body"),
    (("1",), ran(LATER), "elsewhere", "red at step 10: status"),
    (("1.status",), ran(LATER), "elsewhere", "red at step 10: status"),
    (("10.status",), ran(LATER), "red", "step 10: status"),
    (("2.ready",), ran(NOT_READY), "red", "step 2: ready"),
    (("2",), ran(NEVER_READY), "red", "step 2: start"),
    (("0",), ran(LEFT), "red", "sockets"),
    (("0.sockets",), ran(LEFT), "red", "sockets"),
    (("0.bind",), ran(LEFT), "elsewhere", "not at 0.bind"),
    (ANY, NOT_RUN, "unknown", "the run was interrupted"),
    (ANY, ERROR, "unknown", "Traceback"),
    (ANY, UNSUPPORTED, "unsupported", "s does not declare: tls"),
    (ANY, MISSING, "absent", "no interpreter 3.8 on this machine"),
    (ANY, BROKEN, "absent", "it does not start"),
])
def test_what_one_release_was_seen_to_do(failing, result, expected, reason):
    found, said = state(failing, result)
    assert found == expected
    assert reason in said


def test_a_target_that_was_refused_is_no_error_of_the_harness():
    assert state(ANY, ERROR, refused="waitress does not start: No module named six") == (
        "absent", "waitress does not start: No module named six")


@pytest.mark.parametrize(("failing", "result", "expected"), [
    (ANY, ran(STATUS, word="known"), "red"),
    (AT_3, ran(STATUS, word="known"), "red"),
    (("4",), ran(STATUS, word="known"), "green"),
    (("4",), ran(STATUS, SECOND), "red"),
    (("4",), ran(STATUS, BODY), "elsewhere"),
])
def test_a_known_failure_is_red_where_the_report_is_and_passed_over_elsewhere(failing, result, expected):
    assert state(failing, result, known(3, "status", "500"))[0] == expected


def test_a_known_failure_that_is_gone_is_green():
    assert state(ANY, ran(word="fixed"), known(3, "status", "500"))[0] == "green"


def side(state):
    return Side("c", "1", "word", state, f"it was {state}")


@pytest.mark.parametrize(("broken", "fixed", "expected", "reason"), [
    ("red", "green", CAUGHT, ""),
    ("red", None, CAUGHT, "no release has the fix"),
    ("red", "red", STILL_RED, "it was red"),
    ("red", "elsewhere", STILL_RED, "it was elsewhere"),
    ("red", "absent", UNPLAYED, "it was absent"),
    ("red", "unsupported", NOT_CAUGHT, "it was unsupported"),
    ("red", "unknown", UNKNOWN, "it was unknown"),
    ("green", "green", NOT_CAUGHT, "is green on"),
    ("green", None, NOT_CAUGHT, "is green on"),
    ("green", "red", NOT_CAUGHT, "is green on"),
    ("green", "absent", NOT_CAUGHT, "is green on"),
    ("elsewhere", "green", NOT_CAUGHT, "it was elsewhere"),
    ("unsupported", "green", NOT_CAUGHT, "it was unsupported"),
    ("absent", "green", UNPLAYED, "it was absent"),
    ("absent", "red", UNPLAYED, "it was absent"),
    ("absent", None, UNPLAYED, "it was absent"),
    ("unknown", "green", UNKNOWN, "it was unknown"),
    ("unknown", None, UNKNOWN, "it was unknown"),
])
def test_red_there_and_green_here_or_the_citation_goes(broken, fixed, expected, reason):
    said = verdict(side(broken), side(fixed) if fixed else None)
    assert said[0] == expected
    assert reason in said[1]
