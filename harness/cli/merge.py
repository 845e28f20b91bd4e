"""``merge``: the data folders of several machines become one run, and its report."""

from __future__ import annotations

import argparse

from ..run.merging import merge
from .console import Say
from .finish import add_baseline, check_baseline, finish
from .options import number, some_path


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``merge``."""
    parser.description = (
        "Merge the data folders of several machines into one run, and report on it. It is refused where cells are missing, are "
        "there twice, or were run by different versions of the harness."
    )
    parser.add_argument("shards", nargs="+", type=some_path, help="data folders of runs")
    parser.add_argument(
        "--allow-red", action="store_true", help="exit with 0 even if cells failed; their shard jobs have already reported it"
    )
    parser.add_argument("--expect", type=number(1), default=0, metavar="N", help="refuse unless there are N shards")
    add_baseline(parser)
    parser.set_defaults(reads_only=True)
    parser.add_argument("-o", "--out", type=some_path, help="the merged folder (default: reports/data/merged)")


def run(given: argparse.Namespace, say: Say) -> int:
    """Merge, and report; return the exit code of the merged run."""
    check_baseline(given)
    out = (given.out or given.reports / "data" / "merged").resolve()
    merged = merge([shard.resolve() for shard in given.shards], out, given.expect)
    code = finish(merged, given.project, given.baseline, say)
    return 0 if given.allow_red and code == 1 else code
