"""What the tests share: places, interpreters, targets of the Python that runs them, and a small real run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

from harness import interpreters, provision, subjects
from harness.model import Interpreter, Target

ROOT = Path(__file__).resolve().parent.parent
GUEST = ROOT / "harness" / "guest"

sys.path.insert(0, str(GUEST))  # the guest's tests import enginebus as a target does

hypothesis.settings.register_profile("harness", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.load_profile("harness")


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
    made = provision.provision([(subjects.load("enginebus"), here.id, here, "")], cache)[0]
    assert made.ready, made.detail
    return made


def run_harness(*words: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does; a matrix runs the bundled server alone unless it says otherwise."""
    subject = ["--subject", "enginebus"] if words[:1] == ("matrix",) and "--subject" not in words else []
    return subprocess.run(
        [sys.executable, "-m", "harness", *words, *subject], cwd=cwd, capture_output=True, text=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
