"""What the GitHub workflow says must fit together: it cannot be run here."""

import re

from .conftest import ROOT

ACTION = (ROOT / ".github" / "actions" / "matrix" / "action.yml").read_text("utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "matrix.yml").read_text("utf-8")


def test_as_many_shards_are_expected_as_there_are_jobs():
    pythons = re.search(r"^ +python: \[(.*)\]$", WORKFLOW, re.MULTILINE)[1].split(",")
    shards = re.search(r"^ +shard: \[(.*)\]$", WORKFLOW, re.MULTILINE)[1].split(", ")
    assert re.findall(r"--expect (\d+)", WORKFLOW) == [str(len(pythons) * len(shards))]
    assert shards == [f'"{number}/{len(shards)}"' for number in range(1, len(shards) + 1)], "each part of each Python, once"


def test_every_action_is_pinned_by_its_hash():
    uses = [(name, comment) for name, comment in re.findall(r"^ +(?:- )?uses: (\S+)(.*)", WORKFLOW + ACTION, re.MULTILINE) if not name.startswith("./")]
    assert uses
    assert [name for name, comment in uses if not re.search(r"@[0-9a-f]{40}$", name) or "# v" not in comment] == []


def test_what_it_publishes_is_what_a_report_writes():
    """The forms are copied by name: one that build stops to write would break the workflow, where nobody sees it at once."""
    build = (ROOT / "harness" / "report" / "build.py").read_text("utf-8")
    copied = re.search(r"cp (reports/.*) site/", WORKFLOW)[1].replace("reports/", "").replace("results.*", "results.json")
    copied = copied.split()
    assert [name for name in copied if f'"{name}"' not in build] == []


def test_the_workflow_uses_the_action_with_inputs_that_it_has():
    inputs = set(re.findall(r"^  ([a-z-]+):$", ACTION.partition("\noutputs:")[0], re.MULTILINE))
    used = re.findall(r"uses: \./\.github/actions/matrix.*\n +with:\n((?: {10}.*\n)+)", WORKFLOW)
    assert used
    given = {line.split(":")[0].strip() for one in used for line in one.splitlines() if not line.strip().startswith("#")}
    assert given <= inputs, given - inputs


def test_every_input_of_the_action_is_looked_at():
    inputs = set(re.findall(r"^  ([a-z-]+):$", ACTION.partition("\noutputs:")[0], re.MULTILINE))
    assert {name for name in inputs if f"inputs.{name}" not in ACTION} == set()
