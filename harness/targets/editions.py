"""Editions of a subject: a released version, a wheel or a checkout, each with its own column."""

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
from .load_subjects import BUNDLED, SUBJECT_NAME, Catalog
from .subject import Subject

GIT_SECONDS = 60.0
_ASKED = re.compile(rf"(?P<name>{SUBJECT_NAME})\s*(?P<wanted>(?:[=<>!~].*)?)")
_PATH = re.compile(r"=(?!=)")
#: How a column's name encodes a version range.
_CLAUSES = {"==": "", "===": "", "<=": "le", ">=": "ge", "<": "lt", ">": "gt", "!=": "ne", "~=": "about"}
_CLAUSE = re.compile(r"(?P<letters>le|ge|lt|gt|ne|about)?(?P<version>\d[A-Za-z0-9.]*)")
#: What a checkout without git contains in addition to its sources.
JUNK = {".git", ".hg", ".nox", ".tox", ".venv", "venv", "build", "dist", "__pycache__", "node_modules", ".eggs"}


def choose(texts: Iterable[str], catalog: Catalog = BUNDLED) -> list[Subject]:
    """Turn ``--subject`` values into subjects; raises Refusal.

    ``name`` is the locked release, ``name==18.9.0`` that version, ``name<18`` the newest in a range, and
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
            f"--subject {text[:80]}: give a name, optionally with a version or path: cherrypy, cherrypy==18.9.0, 'waitress<2', "
            "cherrypy=../checkout, cherrypy=dist/x.whl"
        )
    name, wanted = match["name"], match["wanted"]
    subject = catalog.load(name)
    where = f"--subject {text}"
    if not wanted:
        return _own_checkout(subject, where) if subject.checkout else subject
    if not subject.requirements:
        raise Refusal(f"{where}: {name} is not an installed package, so it has no other editions")
    project = subject.project
    if not _PATH.match(wanted):
        return _release(subject, project, wanted, where)
    wanted = wanted[1:].strip()
    if not wanted:  # the empty path would be the current folder
        raise Refusal(f"{where}: nothing after '='. Give a version ({name}==1.2.3), a wheel, or a source folder.")
    path = Path(wanted).expanduser().resolve()
    if path.is_dir():
        return _checkout(subject, path, where)
    if path.is_file():
        return _file(subject, project, path, where)
    raise Refusal(f"{where}: no such file or folder: {wanted!r}. Give a version ({name}==1.2.3), a wheel, or a source folder.")


def _release(subject: Subject, project: str, wanted: str, where: str) -> Subject:
    wanted = re.sub("^===", "==", wanted)
    try:
        clauses = sorted(SpecifierSet(wanted), key=str)
    except InvalidSpecifier as error:
        raise Refusal(f"{where}: {wanted[:80]!r} is not a version or a range; write {subject.name}==1.2.3") from error
    column = "-".join(_CLAUSES[clause.operator] + clause.version.replace("*", "x") for clause in clauses)
    return _changed(subject, f"{project}{wanted}", column, "")


def of_column(column: str) -> str:
    """The ``--subject`` value for the column of a released version: "waitress<2" for "waitress+lt2"."""
    name, plus, edition = column.partition("+")
    if not plus:
        return name
    found = []
    for clause in edition.split("-"):
        match = _CLAUSE.fullmatch(clause)
        if match is None:  # a wheel or a checkout: its path is not in the name
            return f"{name}=={edition}"
        operator = next(sign for sign, letters in _CLAUSES.items() if letters == (match["letters"] or ""))
        found.append(operator + re.sub(r"\.x$", ".*", match["version"]))
    return name + ",".join(found)


def pinned(subject: Subject, version: str, project: str = "", requires: Iterable[str] = (), before: str = "") -> Subject:
    """A release of a subject, or of a ``project`` that it depends on, with other distributions pinned, as of a date.

    If the release is of another project, ``requires`` can pin the subject's own release.
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
        raise Refusal(f"{where}: {path.name} is not a valid wheel or sdist name: {error}") from error
    if canonicalize_name(found) != canonicalize_name(project):
        raise Refusal(f"{where}: {path.name} contains {found}, but {subject.name} needs {project}")
    kind = "wheel" if path.suffix == ".whl" else "sdist"
    return _changed(subject, str(path), f"{version}-{kind}", path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def _checkout(subject: Subject, folder: Path, where: str) -> Subject:
    if not any((folder / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
        raise Refusal(f"{where}: {folder.name} has no pyproject.toml or setup.py: is it the top folder of the project?")
    digest = hashlib.sha256()
    for file in sources(folder):
        digest.update(file.as_posix().encode() + b"\0" + (folder / file).read_bytes() + b"\0")
    commit = _git(folder, "rev-parse", "--short=9", "HEAD").strip()
    modified = bool(_git(folder, "status", "--porcelain").strip())
    digest.update(commit.encode())  # a version derived from tags may change with the commit alone
    unknown = "commit unknown" if (folder / ".git").exists() else "not a git checkout"
    source = f"commit {commit}{', modified' if modified else ''}" if commit else unknown
    return replace(_changed(subject, str(folder), folder.name, source, digest.hexdigest()), checkout=folder)


def _own_checkout(subject: Subject, where: str) -> Subject:
    """A subject whose description names a checkout: its current contents, under the subject's plain name."""
    if subject.checkout is None:
        return subject
    return replace(_checkout(subject, subject.checkout, where), edition="")


def _changed(subject: Subject, requirement: str, edition: str, source: str, content: str = "") -> Subject:
    """The subject with its package from another source."""
    return replace(
        subject, requirements=(requirement, *subject.requirements[1:]), edition=_column(edition), source=source, content=content
    )


def _column(text: str) -> str:
    """Text for a column's name; characters that are not allowed become hyphens."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text)


def sources(folder: Path) -> list[Path]:
    """The files of a checkout as relative paths: those that git does not ignore, or without git all but build leftovers."""
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
    """The output of git in a folder; "" if it is not a checkout, or git is not installed."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, timeout=GIT_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""
