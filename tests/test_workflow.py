"""What the GitHub workflow says must fit together: it cannot be run here."""

import re

from .conftest import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "matrix.yml").read_text("utf-8")


def test_as_many_shards_are_expected_as_there_are_jobs():
    pythons = re.search(r"^ +python: \[(.*)\]$", WORKFLOW, re.MULTILINE)[1].split(",")
    assert re.findall(r"--expect (\d+)", WORKFLOW) == [str(len(pythons))]


def test_every_action_is_pinned_by_its_hash():
    uses = re.findall(r"uses: (\S+)(.*)", WORKFLOW)
    assert uses
    assert [name for name, comment in uses if not re.search(r"@[0-9a-f]{40}$", name) or "# v" not in comment] == []


def test_what_it_publishes_is_what_a_report_writes():
    """The forms are copied by name: one that build stops to write would break the workflow, where nobody sees it at once."""
    build = (ROOT / "harness" / "report" / "build.py").read_text("utf-8")
    copied = re.search(r"cp (reports/.*) site/", WORKFLOW)[1].replace("reports/", "").replace("results.*", "results.json")
    copied = copied.split()
    assert [name for name in copied if f'"{name}"' not in build] == []
