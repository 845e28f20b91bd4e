import re

import pytest

from harness.language.files import load_all
from harness.language.paper_claims import CLAIMS, EVIDENCE, STATED
from harness.model.values import CellResult, Target, Verdict
from harness.report.claims import verdicts

from ..conftest import ROOT

TARGET = Target("s@1", "s", "1")


def scenario(name, shows="reproduced"):
    return {"id": name, "paper": ["unexposed"], "shows": shows}


def result(word):
    if word in ("pass", "fail", "known"):
        return CellResult("c", "ran", "", Verdict(word), Verdict("pass"))
    return CellResult("c", word)


@pytest.mark.parametrize(("cells", "verdict"), [
    ([("reproduced", "pass")], "reproduced"), ([("not reproduced", "pass")], "not reproduced"),
    ([("reproduced", "pass"), ("not reproduced", "pass")], "in part"),
    ([("reproduced", "missing")], "cannot be tried here"), ([], "cannot be tried here"),
    ([("reproduced", "pass"), ("reproduced", "fail")], "open: its cells failed"),
    ([("reproduced", "known")], "open: its cells failed"), ([("reproduced", "not-run")], "open: its cells failed"),
    ([("reproduced", "pass"), ("not reproduced", "unsupported")], "reproduced"),
])
def test_a_verdict_is_what_the_cells_say(cells, verdict):
    scenarios = [scenario(f"a.{n}", shows) for n, (shows, _) in enumerate(cells)]
    results = {f"a.{n}@s@1": result(word) for n, (_, word) in enumerate(cells)}
    line = next(c for c in verdicts(scenarios, (TARGET,), results) if c["id"] == "unexposed")
    assert line["verdicts"] == {"s@1": verdict}


def test_every_scenario_names_claims_that_exist():
    for one in load_all(ROOT / "scenarios"):
        assert set(one.paper) <= set(CLAIMS), one.file
        for issue in one.issues:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", issue), one.file


def test_each_claim_has_evidence_from_the_paper_or_says_that_there_is_none():
    assert EVIDENCE.keys() <= CLAIMS.keys()
    lines = {line["id"]: line["evidence"] for line in verdicts([], (), {})}
    assert "LISTENING" in lines["netstat"]
    assert lines["reboot"] == STATED
