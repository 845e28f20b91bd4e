"""The rooms of the harness: which there are, which each may use, and how long a module may be."""

import ast
import re
import sys
from pathlib import Path

import pytest

from harness.reproducer.write import SECTIONS

from .conftest import GUEST, ROOT

HARNESS = ROOT / "harness"

#: room -> the rooms that it may use, besides itself; nothing uses a room that is not in its row.
ROOMS = {
    "model": set(),
    "language": {"model"},
    "machine": {"model", "language"},
    "verdict": {"model", "language", "machine"},
    "targets": {"model", "language", "machine"},
    "cell": {"model", "language", "machine", "verdict", "targets"},
    "reproducer": {"model", "language", "machine", "verdict", "targets", "cell"},
    "run": {"model", "language", "machine", "verdict", "targets", "cell", "reproducer"},
    "coverage": {"model", "machine", "targets", "cell", "run"},
    "report": {"model", "language", "machine", "verdict", "targets", "cell", "reproducer", "run", "coverage"},
    "ports": {"model", "machine"},
    "cli": {"model", "language", "machine", "verdict", "targets", "cell", "reproducer", "run", "coverage", "report", "ports"},
}
#: Folders without a module of the driver: what runs inside a target, and the descriptions of servers.
DATA = {"guest", "subjects"}

#: Modules of which a reproducer is made: of the standard library, and of each other, alone.
SHARED = {str(path.relative_to(HARNESS).with_suffix("")).replace("/", ".") for path, _ in SECTIONS.values()}

#: Modules that may import nothing of ours but these.
STRICT = {
    "verdict.judge": {
        "model.outcomes", "model.values", "language.dialect", "verdict.causes", "verdict.cleanup", "language.filling", "language.verbs",
        "language.matching", "language.scenario", "language.text_matching"},
    "run.guardian": {"machine.deadlines", "machine.server_process"},
    "run.bugs.verdicts": {"model.values", "model.outcomes", "language.scenario", "verdict.judge"},
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
            if name.startswith("harness.") and name.removeprefix("harness.") in NAMES:
                found.add(name.removeprefix("harness."))
            assert not name.startswith("harness.guest"), f"{file}: nothing imports the guest"
    return found


NAMES = {name_of(file) for file in modules() if file.stem != "__init__"}


def test_directly_in_the_harness_are_rooms_only():
    there = {path.name for path in HARNESS.iterdir() if path.name != "__pycache__"}
    assert there == {*ROOMS, *DATA, "__init__.py", "__main__.py", "README.md"}
    assert len(ROOMS | dict.fromkeys(DATA)) <= 14


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_which_rooms_it_uses(room):
    said = ast.get_docstring(ast.parse((HARNESS / room / "__init__.py").read_text("utf-8")))
    assert said is not None
    uses = re.search(r"^Uses: (.*)\.$", said, re.MULTILINE)
    assert uses, f"{room}: the docstring ends with the rooms it uses"
    told = set() if uses[1] == "nothing" else set(uses[1].split(", "))
    assert told == ROOMS[room]


@pytest.mark.parametrize("file", list(modules()), ids=name_of)
def test_rooms_use_lower_rooms_only(file):
    room = file.relative_to(HARNESS).parts[0]
    for other in imported(file):
        if room in ROOMS and not (file.stem == "__init__" and room == "harness"):
            assert other.split(".")[0] in ROOMS[room] | {room}, f"{name_of(file)} imports {other}"
    name = name_of(file)
    if name in STRICT:
        assert imported(file) <= STRICT[name]
    if name in SHARED:
        assert imported(file) <= SHARED


def test_no_room_uses_itself_in_a_circle():
    uses = {name_of(file): imported(file) for file in modules() if file.stem != "__init__"}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above, name])
        if name not in done:
            for other in sorted(uses[name]):
                visit(other, (*above, name))
            done.add(name)

    for name in uses:
        visit(name, ())


#: The longest that a module may be, and why where it is longer than the others.
LONGEST = 250


@pytest.mark.parametrize("file", list(modules()), ids=name_of)
def test_no_module_is_too_long_to_be_read_at_once(file):
    assert len(file.read_text("utf-8").splitlines()) <= LONGEST


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
        if name_of(file) in ("cli.main", "run.guardian", "reproducer.parts.run"):
            continue
        calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8")))
                 if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print"]
        assert not calls, file


def test_only_deadlines_sleeps():
    for file in modules():
        if name_of(file) != "machine.deadlines":
            assert "time.sleep(" not in file.read_text("utf-8"), file
