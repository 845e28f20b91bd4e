"""scenarios/README.md says of each report from the field what tries it: the table and the scenarios must agree."""

from __future__ import annotations

import re

import pytest

from harness.matrix import ROOT
from harness.scenario_files import load_all

LEAST_REPORTS = 40
ROW = re.compile(r"^\| \[(?P<report>[^\]]+)\]\((?P<link>[^)]+)\) \| (?P<short>[^|]+) \| (?P<tried>[^|]+) \|$")
TABLE = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
ROWS = {match["report"]: match for line in TABLE.splitlines() if (match := ROW.match(line))}
SCENARIOS = {scenario.id: scenario for scenario in load_all(ROOT / "scenarios")}


def test_every_line_of_the_table_is_read() -> None:
    lines = [line for line in TABLE.splitlines() if line.startswith("| [")]
    assert len(lines) == len(ROWS) >= LEAST_REPORTS


@pytest.mark.parametrize("report", ROWS)
def test_a_report_links_to_itself_and_names_its_scenarios(report: str) -> None:
    repository, _, number = report.partition("#")
    assert ROWS[report]["link"] == f"https://github.com/{repository}/issues/{number}"
    tried = ROWS[report]["tried"]
    if tried.startswith("no: "):
        assert len(tried.split()) >= 3, "a reason, in words"
        return
    names = re.findall(r"`([^`]+)`", tried)
    assert names
    assert ", ".join(f"`{name}`" for name in names) == tried
    assert [name for name in names if report not in SCENARIOS[name].issues] == []


def test_each_issue_of_a_scenario_is_in_the_table() -> None:
    missing = [(scenario.id, report) for scenario in SCENARIOS.values() for report in scenario.issues
               if report not in ROWS or f"`{scenario.id}`" not in ROWS[report]["tried"]]
    assert missing == []
