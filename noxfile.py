"""The tasks: ``nox -s matrix``, ``report``, ``bugs``, ``tests``, ``lint``, ``types``. Arguments go behind ``--``."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["matrix"]
nox.options.reuse_existing_virtualenvs = True
nox.options.default_venv_backend = "virtualenv"

PYPROJECT = nox.project.load_toml("pyproject.toml")
INTERRUPT_SECONDS = 60.0  # after Ctrl-C the driver ends its cells and writes the report


def install(session: nox.Session, group: str) -> None:
    """Install one of pyproject's dependency groups."""
    session.install(*nox.project.dependency_groups(PYPROJECT, group))


def harness(session: nox.Session, *words: str) -> None:
    """Run the harness in the driver's environment, and give it time to end cleanly when it is interrupted."""
    install(session, "driver")
    session.run("python", "-m", "harness", *words, interrupt_timeout=INTERRUPT_SECONDS, terminate_timeout=INTERRUPT_SECONDS)


@nox.session(name="matrix")
def matrix(session: nox.Session) -> None:
    """Run the scenarios on every Python of this machine and write reports/index.html (-- --help says more)."""
    harness(session, "matrix", *session.posargs)


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
    """Test the harness itself (-- ARGUMENTS go to pytest)."""
    install(session, "tests")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(name="lint")
def lint(session: nox.Session) -> None:
    """Check style, and the GitHub workflow against its schema and for its security."""
    install(session, "lint")
    session.run("ruff", "check", "harness", "tests", "noxfile.py")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/matrix.yml")
    session.run("zizmor", "--offline", "--no-progress", ".github/workflows/matrix.yml")


@nox.session(name="types")
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    install(session, "types")
    session.run("mypy")
