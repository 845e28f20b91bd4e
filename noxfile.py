"""The tasks; ``nox -l`` lists them. Arguments after ``--`` go to the task: ``nox -s matrix -- --help``."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["matrix"]
nox.options.reuse_existing_virtualenvs = True
nox.options.default_venv_backend = "virtualenv"

PYPROJECT = nox.project.load_toml("pyproject.toml")
LEAST = (3, 11)  # the driver's own Python; those of the servers may be older
INSTALLED = "installed.txt"  # in an environment: the requirements that were installed into it
TYPESCRIPT = "typescript@5.9.3"  # what checks the types of the report's scripts; no part of the product
INTERRUPT_SECONDS = 60.0  # after Ctrl-C the driver ends its cells and writes the report


def made_with(environment: Path) -> tuple[int, int] | None:
    """The Python that an environment was made with, as its pyvenv.cfg says; None where it does not say."""
    settings = environment / "pyvenv.cfg"
    text = settings.read_text("utf-8") if settings.exists() else ""
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", text, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else None


def install(session: nox.Session, *groups: str, driver: bool = True) -> None:
    """Install the driver's dependencies and some of pyproject's groups, into an environment of the Python that runs nox.

    That this Python is too old is said before anything is installed; an environment that another Python made is made anew.
    What it installed is noted in the environment, and not installed again before pyproject.toml asks for something else.
    """
    here = sys.version_info[:2]
    if here < LEAST:
        session.error(
            f"nox runs under Python {here[0]}.{here[1]}, and the harness needs {LEAST[0]}.{LEAST[1]} or newer (the "
            "servers under test may be older). Make .venv with a newer one: python3.13 -m venv --clear .venv"
        )
    environment = Path(session.virtualenv.location)
    if made_with(environment) not in (None, here):
        session.log(f"{environment.name} was made with another Python: making it anew")
        session.run_install(sys.executable, "-m", "virtualenv", "--quiet", "--clear", str(environment), external=True)
    wanted = [*(PYPROJECT["project"]["dependencies"] if driver else ()), *nox.project.dependency_groups(PYPROJECT, *groups)]
    note = environment / INSTALLED
    if not note.exists() or note.read_text("utf-8") != "\n".join(wanted):
        note.unlink(missing_ok=True)
        session.install(*wanted)
        note.write_text("\n".join(wanted), "utf-8")
    if driver and not shutil.which("server-matrix", path=session.bin):  # the command, of this checkout's own sources
        session.install("--no-deps", "-e", ".")


def harness(session: nox.Session, *words: str) -> None:
    """Run the harness in the driver's environment, and give it time to end cleanly when it is interrupted."""
    install(session)
    session.run("python", "-m", "harness", *words, interrupt_timeout=INTERRUPT_SECONDS, terminate_timeout=INTERRUPT_SECONDS)


@nox.session(name="matrix")
def matrix(session: nox.Session) -> None:
    """Run the scenarios on every Python of this machine and write reports/index.html (-- --help says more)."""
    harness(session, "matrix", *session.posargs)


@nox.session(name="check")
def check(session: nox.Session) -> None:
    """Say every mistake of every scenario and subject file, without running anything."""
    harness(session, "check", *session.posargs)


@nox.session(name="report")
def report(session: nox.Session) -> None:
    """Write the report of the newest run, or of the one given, again."""
    harness(session, "report", *session.posargs)


@nox.session(name="bugs")
def bugs(session: nox.Session) -> None:
    """Play each report that a scenario cites on the release that has it, and on the one that has it not."""
    harness(session, "bugs", *session.posargs)


@nox.session(name="doctor")
def doctor(session: nox.Session) -> None:
    """Say what this machine has and lacks."""
    harness(session, "doctor", *session.posargs)


@nox.session(name="merge")
def merge(session: nox.Session) -> None:
    """Merge the data folders of several machines and report on them."""
    harness(session, "merge", *session.posargs)


@nox.session(name="tests")
def tests(session: nox.Session) -> None:
    """Test the harness itself, all of it on all processors (-- ARGUMENTS go to pytest, which then runs in one process)."""
    install(session, "tests")
    cores = os.cpu_count() or 1
    workers = min(2 * cores, cores + 4)  # half of a test's time is waiting for a server
    in_turn = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]  # tests/conftest.py: the longest first
    session.run("python", "-m", "pytest", *(session.posargs or in_turn))


@nox.session(name="mutants")
def mutants(session: nox.Session) -> None:
    """Put faults into the server, or into the harness, and see them noticed (-- server, or -- harness; --help says more)."""
    install(session, "tests")
    session.run("python", "-m", "tests.mutants.run", *(session.posargs or ["--help"]))


@nox.session(name="lint")
def lint(session: nox.Session) -> None:
    """Check style, and the GitHub workflow against its schema and for its security."""
    install(session, "lint", driver=False)
    session.run("ruff", "check", "harness", "tests", "noxfile.py")
    session.run("ruff", "format", "--check", "harness", "noxfile.py")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/matrix.yml")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-actions", ".github/actions/matrix/action.yml")
    session.run("zizmor", "--offline", "--no-progress", ".github/workflows/matrix.yml", ".github/actions/matrix/action.yml")


@nox.session(name="types")
def types(session: nox.Session) -> None:
    """Check types, strictly: of Python, and of the report's scripts."""
    install(session, "types")
    session.run("mypy")
    folder = Path(session.virtualenv.location) / TYPESCRIPT
    compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists():  # TypeScript is on npm only; Node.js, which runs it, comes from PyPI with the other requirements
        session.run("npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder), TYPESCRIPT)
    session.run("node", str(compiler), "--project", "harness/report/script/jsconfig.json")


@nox.session(name="bench")
def bench(session: nox.Session) -> None:
    """Measure the speed of the matrix: parts a to f, or against another commit (-- --help says more)."""
    install(session, "tests")
    session.run("python", "-m", "tests.bench", *session.posargs)
