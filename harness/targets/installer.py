"""The installer's commands, and the meaning of their failures.

Two kinds of failure must be distinguished: either the project's own metadata exclude this Python, which is no fault, or
the project should have installed and did not.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.utils import canonicalize_name

from ..machine.atomic_files import write_text

INSTALL_SECONDS = 300.0
NEWER = "3.13"  # the Python used to check whether the index has a release at all

MAX_SENTENCE = 300

#: uv's messages for a project whose metadata exclude this Python, or that only has wheels for other Pythons.
_EXCLUDED_BY_UV = (
    re.compile(r"does not satisfy Python\S+ and (?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)(?:[=<>!~,].*?)? depends on Python"),
    re.compile(r"\b(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)(?:[=<>!~,]\S*)? has no wheels with a matching Python"),
)
#: The messages of pip 20.3 (the last for 2.7) for sources or a wheel given by path.
_EXCLUDED_BY_PIP = (
    re.compile(r"Package u?'(?P<name>[^']+)' requires a different Python"),
    re.compile(r"(?P<name>[A-Za-z0-9._]+)-[^\s-]+(?:-\d[^\s-]*)?-(?:py|cp)3\S*\.whl is not a supported wheel"),
)
#: An index simply does not offer the releases that exclude this Python.
_NOT_OFFERED_BY_PIP = re.compile(r"No matching distribution found for (?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)")

_NOISE = re.compile(r"^(?:DEPRECATION|WARNING|warning|note|hint)\b|^[\s\-=]*$", re.IGNORECASE)
#: A build's output follows these words, and ends at a line of hyphens, an empty line or other words.
_OF_A_BUILD = re.compile(
    r"(?:\[stderr\]|Complete output \(\d+ lines?\):)[ \t]*\n"
    r"(?P<said>(?:(?!\s*(?:-{8}|hint:|ERROR:))[^\n]*\S[^\n]*\n?)+)"
)
_ERROR = re.compile(r"^\s*(?:[\w.]*(?:Error|Exception)\b|ERROR:|error:)")


class InstallError(Exception):
    """An installer command failed; holds its output."""

    def __init__(self, what: str, problem: str, output: str) -> None:
        super().__init__(f"{what} {problem}")
        self.what = what
        self.output = output


def excludes_this_python(output: str, project: str) -> bool:
    """Whether uv or pip says that the project's own metadata (not a dependency's) exclude the Python."""
    named = (match["name"] for pattern in (*_EXCLUDED_BY_UV, *_EXCLUDED_BY_PIP) for match in pattern.finditer(output))
    return any(canonicalize_name(name) == canonicalize_name(project) for name in named)


def is_not_offered(output: str, project: str) -> bool:
    """Whether pip found no release of the project itself: none for this Python, none at all, or no index; pip does not say."""
    return any(canonicalize_name(match["name"]) == canonicalize_name(project) for match in _NOT_OFFERED_BY_PIP.finditer(output))


def sentence(output: str) -> str:
    """The most informative line of an installer's output, shortened if long; accepts empty output."""
    lines = [line.strip() for line in output.splitlines() if not _NOISE.match(line)]
    causes = [line.removeprefix("cause: ") for line in lines if line.startswith("cause: ")]
    if causes and any("No solution found" in line for line in lines):
        said = causes[0]
    elif causes:  # from outermost to innermost: the first says what failed, the last why
        said = causes[0] if len(causes) == 1 else f"{causes[0]}: {causes[-1]}"
    else:
        errors = [line for line in lines if _ERROR.match(line) and "Check the logs" not in line]
        said = (errors or lines or ["the installer printed nothing"])[0]
    said = re.sub(r"^(?:ERROR|error): ", "", said)
    if built := _OF_A_BUILD.search(output):  # the installer only says that a build failed; the build's last line says why
        said = f"{said.rstrip(':')}: {built['said'].splitlines()[-1].strip()}"
    return said if len(said) <= MAX_SENTENCE else said[: MAX_SENTENCE - 1] + "…"


def is_for_newer(requirement: str) -> bool:
    """Whether the index has a matching release for a newer Python, which pip 20.3 reports as "no such release"."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        write_text(wanted, requirement + "\n")
        try:
            run(
                "question",
                [
                    *uv(),
                    "pip",
                    "compile",
                    "--quiet",
                    "--no-config",
                    "--no-deps",
                    "--no-header",
                    f"--python-version={NEWER}",
                    str(wanted),
                ],
            )
        except InstallError:
            return False
    return True


def uv() -> list[str]:
    """The command for the uv that the driver depends on."""
    return [sys.executable, "-m", "uv"]


def download(interpreter_id: str, folder: Path) -> str:
    """Download an interpreter into a folder with uv; return "" or why that failed."""
    command = [*uv(), "python", "install", "--no-config", "--no-bin", "--install-dir", str(folder), interpreter_id]
    try:
        run("download", command)
    except InstallError as error:
        lines = [line.strip() for line in error.output.splitlines() if line.strip()]
        return f"uv could not download {interpreter_id}: {' '.join(lines[:3]) or 'it printed nothing'}"
    return ""


def run(what: str, command: list[str]) -> str:
    """Run one installer command; raises InstallError with its output."""
    confusing = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "PIP_CONSTRAINT")
    environment = {name: value for name, value in os.environ.items() if name not in confusing}
    environment["COLUMNS"] = "10000"  # uv wraps lines for a narrow terminal, but they are parsed here
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = (error.stdout or b"").decode("utf-8", "replace")
        raise InstallError(what, f"took more than {INSTALL_SECONDS:g} s", output) from error
    except OSError as error:
        raise InstallError(what, "could not be started", str(error)) from error
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise InstallError(what, "failed", output)
    return output
