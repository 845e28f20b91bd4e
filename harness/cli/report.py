"""``report``: write the report of a stored run again."""

from __future__ import annotations

import argparse

from ..run.run_folder import newest
from .console import Say
from .find_run import find
from .finish import add_baseline, check_baseline, finish
from .options import some_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``report``."""
    parser.description = "Write the report of a run again, from its data folder: nothing is run."
    parser.add_argument(
        "run", type=some_text, nargs="?", metavar="RUN", help="a folder, or a name below reports/data (default: the newest)"
    )
    add_baseline(parser)
    parser.set_defaults(reads_only=True)


def run(given: argparse.Namespace, say: Say) -> int:
    """Write the report; return the exit code of the run."""
    check_baseline(given)
    stored = find(given.run, given.reports) if given.run else newest(given.reports)
    return finish(stored, given.project, given.baseline, say)
