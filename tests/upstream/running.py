"""Test modules of CherryPy, each in a process of its own, and what became of each test."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import FileLock

from .fetch import GUEST, HERE, assemble
from .tables import TIMED

MODULES = ("test_bus", "test_states", "test_objectmapping", "test_params", "test_request_obj", "test_http", "test_conn", "test_core",
           "test_caching", "test_static", "test_encoding")
MODULE_SECONDS = 240
ALONE = ("test_states",)  # one of its tests takes port 8081, whatever else runs
TRIES = 4


@dataclass(frozen=True)
class Outcome:
    """What a test came to: ``passed``, ``failed``, ``skipped`` (by itself) or ``omitted`` (by the table), and what it said."""

    test: str
    word: str
    text: str = ""

    @property
    def sentence(self) -> str:
        """The line of a failure that says most."""
        lines = [line for line in self.text.splitlines() if line.startswith("E  ")] or self.text.splitlines()[-1:]
        return " ".join(line.removeprefix("E  ").strip() for line in lines[:3])


def run_module(module: str, sdist: Path, libraries: Path, omit: Iterable[str], python: str = sys.executable,
               timed: Container[str] = TIMED) -> list[Outcome]:
    """Run one module; a test that hangs is cut off, and the others run without it. One of ``timed`` that fails is tried again."""
    tries = TRIES
    outcomes: dict[str, Outcome] = {}
    alone = FileLock(Path(tempfile.gettempdir(), "upstream-8081.lock")) if module in ALONE else contextlib.nullcontext()
    with alone, tempfile.TemporaryDirectory(prefix="upstream-") as folder:
        tree = assemble(sdist, Path(folder, "tree"))
        shutil.copy(HERE / "recorder.py", tree / "upstream_recorder.py")
        while True:
            words = _words(tree, libraries, module, Path(folder), omit, outcomes, python)
            planned, said = _read(Path(folder, "results"), outcomes)
            missing = [test for test in planned if test not in outcomes]
            late = [test for test in outcomes if test in timed and outcomes[test].word == "failed"]
            if not missing and (tries := tries - 1) and late:
                for test in late:
                    del outcomes[test]
                continue
            if not missing:
                break
            started = next((test for test in reversed(said) if test in missing), "")
            outcomes[started or missing[0]] = Outcome(started or missing[0], "failed", f"it did not come to its end: {words[-6000:]}")
    return sorted(outcomes.values(), key=lambda outcome: outcome.test)


def _words(tree: Path, libraries: Path, module: str, folder: Path, omit: Iterable[str], done: Iterable[str], python: str) -> str:
    """Run pytest on one module; return what it printed."""
    for name in ("results", "results.stacks"):
        (folder / name).write_text("")
    (tree / "pytest.ini").write_text("[pytest]\n")
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(map(str, (tree, GUEST, libraries))), "PYTHONDONTWRITEBYTECODE": "1",
        "WEBTEST_INTERACTIVE": "false",  # or the client asks a terminal what to do
        "UPSTREAM_RESULTS": str(folder / "results"), "UPSTREAM_DONE": "\n".join(done),
        "UPSTREAM_OMIT": "\n".join(omit)}
    with open(folder / "output", "w+b") as output:
        process = subprocess.Popen(
            [python, "-m", "pytest", "-q", "-p", "upstream_recorder", "-p", "no:cacheprovider", "--runxfail", "--disable-warnings",
             "--tb=short", "-c", str(tree / "pytest.ini"), "--rootdir", str(tree), f"cherrypy/test/{module}.py"],
            cwd=tree, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            process.wait(MODULE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        finally:
            end_strays(tree)
        output.seek(0)
        stacks = (folder / "results.stacks").read_text("utf-8", "replace")
        return output.read().decode("utf-8", "replace") + stacks


def end_strays(tree: Path) -> None:
    """End servers of this run that outlived it: a daemon whose test failed has left the session. The tree is this run's alone."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(tree) in word for word in process.info["cmdline"] or ()) and process.pid != os.getpid():
            process.kill()


def _read(results: Path, outcomes: dict[str, Outcome]) -> tuple[list[str], list[str]]:
    """Add what is reported; return (tests that were to run, tests in the order in which they began)."""
    planned, started = [], []
    for line in results.read_text("utf-8").splitlines():
        kind, test, text = json.loads(line)
        if kind == "planned":
            planned.append(test)
        elif kind == "started":
            started.append(test)
        elif kind != "finished" and (test not in outcomes or kind == "failed"):
            outcomes[test] = Outcome(test, kind, text)
    return planned, started
