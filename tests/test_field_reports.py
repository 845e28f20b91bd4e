"""scenarios/README.md says of each report from the field what tries it: the table and the scenarios must agree.

A scenario that has a [[bug]] for the report is followed by the release on which it was red; one that has none is about the
same thing, and nobody has shown that it catches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from harness.language.files import load_all
from harness.language.parse_bugs import ISSUE
from harness.language.parse_scenario import parse
from harness.language.scenario import Bug, Scenario
from harness.machine import places

LEAST_REPORTS = 40
REPORT = r"(?:\[(?P<linked>[^\]]+)\]\((?P<link>[^)]+)\)|(?P<words>[^|\[]+))"
ROW = re.compile(rf"\| {REPORT} \| (?P<short>[^|]+) \| (?P<tried>[^|]+) \|")
LINKS = (
    (ISSUE, lambda report: "https://github.com/{}/issues/{}".format(*report.split("#"))),
    (re.compile("CVE-.*"), "https://www.cve.org/CVERecord?id={}".format),
    (re.compile("GHSA-.*"), "https://github.com/advisories/{}".format),
)
TABLE = (places.PACKAGE.parent / "scenarios" / "README.md").read_text(encoding="utf-8")
SCENARIOS = load_all(places.SCENARIOS)


def rows(text: str) -> list[re.Match[str]]:
    """The lines of the tables, without their heads."""
    found = (ROW.fullmatch(line) for line in text.splitlines())
    return [match for match in found if match and match["words"] not in ("report", "---")]


def report_of(row: re.Match[str]) -> str:
    return str(row["linked"] or row["words"].strip())


def link_to(report: str) -> str | None:
    return next((link(report) for form, link in LINKS if form.fullmatch(report)), None)


def tries(report: str, scenario: Scenario) -> str:
    """How a scenario stands in the table: with the releases on which a [[bug]] says that it is red."""
    releases = dict.fromkeys(_release(bug) for bug in scenario.bugs if bug.report == report)
    return f"`{scenario.id}`" + (f" (red on {' and '.join(releases)})" if releases else "")


def _release(bug: Bug) -> str:
    return f"{bug.project} {bug.broken} under {bug.subject}" if bug.project else f"{bug.subject} {bug.broken}"


def problems(text: str, scenarios: Iterable[Scenario]) -> list[str]:
    """What the table says and the scenarios do not, and the other way round."""
    scenarios = tuple(scenarios)
    found = []
    seen: set[str] = set()
    for row in rows(text):
        report, tried = report_of(row), row["tried"]
        if report in seen:
            found.append(f"{report}: has two rows")
        seen.add(report)
        if row["link"] != link_to(report):
            found.append(f"{report}: links to {row['link']}, and not to {link_to(report)}")
        citing = [one for one in scenarios if report in one.issues or report in (bug.report for bug in one.bugs)]
        if tried.startswith("no: ") and not citing:
            if len(tried.split()) < 3:
                found.append(f"{report}: give a reason, in words")
        elif tried != (wanted := ", ".join(tries(report, one) for one in citing)):
            found.append(f"{report}: is tried by {wanted or 'nothing'}, and the table says {tried}")
    cited = [report for one in scenarios for report in (*one.issues, *(bug.report for bug in one.bugs))]
    return found + [f"{report}: has no row" for report in dict.fromkeys(cited) if report not in seen]


def test_every_line_of_the_table_is_read() -> None:
    lines = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| report |", "| --- |"))]
    assert len(lines) == len(rows(TABLE)) >= LEAST_REPORTS


def test_the_table_and_the_scenarios_agree() -> None:
    assert problems(TABLE, SCENARIOS) == []


SCENARIO = parse({
    "format": 1, "id": "http.head", "title": "t", "issue": ["Pylons/waitress#428"], "source": ["CVE-2019-16792"],
    "step": [{"act": "start"}],
}, "f.toml")
BUG = Bug(report="Pylons/waitress#428", subject="waitress", broken="2.1.2", fixed="3.0.0", python=("3.11",))
CITING = replace(SCENARIO, bugs=(BUG,))
BELOW = replace(BUG, subject="cherrypy", project="cheroot", broken="8.5.1")
ADVISORY = replace(SCENARIO, issues=(), bugs=(replace(BUG, report="CVE-2019-16792"),))
SAID = replace(SCENARIO, issues=(), bugs=(replace(BUG, report="A range of a short file"),))
GITHUB = "[Pylons/waitress#428](https://github.com/Pylons/waitress/issues/428)"
RED = "`http.head` (red on waitress 2.1.2)"


@pytest.mark.parametrize(("report", "tried", "scenario", "problem"), [
    (GITHUB, "`http.head`", SCENARIO, None),
    (GITHUB, RED, CITING, None),
    (GITHUB, "`http.head` (red on cheroot 8.5.1 under cherrypy)", replace(SCENARIO, bugs=(BELOW,)), None),
    (GITHUB, "`http.head` (red on waitress 2.1.2 and waitress 2.1.1)",
     replace(SCENARIO, bugs=(BUG, replace(BUG, broken="2.1.1"))), None),
    ("[CVE-2019-16792](https://www.cve.org/CVERecord?id=CVE-2019-16792)", RED, ADVISORY, None),
    ("A range of a short file", RED, SAID, None),
    (GITHUB, "no: it needs a browser", replace(SCENARIO, issues=()), None),
    (GITHUB, RED, SCENARIO, "is tried by `http.head`, and the table says `http.head` (red on"),
    (GITHUB, "`http.head`", CITING, "is tried by `http.head` (red on waitress 2.1.2), and"),
    (GITHUB, "`http.head` (red on waitress 2.1.1)", CITING, "is tried by `http.head` (red on waitress 2.1.2), and"),
    (GITHUB, "`http.other`", SCENARIO, "is tried by `http.head`, and"),
    (GITHUB, "`http.head`, `http.other`", SCENARIO, "is tried by `http.head`, and"),
    (GITHUB, "`http.head`", replace(SCENARIO, issues=()), "is tried by nothing, and"),
    (GITHUB, "no: it needs a browser", SCENARIO, "is tried by `http.head`, and"),
    (GITHUB, "no: reasons", replace(SCENARIO, issues=()), "give a reason"),
    ("[CVE-2019-16792](https://github.com/CVE)", RED, ADVISORY, "links to https://github.com/CVE, and not to"),
    ("CVE-2019-16792", RED, ADVISORY, "links to None, and not to https://www.cve.org"),
    ("[A range of a short file](https://example.org)", RED, SAID, "and not to None"),
    ("Something else", "no: it is not", ADVISORY, "CVE-2019-16792: has no row"),
    ("Something else", "no: it is not", SAID, "A range of a short file: has no row"),
    ("Something else", "no: it is not", SCENARIO, "Pylons/waitress#428: has no row"),
])
def test_what_the_table_must_say(report: str, tried: str, scenario: Scenario, problem: str | None) -> None:
    text = f"| report | in short | tried by, or why not |\n| --- | --- | --- |\n| {report} | it is so | {tried} |\n"
    found = problems(text, [scenario])
    assert (found == []) if problem is None else any(problem in one for one in found)


def test_a_report_that_has_two_rows() -> None:
    row = f"| {GITHUB} | it is so | `http.head` |\n"
    assert problems(row + row, [SCENARIO]) == ["Pylons/waitress#428: has two rows"]
