"""``new``: the beginning of a subject or of a scenario, with what is to be filled in."""

from __future__ import annotations

import argparse
import os
import re
import shlex
from pathlib import Path

from ..machine.atomic_files import write_text
from ..machine.places import SCENARIOS, SUBJECTS, checkout
from ..model.refusal import Refusal
from ..model.suggestions import shown
from ..run.project import Project
from ..targets.load_subjects import BUNDLED
from . import templates
from .console import Say
from .options import some_text
from .schema import beside

_PACKAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")  # as PEP 508 has it
_SUBJECT = re.compile(r"[a-z0-9][a-z0-9.-]*")
_SCENARIO = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``new``."""
    parser.description = (
        "Begin a subject (a folder with a subject.toml) or a scenario (a TOML file), in your project's own folder of them. "
        "Each begins with the #:schema line by which editors complete and check it."
    )
    parser.epilog = "Examples: new subject myserver --package my-server; new scenario http.no-content"
    parser.add_argument("what", choices=["subject", "scenario"])
    parser.add_argument(
        "name", type=some_text, help="a subject's name, which becomes a part of each cell's id; a scenario's id"
    )
    parser.add_argument("--package", type=some_text, help="a subject's name on PyPI, where that is another")
    parser.add_argument(
        "--interface",
        choices=list(templates.INTERFACES),
        default="wsgi",
        help="a subject: wsgi, asgi: it serves MODULE:app; script: a few lines of Python do (default %(default)s)",
    )


def run(given: argparse.Namespace, say: Say) -> int:
    """Write the files, and say what comes next."""
    project: Project = given.project
    if given.what == "scenario":
        files = [scenario(given.name, _home(project.scenarios, SCENARIOS, "scenarios"))]
        advice = f"Now say in it what holds, and try it: server-matrix -k {shlex.quote(given.name)}"
    else:
        home = _home(project.subjects, SUBJECTS, "subjects")
        files = subject(given.name, given.package or "", given.interface, home)
        tried = shlex.join(["server-matrix", "--subject", given.name, "-k", "restart-after-stop"])
        advice = f"Now look at launch and exits in it, and try it: {tried}"
    for file in files:
        say(f"wrote {os.path.relpath(file)}")
    say(advice)
    return 0


def _home(own: tuple[Path, ...], bundled: Path, what: str) -> Path:
    """Where a new one goes: the project's own folder, or that of the harness's checkout."""
    if own:
        return own[-1]
    if checkout() is None:
        raise Refusal(f"new: there is no folder of {what} of your own: give --{what} DIR, or begin with server-matrix init")
    return bundled


def subject(name: str, package: str, interface: str, folder: Path) -> list[Path]:
    """Write a subject's files and return their paths; raises Refusal for a name that cannot be, or is taken."""
    if not _SUBJECT.fullmatch(name):
        raise Refusal(f"new subject {name}: a name is in small letters, digits, dots and hyphens, since cells' ids hold it")
    if folder != SUBJECTS and name in BUNDLED.names():
        raise Refusal(f"new subject {name}: a bundled server has this name already; choose another one")
    if (folder / name).exists():
        raise Refusal(f"new subject {name}: it is there already: edit {os.path.relpath(folder / name)}/subject.toml")
    package = package or name
    if not _PACKAGE.fullmatch(package):
        raise Refusal(
            f"new subject --package {shown(package)}: is not the name of a package, which has letters, "
            "digits, dots, hyphens and _"
        )
    file = folder / name / "subject.toml"
    text = templates.subject(name, templates.from_index(package), interface, templates.life(interface))
    write_text(file, beside(folder, "subject", file) + text)
    files = [file]
    if interface == "script":
        files.append(folder / name / "serve.py")
        write_text(files[1], templates.serve(name, package.replace("-", "_")))
    return files


def scenario(name: str, folder: Path) -> Path:
    """Write a scenario's file and return its path; raises Refusal for an id that cannot be, or is taken."""
    if not _SCENARIO.fullmatch(name):
        raise Refusal(
            f"new scenario {name}: an id is family.name, in small letters, digits and hyphens, such as http.no-content"
        )
    family, _, rest = name.partition(".")
    file = folder / family / f"{rest}.toml"
    if file.exists():
        raise Refusal(f"new scenario {name}: it is there already: {os.path.relpath(file)}")
    write_text(file, beside(folder, "scenario", file) + templates.scenario(name))
    return file
