"""Checks and their cells, made by hand."""

from dataclasses import replace

from harness.model.values import Cell, CellResult, Interpreter, Plan, Target, Verdict
from harness.report.conformance import Checks
from harness.run.run_folder import Run

from ..stored import SCENARIO

RAN = ("pass", "fail", "timeout", "known", "fixed", "recorded")
PYTHONS = ("2.7", "3.6", "3.7", "3.8", "3.9")
START = {"number": 1, "act": "start", "args": {}, "expect": {"ready": True}, "either": [], "note": "", "observe": {}}


def target(server, python):
    return Target(f"{server}@{python}", server.split("+")[0], python, "1.0", Interpreter(python, "cpython", f"{python}.1", "gil", "/p"))


def check(name, level="must", table="w.t", send="GET / HTTP/1.1\r\n\r\n", **changes):
    step = {**START, "number": 2, "act": "raw", "args": {"send": send, "until": "probe"}, "expect": {"status": 400, "closed": True}}
    return {**SCENARIO, "id": f"{table}.{name}", "title": f"About {name}", "family": table.split(".")[0], "grade": level, "table": table,
            "sources": ["RFC 9112, section 3"], "steps": [START, step], "hash": "1", **changes}


def result(cell, word, level="must", answer="", why="because"):
    if word not in RAN:
        return CellResult(cell, word, why)
    reason = "" if word in ("pass", "recorded") else why
    return CellResult(cell, "ran", reason, Verdict(word, reason), Verdict("pass"), 0.1, grade=level, answer=answer or word)


def results(checks, words):
    """{check: {server: words on its Pythons}}; a word is "fail" or ("fail", its answer)."""
    levels, found = {one["id"]: one["grade"] for one in checks}, {}
    for name, servers in words.items():
        for server, pythons in servers.items():
            for python, said in zip(PYTHONS, pythons, strict=False):
                word, answer = (said, "") if isinstance(said, str) else said
                cell = f"{name}@{server}@{python}"
                found[cell] = result(cell, word, levels[name], answer)
    return found


def targets_of(cells):
    return tuple(target(*name.split("@")) for name in sorted(
        {cell.partition("@")[2] for cell in cells}, key=lambda name: (name.split("@")[0], PYTHONS.index(name.split("@")[1]))))


def checks_of(checks, words):
    cells = results(checks, words)
    return Checks.of(checks, targets_of(cells), cells)


def stored(reports, name, checks, words, cells=None):
    """A run on disk."""
    cells = cells or results(checks, words)
    run = Run(reports / "data" / name)
    targets = targets_of(cells)
    planned = tuple(Cell(cell, cell.split("@")[0], cell.partition("@")[2], "planned" if one.status in ("ran", "error") else one.status)
                    for cell, one in cells.items())
    run.write_plan(replace(Plan(name, targets, planned, tuple(f"{one['id']} 1" for one in checks), (), {"started": "now"}), coverage=False))
    run.write_scenarios(checks)
    for one in cells.values():
        if one.status in ("ran", "error"):
            run.write_result(one, "main")
    return run
