"""A server of your own: one released version, a wheel or a checkout of a subject, each with a column of its own."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ..model.refusal import Refusal
from .load_subjects import BUNDLED, Catalog
from .subject import Subject

GIT_SECONDS = 60.0
_ASKED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?P<wanted>(?:[=<>!~].*)?)")
_PATH = re.compile(r"=(?!=)")
#: How a column's name spells a range of versions.
_CLAUSES = {"==": "", "===": "", "<=": "le", ">=": "ge", "<": "lt", ">": "gt", "!=": "ne", "~=": "about"}
_CLAUSE = re.compile(r"(?P<letters>le|ge|lt|gt|ne|about)?(?P<version>\d[A-Za-z0-9.]*)")
#: What a checkout without git has beside its sources.
JUNK = {".git", ".hg", ".nox", ".tox", ".venv", "venv", "build", "dist", "__pycache__", "node_modules", ".eggs"}


def choose(texts: Iterable[str], catalog: Catalog = BUNDLED) -> list[Subject]:
    """Turn what ``--subject`` was given into subjects; raises Refusal.

    ``name`` is the locked release; ``name==18.9.0`` that version, ``name<18`` the newest of a range;
    ``name=PATH`` a wheel, an sdist, or a folder with the project's sources.
    """
    chosen: list[Subject] = []
    for text in dict.fromkeys(texts):
        subject = _edition(text, catalog)
        same = sum(other.name == subject.name and other.edition.partition("_")[0] == subject.edition for other in chosen)
        chosen.append(replace(subject, edition=f"{subject.edition}_{same + 1}") if same else subject)
    return chosen


def _edition(text: str, catalog: Catalog) -> Subject:
    match = _ASKED.fullmatch(text)
    if match is None:
        raise Refusal(
            f"--subject {text[:80]}: give a name, and what it is to be: cherrypy, cherrypy==18.9.0, 'waitress<2', "
            "cherrypy=../checkout, cherrypy=dist/x.whl"
        )
    name, wanted = match["name"], match["wanted"]
    subject = catalog.load(name)
    where = f"--subject {text}"
    if not wanted:
        return _own_checkout(subject, where) if subject.checkout else subject
    if not subject.requirements:
        raise Refusal(f"{where}: {name} is not a package that is installed; there is no other edition of it")
    project = subject.project
    if not _PATH.match(wanted):
        return _release(subject, project, wanted, where)
    wanted = wanted[1:].strip()
    if not wanted:  # the empty path would be the current folder
        raise Refusal(f"{where}: nothing follows the '='. Give a version ({name}==1.2.3), a wheel, or a folder of sources.")
    path = Path(wanted).expanduser().resolve()
    if path.is_dir():
        return _checkout(subject, path, where)
    if path.is_file():
        return _file(subject, project, path, where)
    raise Refusal(
        f"{where}: there is no file or folder {wanted!r}. Give a version ({name}==1.2.3), a wheel, or a folder of sources."
    )


def _release(subject: Subject, project: str, wanted: str, where: str) -> Subject:
    wanted = re.sub("^===", "==", wanted)
    try:
        clauses = sorted(SpecifierSet(wanted), key=str)
    except InvalidSpecifier as error:
        raise Refusal(f"{where}: {wanted[:80]!r} is not a version or a range; give one as in {subject.name}==1.2.3") from error
    column = "-".join(_CLAUSES[clause.operator] + clause.version.replace("*", "x") for clause in clauses)
    return _changed(subject, f"{project}{wanted}", column, "")


def of_column(column: str) -> str:
    """What ``--subject`` was given for a column of a released version: "waitress+lt2" is "waitress<2"."""
    name, plus, edition = column.partition("+")
    if not plus:
        return name
    found = []
    for clause in edition.split("-"):
        match = _CLAUSE.fullmatch(clause)
        if match is None:  # a wheel's, or a checkout's: where it was is not in its name
            return f"{name}=={edition}"
        operator = next(sign for sign, letters in _CLAUSES.items() if letters == (match["letters"] or ""))
        found.append(operator + re.sub(r"\.x$", ".*", match["version"]))
    return name + ",".join(found)


def pinned(subject: Subject, version: str, project: str = "", requires: Iterable[str] = (), before: str = "") -> Subject:
    """A release of a subject, or of a ``project`` that it stands on, with pins of other distributions, as of a day.

    Where the release is of another project, what ``requires`` says of the subject's own is which release of that.
    """
    own = Requirement(subject.requirements[0]).name
    others = tuple(requires)
    if canonicalize_name(project or own) == canonicalize_name(own):
        requirements, parts = (f"{own}=={version}",), [version]
    else:
        mine = [text for text in others if canonicalize_name(Requirement(text).name) == canonicalize_name(own)]
        others = tuple(text for text in others if text not in mine)
        requirements = (*(mine or subject.requirements[:1]), f"{project}=={version}")
        parts = [*(pin.version for text in mine for pin in Requirement(text).specifier), f"{project}{version}"]
    return replace(
        subject,
        requirements=(*requirements, *subject.requirements[1:], *others),
        before=before,
        edition="_".join(_column(part) for part in parts),
    )


def _file(subject: Subject, project: str, path: Path, where: str) -> Subject:
    try:
        found, version = parse_wheel_filename(path.name)[:2] if path.suffix == ".whl" else parse_sdist_filename(path.name)
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise Refusal(f"{where}: {path.name} is not named like a wheel or an sdist: {error}") from error
    if canonicalize_name(found) != canonicalize_name(project):
        raise Refusal(f"{where}: {path.name} holds {found}, and {subject.name} is made of {project}")
    kind = "wheel" if path.suffix == ".whl" else "sdist"
    return _changed(subject, str(path), f"{version}-{kind}", path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def _checkout(subject: Subject, folder: Path, where: str) -> Subject:
    if not any((folder / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
        raise Refusal(f"{where}: {folder.name} has no pyproject.toml and no setup.py: is it the top folder of the project?")
    digest = hashlib.sha256()
    for file in sources(folder):
        digest.update(file.as_posix().encode() + b"\0" + (folder / file).read_bytes() + b"\0")
    commit = _git(folder, "rev-parse", "--short=9", "HEAD").strip()
    modified = bool(_git(folder, "status", "--porcelain").strip())
    digest.update(commit.encode())  # a version that is made from tags may change with the commit alone
    unknown = "git cannot tell its commit" if (folder / ".git").exists() else "not a git checkout"
    source = f"commit {commit}{', modified' if modified else ''}" if commit else unknown
    return replace(_changed(subject, str(folder), folder.name, source, digest.hexdigest()), checkout=folder)


def _own_checkout(subject: Subject, where: str) -> Subject:
    """A subject that its description installs from a checkout: what is in it now, under the subject's plain name."""
    if subject.checkout is None:
        return subject
    return replace(_checkout(subject, subject.checkout, where), edition="")


def _changed(subject: Subject, requirement: str, edition: str, source: str, content: str = "") -> Subject:
    """The subject with its own package from elsewhere."""
    return replace(
        subject, requirements=(requirement, *subject.requirements[1:]), edition=_column(edition), source=source, content=content
    )


def _column(text: str) -> str:
    """What can stand in a column's name; anything else is a hyphen."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text)


def sources(folder: Path) -> list[Path]:
    """The files of a checkout, relative to it: those that git does not ignore, or all but what builds leave behind."""
    listed = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed:
        files = [Path(name) for name in listed.split("\0") if name]
    else:
        files = []
        for here, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in JUNK and not name.endswith(".egg-info")]
            files += [Path(here, name).relative_to(folder) for name in names]
    return sorted(file for file in files if (folder / file).is_file())


def _git(folder: Path, *words: str) -> str:
    """What git says of a folder; "" where it is no checkout, or there is no git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, timeout=GIT_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""
