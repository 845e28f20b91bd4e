"""What the tests share: places, interpreters, targets of the Python that runs them, and a small real run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest

from harness.cell.job import CellJob
from harness.cell.play_cell import play
from harness.cell.running_cell import CellRun
from harness.language.parse_scenario import parse
from harness.language.scenario import for_target
from harness.machine import addresses, interpreters, server_process
from harness.machine.deadlines import Deadline
from harness.model.values import CellResult, History, Interpreter, Target
from harness.targets import provision
from harness.targets.load_subjects import BUNDLED
from harness.verdict.judge import judge

from .scripted import cell
from .stored import write

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
GUEST = ROOT / "harness" / "guest"

sys.path.insert(0, str(GUEST))  # the guest's tests import enginebus as a target does

#: Files that take the longest. They go first, or one worker would be left with one of them when all others have ended.
LONGEST = ("conformance/test_life.py", "cli/test_main.py", "browser/test_site.py", "upstream/test_upstream.py", "test_package.py",
           "conformance/test_wire.py", "conformance/test_asgi.py", "conformance/test_wsgi.py", "cli/test_matrix.py",
           "run/test_shared_and_isolated.py", "targets/test_provision.py", "run/test_start_trial.py", "browser/test_accessibility.py")

hypothesis.settings.register_profile("harness", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.load_profile("harness")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file nothing moves."""
    ranks = {TESTS / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's own cache of targets: what the tests make, the matrix finds made."""
    return ROOT / ".cache"


@pytest.fixture(scope="session")
def every_python(cache: Path) -> list[Interpreter]:
    """One interpreter for each id on this machine; that there is none cannot be."""
    found, _ = interpreters.discover(cache / "interpreters.json")
    chosen = {i.id: i for i in reversed(found)}
    assert chosen, "discovery found no interpreter at all, not even the one that runs this test"
    return list(chosen.values())


@pytest.fixture(scope="session")
def target(every_python: list[Interpreter], cache: Path) -> Target:
    """The bundled server on the Python that runs the tests."""
    here = next(i for i in every_python if i.id == interpreters.current())
    made = provision.provision([(BUNDLED.load("enginebus"), here.id, here, "")], cache)[0]
    assert made.ready, made.detail
    return made


#: What every small scenario of the tests begins with.
HEAD = 'format = 1\nid = "a.b"\ntitle = "t"\npaper = "unexposed"\napp = "tree"\n'


@pytest.fixture
def run_cell(target: Target, tmp_path: Path) -> Iterator[Callable[..., tuple[History, CellResult]]]:
    """Drive and judge the steps of a small scenario against the bundled server, on the Python that runs the tests."""
    own = {p.pid for p in psutil.Process().children()}
    assert not own, "the tests' own process must have no children: a worker runs one cell at a time"

    assert server_process.become_subreaper()  # as a worker is

    def run(text: str, measure: bool = False, head: str = HEAD, **changes: Any) -> tuple[History, CellResult]:
        scenario = for_target(parse(tomllib.loads(head + text), "f.toml"), target)
        subject = replace(BUNDLED.load("enginebus"), **changes)
        history = play(CellJob("a.b@enginebus@x", scenario, target, subject, "run", tmp_path / "cell", tmp_path, measure))
        assert server_process.descendants() == []
        return history, judge(scenario, history, subject.dialect)

    yield run
    server_process.become_subreaper(False)


@pytest.fixture
def dying(run_cell: Callable[..., tuple[History, CellResult]]) -> Callable[..., tuple[History, CellResult]]:
    """Drive and judge a small scenario against tests/dying_server.py, which goes wrong as it is told."""
    def run(steps: str, how: str = "none", seconds: str = "0", stop: tuple[int, ...] = (0,)) -> tuple[History, CellResult]:
        return run_cell(
            steps, entry=(str(ROOT / "tests" / "dying_server.py"),), args=("{host}", "{port}", how, seconds), ready=("/^serving$/",),
            coverage=(), exits={"stop": stop, "interrupt": (-2, 1)}, patterns={}, habits=())

    return run


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Callable[..., CellRun]]:
    """Make a cell whose servers are a script (tests/scripted.py), to act on it step by step."""
    assert not psutil.Process().children(), "a worker runs one cell at a time"
    assert server_process.become_subreaper()
    with contextlib.closing(addresses.claim_own(addresses.has_loopback_range())) as claim:
        yield lambda **changes: cell(tmp_path, claim, **changes)
        assert server_process.end_all(Deadline(10)) == []
    server_process.become_subreaper(False)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Two stored runs, "1" and "2", of three scenarios on two targets."""
    write(tmp_path, "1", {"a.x": ("pass", "pass"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass")})
    write(tmp_path, "2", {"a.x": ("fail", "pass"), "a.y": ("pass", "known"), "a.z": ("pass", "pass")})
    return tmp_path


def run_harness(*words: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does; a matrix runs the bundled server alone unless it says otherwise."""
    subject = ["--subject", "enginebus"] if words[:1] == ("matrix",) and "--subject" not in words else []
    return subprocess.run(
        [sys.executable, "-m", "harness", *words, *subject], cwd=cwd, capture_output=True, text=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})


@pytest.fixture
def project(tmp_path):
    """A scenario folder of our own, and a place for reports."""
    def make(**files):
        for name, text in files.items():
            file = tmp_path / "scenarios" / f"{name.replace('__', '/')}.toml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return ["--scenarios", str(tmp_path / "scenarios"), "--no-bundled-scenarios", "--reports", str(tmp_path / "reports")]
    return make


def scenario(name, *steps, top=""):
    return f'format = 1\nid = "{name}"\ntitle = "t"\npaper = "unexposed"\napp = "tree"\n{top}\n' + "\n".join(steps)


START = '[[step]]\nact = "start"'
HELLO = '[[step]]\nact = "request"\npath = "/"\nexpect = { status = 200 }'
WRONG = '[[step]]\nact = "request"\npath = "/"\nexpect = { status = 404 }'
