"""From what was asked for to the plan on disk: no cell is lost on the way, and what was asked for is recorded."""

import pytest

from harness.language.parse_scenario import parse
from harness.machine import interpreters
from harness.model.values import Interpreter, Target
from harness.run import plan, prepare
from harness.run.prepare import Asked, Options, foresee, pythons_of, subjects_of
from harness.run.project import Project
from harness.targets import installer, provision
from harness.targets.load_subjects import BUNDLED

from ..stored import write

PYTHONS = tuple(Interpreter(name, "cpython", f"{name}.1", "gil", f"/opt/{name}") for name in ("3.12", "3.13"))
CHOSEN = tuple((one.id, one, "") for one in PYTHONS)
STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}]
SCENARIOS = tuple(parse({"format": 1, "id": f"a.{name}", "title": "t", "paper": "unexposed", "app": "life", "step": STEPS},
                        f"scenarios/a/{name}.toml") for name in "xyz")
SERVERS = tuple(BUNDLED.load(name) for name in ("waitress", "wsgiref"))
EVERY = tuple(f"{scenario.id}@{subject.name}@{python.id}" for scenario in SCENARIOS for subject in SERVERS for python in PYTHONS)


def test_several_cells_ask_for_the_server_and_the_python_of_each():
    cells = ["a.x@waitress@3.12", "a.y@waitress+lt2@3.13", "a.x@wsgiref@2.7", "a.z@waitress@2.7"]
    assert subjects_of(cells) == ("waitress", "waitress<2", "wsgiref")
    assert pythons_of(cells) == ("3.12", "3.13", "2.7")


@pytest.fixture
def made(monkeypatch, tmp_path):
    """Prepare a run, with targets of which none is installed; returns its plan, and the targets that were asked for."""
    asked_for = []

    def provide(pairs, cache, upgrade, progress):
        asked_for.extend(f"{subject.column}@{python}" for subject, python, _, _ in pairs)
        return [Target(f"{subject.column}@{python}", subject.name, python, "1.0", interpreter, reason=reason)
                for subject, python, interpreter, reason in pairs]

    monkeypatch.setattr(provision, "provision", provide)

    def run(cells=EVERY, chosen=CHOSEN, **options):
        asked_for.clear()
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        begun = prepare.prepare(Asked(SCENARIOS, SERVERS, chosen, tuple(cells)), Options(project=Project(reports=folder), **options),
                                lambda line: None)
        return begun.read_plan(), list(asked_for)

    return run


def test_a_plan_has_every_cell_once(made):
    plan, targets = made()
    assert [cell.id for cell in plan.cells] == list(EVERY)
    assert targets == ["waitress@3.12", "waitress@3.13", "wsgiref@3.12", "wsgiref@3.13"]


def test_a_narrowed_run_has_the_cells_that_were_asked_for_and_their_targets_alone(made):
    wanted = [EVERY[0], EVERY[4], EVERY[11]]
    plan, targets = made(wanted)
    assert [cell.id for cell in plan.cells] == wanted
    assert targets == ["waitress@3.12", "wsgiref@3.13"]


def test_the_shards_of_a_narrowed_run_are_the_whole_in_equal_parts(made):
    wanted = [cell for cell in EVERY if cell.startswith(("a.x", "a.z")) and cell.endswith("waitress@3.12")]
    parts = [[cell.id for cell in made(wanted, shard=f"{number}/2")[0].cells] for number in (1, 2)]
    assert sorted(parts[0] + parts[1]) == sorted(wanted)
    assert [len(part) for part in parts] == [1, 1]


def test_what_was_asked_for_is_recorded(made):
    plan, _ = made(shard="2/2", subjects=("waitress", "wsgiref"), command=("matrix", "-k", "x"), asked={"keyword": "x"},
                   coverage=False)
    assert (plan.shard, plan.subjects, plan.command, plan.asked, plan.coverage) == (
        "2/2", ("waitress", "wsgiref"), ("matrix", "-k", "x"), {"keyword": "x"}, False)
    assert plan.scenarios == tuple(f"{one.id} {one.hash}" for one in SCENARIOS)


def test_shards_are_cut_by_the_durations_that_all_of_them_were_given(made):
    """One cell takes as long as all others: it is alone in its shard."""
    weights = {**dict.fromkeys(EVERY, 1.0), EVERY[5]: 100.0}
    parts = [[cell.id for cell in made(shard=f"{number}/2", weights=weights)[0].cells] for number in (1, 2)]
    assert sorted(parts, key=len) == [[EVERY[5]], [cell for cell in EVERY if cell != EVERY[5]]]


def test_no_split_is_computed_where_there_is_no_shard(made, monkeypatch):
    monkeypatch.setattr(plan, "share_of", lambda *_: pytest.fail("this takes time, and changes nothing"))
    assert [cell.id for cell in made()[0].cells] == list(EVERY)


@pytest.fixture
def quickly(monkeypatch, tmp_path):
    """What --quick chooses of the scenarios on four Pythons, of which one is missing, after some runs."""
    found = [Interpreter(name, "cpython", f"{name}.1", "gil", f"/opt/{name}") for name in ("2.7", "3.11", "3.12", "3.13")]
    monkeypatch.setattr(prepare, "checked", lambda *_: SCENARIOS)
    monkeypatch.setattr(interpreters, "discover", lambda *_: (found, []))

    def run(*past, quick=True):
        for number, row in enumerate(past):
            write(tmp_path, str(number), {"a.x": row}, targets=[Target(f"wsgiref@{one.id}", "wsgiref", one.id) for one in found])
        return prepare.ask(Options(project=Project(reports=tmp_path), subjects=("wsgiref",), pythons=("2.7", "3.11", "3.12", "3.13"),
                                   quick=quick))

    return run


def names(asked, scenario="a.x"):
    return [cell.rpartition("@")[2] for cell in asked.cells if cell.startswith(scenario)]


def test_without_quick_all_cells_are_asked_for(quickly):
    asked = quickly(quick=False)
    assert (len(asked.cells), asked.left_out, asked.likely) == (12, "", frozenset())


def test_quick_has_the_oldest_and_the_newest_python_and_says_what_it_left_out(quickly):
    asked = quickly(("pass", "pass", "pass", "pass"))
    assert [names(asked, scenario) for scenario in ("a.x", "a.y", "a.z")] == [["2.7", "3.13"]] * 3
    assert "left out 6 of 12 cells: 2 that never differed" in asked.left_out
    assert asked.left_out.endswith("4 between the oldest and the newest Python, of which no stored run has an outcome; coverage is not measured")


def test_quick_has_what_differed_in_any_stored_run_and_what_was_red_is_likely(quickly):
    asked = quickly(("pass", "fail", "pass", "pass"), ("pass", "pass", "pass", "pass"))
    assert sorted(names(asked)) == ["2.7", "3.11", "3.12", "3.13"]
    assert asked.likely == {"a.x@wsgiref@3.11"}


def test_quick_leaves_out_what_cannot_be_tried(quickly):
    """A Python that is not here costs nothing, but its columns would be all that a reader sees of it."""
    asked = prepare.ask(Options(subjects=("uvicorn",), pythons=("2.7", "3.12", "3.13"), quick=True))
    assert names(asked) == ["3.12", "3.13"]


def test_quick_keeps_a_python_that_was_asked_for_and_is_missing(quickly):
    quickly()
    asked = prepare.ask(Options(subjects=("uvicorn",), pythons=("2.7", "3.12", "3.13", "9.9"), quick=True))
    assert [cell.rpartition("@")[2] for cell in asked.cells if cell.startswith("a.x")] == ["3.12", "3.13", "9.9"]


def test_a_plan_of_a_shard_is_that_of_the_shard(quickly):
    quickly()
    parts = []
    for number in (1, 2):
        options = Options(subjects=("wsgiref",), pythons=("3.12", "3.13"), shard=f"{number}/2")
        asked = prepare.ask(options)
        parts.append([cell.id for cell in prepare.shard(asked, options, foresee(asked))])
    assert sorted(parts[0] + parts[1]) == sorted(asked.cells)
    assert [len(part) for part in parts] == [3, 3]


ABSENT = (("3.12", None, "no interpreter 3.12 on this machine"), ("3.13", PYTHONS[1], ""))


@pytest.mark.parametrize(("problem", "found", "statuses"), [
    ("", PYTHONS, {"planned"}), ("uv could not download 3.12: no network", PYTHONS[1:], {"planned", "missing"}),
    ("", PYTHONS[1:], {"planned", "missing"}),
])
def test_what_was_downloaded_is_played_and_what_could_not_be_says_why(made, monkeypatch, problem, found, statuses):
    fetched = []
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", "")
    monkeypatch.setattr(installer, "download", lambda name, folder: fetched.append(name) or problem)
    monkeypatch.setattr(interpreters, "discover", lambda: (list(found), []))
    plan, _ = made(chosen=ABSENT, download=True)
    assert fetched == ["3.12"], "what is here is not fetched"
    assert {cell.status for cell in plan.cells} == statuses
    reasons = {cell.reason for cell in plan.cells if cell.status == "missing"}
    assert all(problem in reason and "no interpreter 3.12" in reason for reason in reasons)


def test_what_is_not_downloaded_stays_missing(made):
    plan, _ = made(chosen=ABSENT)
    assert {cell.target.partition("@")[2]: cell.status for cell in plan.cells} == {"3.12": "missing", "3.13": "planned"}


def test_a_plan_is_foreseen_as_it_will_be(made):
    old = Interpreter("2.7", "cpython", "2.7.18", "gil", "/opt/2.7")
    chosen = (("2.7", old, ""), *ABSENT)
    asked = Asked(SCENARIOS, (BUNDLED.load("uvicorn"),), chosen, tuple(f"a.x@uvicorn@{name}" for name, _, _ in chosen))
    assert [(cell.id, cell.status) for cell in foresee(asked)] == [
        ("a.x@uvicorn@2.7", "unsupported"), ("a.x@uvicorn@3.12", "missing"), ("a.x@uvicorn@3.13", "planned")]
