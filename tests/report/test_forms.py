import xml.etree.ElementTree as ET

import pytest

from harness.model import WORDS, CellResult, Verdict
from harness.report.forms import junit, markdown


def results(text="why\x1b[31m | <b> `x`"):
    found = {}
    for word in WORDS:
        ran = word in ("pass", "known", "fixed", "fail", "timeout")
        cell = f"a.{word}@s@3.13"
        found[cell] = CellResult(cell, "ran" if ran else word, text, Verdict(word) if ran else None,
                                 Verdict("pass") if ran else None, 1.25)
    return found


def test_junit_counts_each_word_as_the_design_says():
    suite = ET.fromstring(junit(results()))[0]
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == \
        {"tests": "10", "failures": "3", "errors": "3", "skipped": "3"}
    children = {case.get("name"): [child.tag for child in case] for case in suite}
    assert children["a.pass"] == []
    assert children["a.known"] == children["a.missing"] == children["a.unsupported"] == ["skipped"]
    assert children["a.fail"] == children["a.timeout"] == children["a.fixed"] == ["failure"]
    assert children["a.error"] == children["a.broken"] == children["a.not-run"] == ["error"]


def test_markdown_escapes_what_servers_said():
    text = markdown(results(), [])
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert "| a.fail@s@3.13 | fail |" in text
    assert "a.pass@" not in text


@pytest.mark.parametrize("count", [60])
def test_markdown_is_bounded(count):
    many = {f"a.b{n}@s@p": CellResult(f"a.b{n}@s@p", "error", "x") for n in range(count)}
    assert "… and 10 more." in markdown(many, [])
