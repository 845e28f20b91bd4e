"""``site``: a folder to publish, with the newest report, the runs before it, and badges."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from ..model.counting import counted
from ..model.refusal import Refusal
from .console import Say
from .options import number, some_path, some_text

KEEP = 20
MOST_KEPT = 1000
PAGES_LIMIT = 1_000_000_000  # bytes that GitHub Pages publishes
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~%+@-]+)*/?")


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``site``."""
    parser.description = (
        "Write a site that can be published as it is, on GitHub Pages or by any server of files. Its first page is the report "
        "in --reports, with every file that it links to. runs/RUN/ keeps the pages of that run and of those before it, so that "
        "links to findings and cells stay; runs/index.html lists them. badges.html has a badge for each server, with the text "
        "to copy into a README. Raw data of cells are never part of it."
    )
    parser.epilog = (
        "FOLDER must be empty, or a site that this command wrote: then its runs stay, and so does what "
        "this command did not write, such as CNAME; everything else is replaced at once. "
        "After each run: server-matrix site public --url https://owner.github.io/repository. "
        "Exit codes: 0; 2 bad input, or a report or an earlier run that is damaged or missing: then nothing is changed."
    )
    parser.add_argument("folder", type=some_path, metavar="FOLDER", help="where to write the site")
    parser.add_argument(
        "--previous", type=some_path, metavar="SITE", help="an earlier site, whose runs are kept (default: what FOLDER has)"
    )
    parser.add_argument(
        "--keep",
        type=number(1, MOST_KEPT),
        default=KEEP,
        metavar="N",
        help=f"how many runs stay, this one included (default {KEEP})",
    )
    parser.add_argument("--url", type=address, metavar="URL", help="the address of the site: badges name it")


def address(given: str) -> str:
    """The address of a site, without a slash at its end."""
    if not _ADDRESS.fullmatch(some_text(given)):
        raise argparse.ArgumentTypeError(f"{given[:80]!r} is no address; give one such as https://owner.github.io/repository")
    return given.rstrip("/")


def run(given: argparse.Namespace, say: Say) -> int:
    """Write the site; return the exit code."""
    from ..report.site import write
    from ..report.site_checks import check
    from ..report.site_runs import earlier

    folder = Path(os.path.abspath(given.folder))  # noqa: PTH100  (resolve would follow a link)
    check(folder)
    previous = given.previous or folder
    if given.previous:
        _check_previous(given.previous, folder)
    for what, inside in (("the reports", given.reports), ("the current folder", Path.cwd())):
        if inside.resolve().is_relative_to(folder.resolve()):
            raise Refusal(f"site: {given.folder} is replaced as a whole, and has {what} in it; name another folder")
    found = earlier(previous, say) if previous.is_dir() else []
    written = write(given.reports, folder, found, given.keep, given.url or "", say)
    if written.size > PAGES_LIMIT:
        say(f"the site has {written.size / 1e9:.1f} GB, and GitHub Pages publishes 1 GB: keep fewer runs with --keep")
    if not given.url:
        say("its badges name no address yet: --url https://… says where the site will be")
    runs = counted(written.runs, "run")
    say(f"site: {os.path.relpath(folder / 'index.html')}, {runs}, {written.files} files, {written.size / 1e6:.1f} MB")
    return 0


def _check_previous(previous: Path, folder: Path) -> None:
    from ..report.site_checks import is_ours

    if not previous.is_dir():
        raise Refusal(f"--previous {previous}: there is no such folder")
    if not is_ours(previous):
        raise Refusal(f"--previous {previous}: is no site that server-matrix wrote: it has no site.json that says so")
    if previous.resolve() != folder.resolve() and previous.resolve().is_relative_to(folder.resolve()):
        raise Refusal(f"--previous {previous}: is inside {folder}, which is replaced as a whole")
