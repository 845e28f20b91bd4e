"""The table that a person reads: the worst first, what was seen under each, and nothing that a terminal obeys."""

from harness.language.scenario import Bug
from harness.run.bugs import text
from harness.run.bugs.record import Played
from harness.run.bugs.verdicts import CAUGHT, NOT_CAUGHT, UNPLAYED, Side

BUG = Bug(report="Pylons/waitress#428", subject="waitress", broken="2.1.2", fixed="3.0.0", python=("3.11",))
RED = Side("c", "2.1.2", "fail", "red", "step 3: closed: expected False, observed True")
GREEN = Side("d", "3.0.0", "pass", "green")


def played(verdict, broken=RED, fixed=GREEN, reason=""):
    return Played("http.head", "hash", BUG, "3.11", broken, fixed, verdict, reason, "run")


def test_the_worst_first_and_what_was_seen():
    green = Side("c", "2.1.2", "pass", "green")
    shown = text.table([played(CAUGHT), played(NOT_CAUGHT, green, reason="the scenario is green on 2.1.2, which has the bug")])
    assert shown.splitlines() == [
        "verdict     report               server    Python  with bug    with fix",
        "NOT CAUGHT  Pylons/waitress#428  waitress  3.11    2.1.2 pass  3.0.0 pass",
        "    http.head: the scenario is green on 2.1.2, which has the bug",
        "caught      Pylons/waitress#428  waitress  3.11    2.1.2 fail  3.0.0 pass",
        "    http.head: step 3: closed: expected False, observed True",
    ]


def test_what_no_release_has_fixed_says_so_and_what_was_seen():
    shown = text.table([played(CAUGHT, fixed=None, reason="no release has the fix")]).splitlines()
    assert shown[1].endswith("2.1.2 fail  none")
    assert shown[2:] == [
        "    http.head: no release has the fix", "    on 2.1.2: step 3: closed: expected False, observed True"]


def test_a_reason_is_one_line_without_escapes():
    line = text.table([played(UNPLAYED, reason="it said \x1b[31mred\n and " + "more " * 100)]).splitlines()[-1]
    assert line.startswith("    http.head: it said red and more")
    assert line.endswith("…")
    assert "\x1b" not in line


def test_counts():
    assert text.counts([]) == "0 citations: none selected"
    assert text.counts([played(CAUGHT)]) == "1 citation: 1 caught"
    assert text.counts([played(UNPLAYED), played(CAUGHT), played(CAUGHT)]) == "3 citations: 2 caught, 1 cannot be played"
