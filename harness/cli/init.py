"""``init``: the matrix set up in a repository of one's own."""

from __future__ import annotations

import argparse
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..machine.atomic_files import write_text
from ..model.refusal import Refusal
from ..model.suggestions import shown
from ..targets.load_subjects import BUNDLED
from . import templates
from .console import Say
from .options import some_path, some_text
from .schema import beside

ACTION = "OWNER/server-matrix/.github/actions/matrix@COMMIT"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``init``."""
    parser.description = (
        "Set up the matrix in your own repository: [tool.server-matrix] in pyproject.toml, a subject for your project, "
        "installed from its checkout, a small application, one scenario, and a workflow for GitHub. Nothing that is there is "
        "replaced."
    )
    parser.add_argument("--name", type=some_text, help="the server's name (default: the project's in pyproject.toml)")
    parser.add_argument(
        "--interface", choices=list(templates.INTERFACES), default="wsgi", help="what it serves (default %(default)s)"
    )
    parser.add_argument("folder", nargs="?", type=some_path, default=Path(), help="your repository (default: here)")


def run(given: argparse.Namespace, say: Say) -> int:
    """Write the files; return the exit code."""
    top = given.folder.resolve()
    project = top / "pyproject.toml"
    if not project.is_file():
        raise Refusal(
            f"init: {project}: there is no such file. The server is installed from a project, and that is where it says so."
        )
    try:
        data: dict[str, Any] = tomllib.loads(project.read_text("utf-8"))
    except ValueError as error:
        raise Refusal(f"init: {project}: is not valid TOML: {error}") from error
    if "server-matrix" in data.get("tool", {}):
        raise Refusal(f"init: {project} has [tool.server-matrix] already; server-matrix new subject NAME adds a server")
    distribution = given.name or str(data.get("project", {}).get("name", ""))
    if not distribution:
        raise Refusal(f"init: {project} has no [project] name; add one, or give the server's name with --name")
    name = re.sub(r"[^a-z0-9.-]+", "-", distribution.lower()).strip("-.")
    if not _NAME.fullmatch(name):
        raise Refusal(f"init: {shown(distribution)} cannot be the name of a server; give one with --name")
    if name in BUNDLED.names():
        raise Refusal(
            f"init: a bundled server is called {name!r} already: server-matrix --subject {name}=. tests this checkout with it. "
            "For a description of your own, choose another name with --name"
        )
    files = _files(top, name, distribution, given.interface, _requires(data))
    taken = [file for file in files if file.exists()]
    if taken:
        raise Refusal(f"init: {os.path.relpath(taken[0])} is there already; nothing was written")
    for file, text in files.items():
        write_text(file, text)
        say(f"wrote {os.path.relpath(file)}")
    for folder, kind in ((top / "matrix" / "subjects", "subject"), (top / "matrix" / "scenarios", "scenario")):
        beside(folder, kind, folder / "x")
    write_text(project, project.read_text("utf-8").rstrip("\n") + "\n" + templates.SECTION.format(name=name))
    say(f"added [tool.server-matrix] to {os.path.relpath(project)}")
    say(
        f"Now say in matrix/subjects/{name}/subject.toml how your server is started (launch) and ends (exits), and try it: "
        "server-matrix -k restart-after-stop"
    )
    return 0


def _requires(data: dict[str, Any]) -> str:
    """The project's requires-python, if it is a range that a subject can name."""
    given = data.get("project", {}).get("requires-python", "")
    try:
        return str(SpecifierSet(given)) and str(given)
    except (InvalidSpecifier, TypeError):
        return ""


def _files(top: Path, name: str, distribution: str, interface: str, python: str) -> dict[Path, str]:
    subjects, scenarios = top / "matrix" / "subjects", top / "matrix" / "scenarios"
    described, hello = subjects / name / "subject.toml", scenarios / "own" / "hello.toml"
    apps = {**templates.life(interface), "hello": "apps/hello.py"}
    text = templates.subject(name, templates.from_checkout(distribution, "../../..", python), interface, apps)
    files = {
        described: f"#:schema ../.schemas/subject.json\n{text}",
        subjects / "apps" / "hello.py": templates.application(interface),
        hello: f"#:schema ../.schemas/scenario.json\n{templates.scenario('own.hello', 'hello')}",
        top / ".github" / "workflows" / "server-matrix.yml": templates.WORKFLOW.format(action=ACTION),
    }
    if interface == "script":
        files[subjects / name / "serve.py"] = templates.serve(name, distribution.replace("-", "_"))
    return files
