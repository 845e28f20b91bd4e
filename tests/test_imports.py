"""Imports run downward only (DESIGN.md, "Rooms"): each module names the layer it is in, and a layer imports lower ones."""

import ast
import sys
from pathlib import Path

import pytest

from .conftest import GUEST, ROOT

HARNESS = ROOT / "harness"

#: From the bottom up; a module may import from its own layer only what stands before it in the line.
LAYERS = [
    ["model"],
    ["atomic", "capabilities", "certificates", "deadlines", "words", "language", "paper", "plain", "probes", "texts",
     "endings", "causes", "unasked", "matching", "framing", "answers", "responses", "options"],
    ["scenario", "pattern_checks", "scenario_checks", "step_checks", "scenario_known", "scenario_bugs", "step_order", "step_parse",
     "scenario_parse", "scenario_files"],
    ["subject", "subject_checks", "subject_parse", "interpreters", "subjects", "socket_table", "channels", "holders", "images",
     "process", "wire"],
    ["case_checks", "references", "resolution"],
    ["editions", "fingerprint", "guardian", "installer", "lock", "provision", "launch", "filling", "judge_cleanup", "judge"],
    ["cellrun", "measure", "server_acts", "sweep", "acts", "ledger", "watch", "cleanup"],
    ["plan", "selection", "drive", "store", "merging", "trial"],
    ["ports.rows", "ports.diag", "ports.address", "ports.look", "ports.tries", "ports.finding", "ports.free", "ports.text",
     "ports.command"],
    ["reproducer.parts.look", "reproducer.parts.cell", "reproducer.parts.speak", "reproducer.parts.servers",
     "reproducer.parts.hold", "reproducer.parts.measure", "reproducer.parts.judge", "reproducer.parts.run"],
    ["reproducer.recipe", "reproducer.write", "reproducer.command"],
    ["coverage_data", "coverage_lines"],
    ["report.text", "report.excerpts", "report.answers", "report.agreement",
     "report.axis", "report.claims", "report.forms", "report.exports", "report.peers",
     "report.holders", "report.compare", "report.scope", "report.beside", "report.flakes", "report.past", "report.plots",
     "report.rows", "report.cells", "report.build"],
    ["settings", "output_folder", "summary"],
    ["doctor", "prepare", "matrix", "plugin", "scaffold", "query", "history", "check"],
    ["bugs.verdicts", "bugs.plays", "bugs.record", "bugs.text", "bugs.command"],
    ["finish", "matrix_command", "cli"],
    ["__main__"],
]
RANK = {name: (layer, place) for layer, names in enumerate(LAYERS) for place, name in enumerate(names)}

#: Folders whose __init__ says what is in them, and nothing else.
PACKAGES = {"__init__", "report", "ports", "reproducer", "reproducer.parts", "bugs"}

#: Modules that may import nothing of ours but these.
STRICT = {
    "judge": {"model", "causes", "filling", "judge_cleanup", "language", "matching", "scenario", "texts"}, "causes": {"endings"},
    "judge_cleanup": {"endings", "filling", "matching", "model", "unasked"},
    "bugs.verdicts": {"model", "scenario", "judge"},
    "report.text": {"plain"},
    "report.agreement": {"model", "scenario", "report.answers", "report.excerpts"},
    "report.answers": {"answers", "model"}, "report.excerpts": set(), "report.axis": {"model"}, "report.claims": {"model", "paper"},
    "report.forms": {"model"}, "report.exports": {"model"}, "report.compare": {"model"}, "report.plots": {"model"},
    "report.rows": {"model"}, "report.scope": {"model"},
    "report.beside": {"model", "store", "report.compare", "report.scope"},
    "report.past": {"model", "store", "report.flakes"}, "report.flakes": set(),
    "report.cells": {"model", "report.peers", "report.text", "reproducer.write"},
    "report.peers": {"model", "matching", "report.excerpts", "texts"}, "report.holders": {"model", "report.peers"},
    "report.build": {
        "atomic", "model", "store", "coverage_data", "coverage_lines", "reproducer.write", "report.agreement", "report.answers",
        "report.axis", "report.beside", "report.claims", "report.cells", "report.exports", "report.forms", "report.past",
        "report.peers", "report.plots", "report.rows", "report.holders", "report.text"},
    "guardian": {"deadlines", "process"},
}


def modules():
    for file in sorted(HARNESS.rglob("*.py")):
        if "guest" not in file.parts and file.parent.parent.name != "subjects":
            yield file


def name_of(file: Path) -> str:
    parts = file.relative_to(HARNESS).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imported(file: Path) -> set[str]:
    """The harness's own modules that a file imports, by their names below harness."""
    package = ("harness", *file.relative_to(HARNESS).parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            full = ".".join((*base, *([node.module] if node.module else [])))
            names = [f"{full}.{alias.name}" for alias in node.names] + [full]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("harness.") and name.removeprefix("harness.") in RANK:
                found.add(name.removeprefix("harness."))
            assert not name.startswith("harness.guest"), f"{file}: nothing imports the guest"
    return found


def test_every_module_has_a_layer():
    names = {name_of(file) for file in modules()} - PACKAGES
    assert names == set(RANK)


@pytest.mark.parametrize("file", list(modules()), ids=name_of)
def test_imports_run_downward(file):
    name = name_of(file)
    if name in PACKAGES:
        assert not imported(file)
        return
    for other in imported(file):
        assert RANK[other] < RANK[name], f"{name} imports {other}, which stands above it"
    if name in STRICT:
        assert imported(file) <= STRICT[name]


def test_the_guest_imports_the_standard_library_and_itself_only():
    own = {path.stem if path.is_file() else path.name for path in GUEST.iterdir()} | {p.stem for p in GUEST.rglob("*.py")}
    #: 2.7's names, and CherryPy, on which the tree app runs, too
    two = {"BaseHTTPServer", "Cookie", "SocketServer", "urllib", "urlparse", "thread", "cgi", "cherrypy"}
    asked = {"covering.py": {"coverage"}}  # what is used where the target has it, and named where it has not
    for file in [*GUEST.rglob("*.py"), *HARNESS.glob("subjects/*/*.py")]:
        subject = {file.parent.name} if file.parent.parent.name == "subjects" else set()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names or top in own | two | subject | asked.get(file.name, set()), f"{file}: {name}"


def test_only_the_command_line_prints():
    for file in modules():
        if name_of(file) in ("cli", "guardian", "reproducer.parts.run"):
            continue
        calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8")))
                 if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print"]
        assert not calls, file


def test_only_deadlines_sleeps():
    for file in modules():
        if name_of(file) != "deadlines":
            assert "time.sleep(" not in file.read_text("utf-8"), file
