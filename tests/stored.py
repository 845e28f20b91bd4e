"""Runs as they lie on disk, made by hand, and the real command asked about them."""

import json
from dataclasses import replace

from harness.cli import main
from harness.model.outcomes import SEVERITY
from harness.model.values import Cell, CellResult, Plan, Target, Verdict
from harness.report.compare import NOT_TRIED
from harness.run.run_folder import Run

TARGETS = (Target("one@3.13", "one", "3.13"), Target("two@2.7", "two", "2.7"))
SCENARIO = {"title": "t", "why": "", "file": "f.toml", "family": "a", "paper": [], "shows": "", "issues": [], "sources": [],
            "grade": "must", "needs": [], "channel": "own", "steps": [], "known": [], "differs": ""}


def write(reports, name, words, digest="1", targets=TARGETS, grade="must", **changes):
    """A stored run of one scenario a word pair: {scenario: (word on one@3.13, word on two@2.7)}; None: not planned."""
    run = Run(reports / "data" / name)
    cells = {Cell(f"{scenario}@{target.id}", scenario, target.id, word if word in NOT_TRIED else "planned"): word
             for scenario, pair in words.items() for target, word in zip(targets, pair, strict=True) if word}
    scenarios = tuple(f"{scenario} {digest}" for scenario in words)
    run.write_plan(replace(Plan(name, targets, tuple(cells), scenarios, (), {}, coverage=False), **changes))
    run.write_scenarios([{**SCENARIO, "id": scenario, "hash": digest} for scenario in words])
    for cell, word in cells.items():
        if word in SEVERITY:
            verdicts = (Verdict(word), Verdict("pass"))
            run.write_result(CellResult(cell.id, "ran", f"because \x1b[31m{word}", *verdicts, grade=grade), "main")
        elif word == "error":
            run.write_result(CellResult(cell.id, word, "broke"), "main")
    return run


def select(run, cells):
    """What an older harness wrote of the cells that were left after -k."""
    (run.folder / "selected.json").write_text(json.dumps(cells))


def ask(capsys, reports, *words):
    code = main.main([*words, "--reports", str(reports)])
    shown = capsys.readouterr()
    return code, shown.out + shown.err
