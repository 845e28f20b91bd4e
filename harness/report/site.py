"""A site that can be published: the report of the newest run, the runs before it, and badges."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model.values import Json
from . import templating
from .badges import badges, copies, endpoint, svg
from .site_checks import FORMAT, MADE_BY, MARK, mark_of, report_data
from .site_links import FIRST, TYPES, Files, files, read, regular
from .site_pages import BADGES, OF_RUN, OF_SITE, RUNS, entries, navigated, without_coverage
from .site_runs import FACTS, Earlier, facts_of, folder_name, write_facts

CNAME = "CNAME"  # the custom domain of GitHub Pages: sites of older versions do not say what they wrote, and this is never ours
PLACEHOLDER = "https://OWNER.github.io/REPOSITORY"
#: What is not of the run itself, or too large to be kept for each run.
NOT_KEPT = ("data", "bugs", "mutants", "bench.html")

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What a site has: its runs, its files, and how many bytes these are."""

    runs: int
    files: int
    size: int


def write(reports: Path, folder: Path, earlier: Collection[Earlier], keep: int, address: str, note: Note) -> Written:
    """Write the site of a report, and replace the folder by it at once; raises Refusal if there is no report.

    ``earlier`` are runs before this one, of which the newest stay; ``address`` is where the site will be, if that is known.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        new = work / "new"
        runs = _fill(new, reports, earlier, keep, address, note)
        carry(folder, new, note)
        sizes = [path.stat().st_size for path in new.rglob("*") if path.is_file()]
        _replace(folder, new, work / "old")
    finally:
        shutil.rmtree(work)
    return Written(runs, len(sizes), sum(sizes))


def _replace(folder: Path, new: Path, old: Path) -> None:
    """Put a folder in the place of another, which comes back if that fails."""
    there = folder.exists()
    if there:
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if there:
            old.rename(folder)
        raise


def _fill(site: Path, reports: Path, earlier: Collection[Earlier], keep: int, address: str, note: Note) -> int:
    data = report_data(reports)
    facts = facts_of(data)
    current = folder_name(facts.run)
    kept = [one for one in earlier if one.folder.name != current][: keep - 1]
    whole = files(reports)
    for name, page in whole.dead.items():
        note(f"{page} leads to {name}, which is not there")
    _copy(whole, site, [*whole.found, *(page for _, page in OF_SITE)], OF_SITE)
    _copy(files(reports, NOT_KEPT), site / "runs" / current, None, OF_RUN)
    _put(site / "runs" / current / FACTS, write_facts(facts))
    for one in kept:
        _copy_tree(one.folder, site / "runs" / one.folder.name)
    listed = [(current, facts), *((one.folder.name, one.facts) for one in kept)]
    pages = (site / FIRST).read_text("utf-8")
    listed.sort(key=lambda run: (run[1].order, run[0]), reverse=True)
    if listed[0][0] != current:
        note(
            f"the first page and the badges show run {facts.run}, the one in the reports folder, although run "
            f"{listed[0][1].run} is newer: to put that one in front, write its report again, and then the site"
        )
    _page(site, pages, RUNS, "runs.html", runs=listed, current=current, keep=keep)
    _write_badges(site, pages, data, address)
    _put(site / ".nojekyll", "")  # Pages of a branch would leave out files whose names begin with _
    wrote = sorted([*(path.name for path in site.iterdir()), MARK])  # what else lies there is somebody's own
    _put(site / MARK, json.dumps({"format": FORMAT, "made_by": MADE_BY, "run": facts.run, "wrote": wrote}) + "\n")
    return len(listed)


def _copy(report: Files, place: Path, kept: Collection[str] | None, more: tuple[tuple[str, str], ...]) -> None:
    """Copy the files of a report, with more entries in the navigation; ``kept`` are the files that it may lead to."""
    for name, path in report.found.items():
        content = read(path)
        if name.endswith(".html"):
            text = content.decode("utf-8", "surrogateescape")
            if kept is None:
                text = without_coverage(text)
            content = navigated(text, name, report.found if kept is None else kept, more).encode("utf-8", "surrogateescape")
        _put(place / name, content)


def carry(old: Path, new: Path, note: Note) -> None:
    """Copy what lies in a site, and was not written by this command, into the one that replaces it: a CNAME, a robots.txt."""
    mark = mark_of(old)
    if mark is None:
        return
    for path in sorted(old.iterdir()):
        if path.name != CNAME and path.name in mark.get("wrote", [path.name]):
            continue
        if (new / path.name).exists():
            note(f"{path.name} of the site is replaced by what the report has under that name")
        elif path.is_symlink():
            note(f"not carried over, since it is a link: {path.name}")
        elif path.is_dir():
            _copy_tree(path, new / path.name, kinds=None)
        elif regular(old, path.name):
            _put(new / path.name, read(path))


def _copy_tree(folder: Path, place: Path, kinds: Collection[str] | None = TYPES) -> None:
    """Copy the files of a folder that are of some kinds, or all; symbolic links stay behind, and of a run what is no report."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (kinds is None or path.suffix in kinds) and regular(folder, name):
            _put(place / name, read(path))


def _put(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)


def _write_badges(site: Path, first: str, data: Json, address: str) -> None:
    shown = []
    for badge in badges(data["overview"]):
        picture = svg(badge)
        _put(site / badge.file, picture)
        _put(site / badge.endpoint_file, json.dumps(endpoint(badge)) + "\n")
        shown.append((badge, picture, copies(badge, address or PLACEHOLDER)))
    script = (templating.HERE / "templates" / "badges.js").read_text("utf-8")
    values = {"shown": shown, "address": address or PLACEHOLDER, "placeholder": not address, "run": data["run"]}
    _page(site, first, BADGES, "badges.html", script=script, script_hash=templating.hash_of(script), **values)


def _page(site: Path, first: str, name: str, template: str, **values: Any) -> None:
    """Write a page in the look of the report, with the navigation of the first page."""
    up = "../" * name.count("/")
    style = templating.style("style.css", "site.css")
    given = {"script": "", "script_hash": "", "up": up, "pages": entries(first, up, name), **values}
    text = templating.environment().get_template(template).render(style=style, style_hash=templating.hash_of(style), **given)
    _put(site / name, text)
