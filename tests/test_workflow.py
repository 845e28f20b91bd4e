"""What the GitHub workflow says must fit together: it cannot be run here."""

import re
import shlex

from harness.cli import main
from harness.report import site

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


def test_it_publishes_the_site_that_the_command_writes():
    (line,) = re.findall(r"server-matrix (site .*)", WORKFLOW)
    command, *words = shlex.split(line)
    given = main._parser(command).parse_args([command, *(word.replace("$OWNER", "owner").replace("$REPOSITORY", "repository") for word in words)])
    assert given.url == "https://owner.github.io/repository"
    assert re.findall(r"upload-pages-artifact@.*\n +with:\n +path: (.*)", WORKFLOW) == [str(given.folder)]


def test_what_is_kept_of_a_site_is_what_the_command_takes_for_one():
    """Its runs, and the mark without which the command would not touch the folder; restored where they were saved from."""
    kept = re.findall(r"cache/(restore|save)@.*\n +with:\n +path: \|\n((?: +site/.*\n)+) +key: (.*)\n(?: +restore-keys: (.*))?", WORKFLOW)
    assert [(what, paths.split(), key, keys) for what, paths, key, keys in kept] == [
        ("restore", [f"site/{site.MARK}", "site/runs"], "site-${{ github.run_id }}", "site-"),
        ("save", [f"site/{site.MARK}", "site/runs"], "site-${{ github.run_id }}", "")]
    order = [WORKFLOW.index(text) for text in ("cache/restore@", "server-matrix site", "history prune", "key: site-${{ github.run_id }}\n      - uses")]
    assert order == sorted(order), "it is written before the coverage of the run is removed, and saved after that"


def test_the_workflow_uses_the_action_with_inputs_that_it_has():
    inputs = set(re.findall(r"^  ([a-z-]+):$", ACTION.partition("\noutputs:")[0], re.MULTILINE))
    used = re.findall(r"uses: \./\.github/actions/matrix.*\n +with:\n((?: {10}.*\n)+)", WORKFLOW)
    assert used
    given = {line.split(":")[0].strip() for one in used for line in one.splitlines() if not line.strip().startswith("#")}
    assert given <= inputs, given - inputs


def test_every_input_of_the_action_is_looked_at():
    inputs = set(re.findall(r"^  ([a-z-]+):$", ACTION.partition("\noutputs:")[0], re.MULTILINE))
    assert {name for name in inputs if f"inputs.{name}" not in ACTION} == set()
