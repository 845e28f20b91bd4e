"""``[[bug]]``: a report, the release that has it and the one that has it not; what is wrong with one is said at load."""

import copy
import tomllib

import pytest

from harness.language.parse_scenario import parse
from harness.language.scenario import Bug
from harness.model.refusal import Refusal

from ..conftest import ROOT

GOOD = {
    "format": 1, "id": "family.name", "title": "A title", "issue": ["Pylons/waitress#428"],
    "source": ["CVE-2019-16792", "RFC 9112, section 6.3"],
    "step": [{"act": "start"}, {"act": "request", "path": "/", "save": {"child": "json:/pid"}, "expect": {"status": 200}},
             {"act": "stop", "case": [{"where": {"else": True}, "expect": {"exit": 0}}]}],
}
BUG = {"report": "Pylons/waitress#428", "subject": "waitress", "broken": "2.1.2", "fixed": "3.0.0", "python": ["3.11"]}


def with_bug(**changes):
    bug = {key: value for key, value in {**BUG, **changes}.items() if value is not ...}
    return {**copy.deepcopy(GOOD), "bug": [bug]}


def test_a_bug_is_read_whole():
    full = {"requires": ["setuptools<81", "markupsafe==2.0.1"], "before": "2022-06-01", "project": "cheroot",
            "failing": ["2.status", "3"], "why": "it says close", "note": "seen by hand, too"}
    assert parse(with_bug(**full), "f").bugs == (Bug(
        report="Pylons/waitress#428", subject="waitress", broken="2.1.2", fixed="3.0.0", python=("3.11",),
        requires=("setuptools<81", "markupsafe==2.0.1"), before="2022-06-01", project="cheroot",
        failing=("2.status", "3"), why="it says close", note="seen by hand, too"),)


def test_the_example_of_the_readme_is_one():
    text = (ROOT / "README.md").read_text("utf-8").partition("## A report that a scenario catches")[2]
    table = tomllib.loads(text.partition("```toml")[2].partition("```")[0])
    step = {"act": "raw", "send": "x", "expect": {"closed": False}}
    (bug,) = parse({**GOOD, "step": [GOOD["step"][0], step], **table}, "README.md").bugs
    assert (bug.broken, bug.fixed, bug.failing) == ("2.1.2", "3.0.0", ("2.closed",))


def test_a_scenario_without_one_has_none():
    assert parse(GOOD, "f").bugs == ()


def test_one_table_and_one_python_need_no_list():
    one = {**GOOD, "bug": {**BUG, "python": "3.11"}}
    assert parse(one, "f").bugs == parse(with_bug(), "f").bugs


def test_releases_are_compared_by_their_numbers():
    assert parse(with_bug(broken="9.9", fixed="10.0"), "f").bugs[0].fixed == "10.0"


def test_one_that_no_release_has_fixed():
    assert parse(with_bug(fixed=...), "f").bugs[0].fixed == ""


@pytest.mark.parametrize("report", ["CVE-2019-16792", "Range: bytes=-20 of a short file"])
def test_a_report_need_not_be_an_issue(report):
    assert parse(with_bug(report=report), "f").bugs[0].report == report


def test_an_advisory_may_have_words_around_it():
    data = {**with_bug(report="GHSA-qppv-j76h-2rpx"), "source": ["GHSA-qppv-j76h-2rpx: what is no Content-Length"]}
    assert parse(data, "f").bugs[0].report == "GHSA-qppv-j76h-2rpx"


@pytest.mark.parametrize("failing", ["1", "1.ready", "2.status", "2.save child", "2.request", "3.exit", "0", "0.bind"])
def test_what_can_be_named_as_failing(failing):
    assert parse(with_bug(failing=[failing]), "f").bugs[0].failing == (failing,)


BAD = [
    ({"colour": "red"}, "unknown key 'colour'"),
    ({"brokn": "1.0"}, "unknown key 'brokn'. Did you mean 'broken'?"),
    ({"report": ...}, "report: is missing"),
    ({"subject": ...}, "subject: is missing"),
    ({"broken": ...}, "broken: is missing"),
    ({"python": ...}, "python: is missing"),
    ({"report": ""}, "report: is empty: name the report"),
    ({"report": 428}, "report: must be a string, not 428"),
    ({"report": "Pylons/waitress#429"}, "'Pylons/waitress#429' is not in the scenario's `issue`. Did you mean "
                                        "'Pylons/waitress#428'?"),
    ({"report": "waitress#428"}, "'waitress#428' is not a complete reference: write owner/repo#428"),
    ({"report": "CVE-2019-16793"}, "'CVE-2019-16793' is neither in the scenario's `source` nor in its `issue`"),
    ({"report": "CVE-2019-1679"}, "'CVE-2019-1679' is neither in"),
    ({"report": "CVE-19-1679"}, "'CVE-19-1679' does not look like CVE-2020-5236"),
    ({"report": "GHSA-qppv-j76h"}, "'GHSA-qppv-j76h' does not look like GHSA-qppv-j76h-2rpx"),
    ({"report": "GHSA-qppv-j76h-2rpx"}, "'GHSA-qppv-j76h-2rpx' is neither in"),
    ({"subject": ["waitress"]}, "subject: must be a string, not ['waitress']"),
    ({"broken": "the old one"}, "broken: 'the old one' is not a version such as 1.4.2"),
    ({"broken": "<2"}, "broken: '<2' is not a version"),
    ({"broken": 2.1}, "broken: must be a string, not 2.1"),
    ({"fixed": "soon"}, "fixed: 'soon' is not a version"),
    ({"fixed": ""}, "fixed: '' is not a version"),
    ({"fixed": "2.1.2"}, "fixed: 2.1.2 is also the broken release"),
    ({"fixed": "2.1.2.0"}, "fixed: 2.1.2.0 is also the broken release"),
    ({"fixed": "2.1.1"}, "fixed: 2.1.1 is older than 2.1.2, the broken release"), ({"broken": "10.0", "fixed": "9.9"}, "fixed: 9.9 is older than 10.0"),
    ({"python": []}, "python: give at least one"),
    ({"python": ["3.11.7"]}, "python: '3.11.7' is not an interpreter id such as 3.8, 3.13t or pypy3.11"),
    ({"python": ["9.6"]}, "python: '9.6': there is no such Python; known are 2.7, 3.3 to 3.20, also as 3.13t or pypy3.11"),
    *(({"python": [name]}, f"python: '{name}': there is no such Python") for name in ("2.6", "3.21", "pypy9.6", "9.6t", "3.0")),
    ({"python": ["py3"]}, "python: 'py3' is not an interpreter id"),
    ({"python": [3.11]}, "python: must be a list of strings, not [3.11]"),
    ({"python": 3.11}, "python: must be a list of strings, not 3.11"),
    ({"python": ["3.11", "3.11"]}, "python: '3.11' is listed twice"),
    ({"requires": "setuptools<81"}, "requires: must be a list of strings, not 'setuptools<81'"),
    ({"requires": ["setuptools"]}, "requires: 'setuptools' has no version; pin it, as in setuptools==1.2.3"),
    ({"requires": ["set uptools=81"]}, "requires: 'set uptools=81' is not a requirement"),
    ({"requires": ["x @ file:///tmp/x"]}, "requires: 'x @ file:///tmp/x' has no version"),
    ({"before": "2022"}, "before: '2022' is not a date such as \"2020-01-05\""),
    ({"before": "2022-13-01"}, "before: '2022-13-01' is not a date"),
    ({"before": "2022-06-01T00:00:00"}, "before: '2022-06-01T00:00:00' is not a date"),
    ({"before": "2022-06-01", "python": ["2.7", "3.6"]}, "before: pip on Python 2.7 does not support dates; "
                                                         "use a separate [[bug]] with `requires`"),
    ({"project": "not a name"}, "project: 'not a name' is not a valid distribution name"),
    ({"failing": "2.status"}, "failing: must be a list of strings, not '2.status'"),
    ({"failing": ["4"]}, "failing: '4': steps are 1 to 3, and 0 is the cleanup"),
    ({"failing": ["two"]}, "failing: 'two' is not \"STEP\" or \"STEP.key\", as in \"3.status\""),
    ({"failing": ["2.stauts"]}, "failing: '2.stauts': step 2 (request) cannot fail at 'stauts'. Did you mean 'status'?"),
    ({"failing": ["2.body"]}, "failing: '2.body': step 2 (request) cannot fail at 'body'"),
    ({"failing": ["0.port"]}, "failing: '0.port': the cleanup cannot fail at 'port'"),
    ({"failing": []}, "failing: give at least one, or omit it"),
    ({"why": 1}, "why: must be a string, not 1"),
    ({"failing": ["1", "4"]}, "failing: '4': steps are"), ({"failing": ["2.status", "1.status"]}, "step 1 (start) cannot fail at 'status'"),
    ({"failing": ["3.save child"]}, "step 3 (stop) cannot fail at 'save child'"), ({"failing": ["-1"]}, "'-1' is not"),
    ({"requires": ["setuptools<81", "wheel"]}, "requires: 'wheel' has no version"), ({"python": ["3.11", "2"]}, "'2' is not an interpreter id"),
    ({"report": "Pylons/waitress#428 and #429"}, "is not a complete reference"), ({"python": ["3.11", "3.8", "3.11"]}, "'3.11' is listed twice"),
    ({"report": "pylons/waitress#428"}, "is not in the scenario's `issue`"), ({"report": "Pylons/waitress#42"}, "is not in the scenario's `issue`"),
]


@pytest.mark.parametrize(("changes", "problem"), BAD, ids=[f"{n}-{'-'.join(c)}" for n, (c, _) in enumerate(BAD)])
def test_what_is_wrong_is_said_with_file_table_and_key(changes, problem):
    with pytest.raises(Refusal) as caught:
        parse(with_bug(**changes), "scenarios/f.toml")
    assert str(caught.value).startswith("scenarios/f.toml: bug 1")
    assert problem in str(caught.value)


@pytest.mark.parametrize("bug", ["x", ["x"], 1, [[]]])
def test_what_is_no_table(bug):
    with pytest.raises(Refusal, match=r"f\.toml: bug.*must be a table"):
        parse({**GOOD, "bug": bug}, "f.toml")


def test_the_second_is_named_as_the_second_and_the_same_twice_is_refused():
    other = {**BUG, "broken": "x"}
    with pytest.raises(Refusal, match="bug 2: broken"):
        parse({**GOOD, "bug": [BUG, other]}, "f")
    again = {**BUG, "python": ["3.8", "3.11"], "fixed": "3.0.1"}
    with pytest.raises(Refusal, match=r"bug 2: Pylons/waitress#428 of waitress 2\.1\.2 on 3\.11 is already in bug 1"):
        parse({**GOOD, "bug": [BUG, again]}, "f")
    assert len(parse({**GOOD, "bug": [BUG, {**again, "broken": "2.1.1"}]}, "f").bugs) == 2


def test_a_citation_is_prose_for_the_scenario_s_hash():
    assert parse(with_bug(), "f").hash == parse(GOOD, "f").hash == parse(with_bug(broken="1.0"), "f").hash
