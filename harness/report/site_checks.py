"""What a site may be made of, and may replace: a whole report of one run, and a folder that is ours."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..model.refusal import Refusal
from ..model.suggestions import shown
from ..model.values import Json
from .badges import badges
from .exports import RESULTS_SCHEMA
from .site_links import FIRST, data_of, read, regular
from .site_runs import facts_of

MARK = "site.json"  # stands in each site, so that it may be replaced
MADE_BY = "server-matrix site"
FORMAT = 1


def _json(text: str, run: str) -> bool:
    return isinstance(json.loads(text), dict)


def _results(text: str, run: str) -> bool:
    found, schema = json.loads(text), json.loads(RESULTS_SCHEMA.read_text("utf-8"))
    return (found["format"], found["run"]) == (schema["properties"]["format"]["const"], run) and all(
        found[key] for key in ("cells", "targets")
    )


def _badge(text: str, run: str) -> bool:
    return bool(json.loads(text)["schemaVersion"] == 1)


#: The forms of a report, and what says of the text of each, and of the run, whether it can be published.
FORMS: dict[str, Callable[[str, str], bool]] = {
    "results.json": _results,
    "badge.json": _badge,
    "results.schema.json": _json,
    "junit.xml": lambda text, run: text.startswith("<?xml ") and text.rstrip().endswith("</testsuites>"),
    "summary.md": lambda text, run: text.startswith("# "),
    "results.csv": lambda text, run: text.startswith("cell,"),
}


def report_data(reports: Path) -> Json:
    """The data of a report's first page; raises Refusal if that, or a form beside it, is damaged or of another run."""
    again = f"write it again with server-matrix report --reports {shlex.quote(str(reports))}"
    first = regular(reports, FIRST)
    if first is None:
        raise Refusal(f"{reports / FIRST}: there is no report; server-matrix matrix runs one, and report writes it again")
    data = _whole(first)
    if data is None:
        raise Refusal(f"{first}: is no report of this version; {again}")
    for name, is_one in FORMS.items():
        if not _holds(regular(reports, name), is_one, str(data["run"])):
            raise Refusal(f"{reports / name}: is not there, damaged, or not of the run that {FIRST} shows; {again}")
    return data


def _whole(page: Path) -> Json | None:
    """The data of a page, if everything can be said of them that a site says of a run."""
    try:
        data = data_of(read(page).decode("utf-8", "replace"))
        if data is None or "findings" not in data["overview"] or not facts_of(data).run or not badges(data["overview"]):
            return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return data


def _holds(path: Path | None, is_one: Callable[[str, str], bool], run: str) -> bool:
    try:
        return path is not None and is_one(read(path).decode("utf-8"), run)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def mark_of(folder: Path) -> dict[str, Any] | None:
    """What the mark of a site says; None if a folder has none of ours."""
    mark = regular(folder, MARK)
    try:
        found = json.loads(read(mark)) if mark else None
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("made_by") == MADE_BY else None


def is_ours(folder: Path) -> bool:
    """Whether a folder is a site that was written here; raises Refusal for one of a newer version."""
    mark = mark_of(folder)
    if mark is not None and mark.get("format") != FORMAT:
        raise Refusal(
            f"{folder / MARK}: has format {shown(mark.get('format'))}, and this version of server-matrix knows {FORMAT}: "
            "use the version that wrote the site, or name another folder"
        )
    return mark is not None


def check(folder: Path) -> None:
    """Raise Refusal if a folder may not be replaced: it must be a site, or empty, or not there."""
    if folder.is_symlink():
        raise Refusal(f"{folder}: is a link; name the folder itself")
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder}: is a file, but a site is a folder")
    if folder.is_dir() and any(folder.iterdir()) and not is_ours(folder):
        raise Refusal(f"{folder}: is neither empty nor a site that server-matrix wrote, so it is left as it is; name another")
