"""Which files a report consists of: its pages, whatever these link to, and the forms for programs.

What a site publishes is found by following links, so that no page can be forgotten, and so that the raw data of cells, to which
nothing links, stay out of it.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..model.values import Json

FIRST = "index.html"
#: Beside the pages, whether or not one links to them.
FORMS = ("junit.xml", "summary.md", "results.csv", "results.json", "results.schema.json", "badge.json")
#: What a page of ours, or of coverage.py's, has links to; anything else is no part of a report.
TYPES = {".html", ".css", ".js", ".png", ".svg", ".json", ".xml", ".md", ".csv", ".txt", ".py"}
DATA = "data"  # the folder of runs: of what is in it, only the pages about coverage are published
_COVERAGE = re.compile(r"data/[^/]+/coverage/.+")
_DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a report by their names below its folder, and links that lead nowhere: the name, and a page that has it."""

    found: dict[str, Path] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)


def files(reports: Path, leave_out: Collection[str] = ()) -> Files:
    """The files of the report in a folder. ``leave_out`` are names in that folder that are passed over, folders included."""
    all_files = Files()
    waiting = [(FIRST, ""), *((name, "") for name in FORMS)]
    while waiting:
        name, page = waiting.pop()
        if name in all_files.found or name.split("/")[0] in leave_out:
            continue
        path = regular(reports, name)
        if path is None or not _published(name):
            if page:
                all_files.dead.setdefault(name, page)
            continue
        all_files.found[name] = path
        if name.endswith(".html"):
            text = read(path).decode("utf-8", "replace")
            waiting += [(linked, name) for linked in sorted(local_links(text, name), reverse=True)]
    return all_files


def _published(name: str) -> bool:
    """Whether a file may be published: by its type, and of the runs only what is about coverage."""
    return posixpath.splitext(name)[1] in TYPES and (name.split("/")[0] != DATA or _COVERAGE.fullmatch(name) is not None)


def regular(folder: Path, name: str) -> Path | None:
    """A file below a folder; None if it is none, or if the way there has a symbolic link or leads out of the folder."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        return None
    path = folder
    for number, part in enumerate(parts, 1):
        path = path / part
        try:
            mode = path.lstat().st_mode
        except (OSError, ValueError):
            return None
        if not (stat.S_ISREG(mode) if number == len(parts) else stat.S_ISDIR(mode)):
            return None
    return path


def read(path: Path) -> bytes:
    """The bytes of a file; a symbolic link in its place is not followed."""
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        return file.read()


def data_of(text: str) -> Json | None:
    """The data of a report's own page; None if a page has none."""
    found = _DATA.search(text)
    if found is None:
        return None
    data = json.loads(found[1])
    return data if isinstance(data, dict) else None


def local_links(text: str, page: str) -> set[str]:
    """The files that a page links to, by their names below the report's folder; ``page`` is its own name."""
    parser = _Links()
    parser.feed(text)
    data = data_of(text)
    if data is not None:  # the page draws these links itself
        parser.found |= {line["page"] for line in data.get("coverage", []) if line.get("page")}
    return {name for address in parser.found if (name := target(address, page))}


def target(address: str, page: str) -> str:
    """The name of the file that a link leads to; "" if it stays on the page, or leads out of the report."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not parts.path:
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))


class _Links(HTMLParser):
    """The addresses that the elements of a page name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"a": "href", "link": "href", "script": "src", "img": "src"}.get(tag)
        self.found |= {value for name, value in attrs if name == wanted and value}
