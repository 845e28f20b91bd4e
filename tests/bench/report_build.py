"""(f) The report of a stored run of 100,000 cells, relative to json.loads of its results, both in processor time."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .measured_run import Failed, measure
from .table import Figure, ratio

KEY, WHAT = "f", "CPU time of the command report / of json.loads"


def build(work: Path, scenarios: int, targets: int, rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """The figure, for a run of scenarios times targets cells."""
    try:
        from ..bench_report import synthetic
    except ImportError as problem:  # it looks at the page in a browser, too
        return [Figure(KEY, WHAT, (), note=f"{problem}; run it in the environment of nox -s tests")]
    run = synthetic(work, scenarios, targets)
    loads, built, wall = [], [], []
    for turn in range(rounds):
        say(f"f: report of {scenarios * targets} cells, round {turn + 1} of {rounds} …")
        began = time.process_time()
        for file in (run.folder / "plan.json", run.folder / "scenarios.json"):
            json.loads(file.read_text("utf-8"))
        for line in (run.folder / "lines.main.jsonl").read_text("ascii").splitlines():
            json.loads(line)
        loads.append(time.process_time() - began)
        done = measure([sys.executable, "-m", "harness", "report", str(run.folder), "--reports", str(work)])
        built.append(done.cpu)
        wall.append(done.wall)
        if not (work / "index.html").exists():
            raise Failed(f"f: no report was written:\n{done.said}")
    size = (work / "index.html").stat().st_size / 1e6
    shutil.rmtree(work, ignore_errors=True)
    return [ratio(KEY, f"{WHAT}, {scenarios * targets} cells", ("s", built), ("s of json.loads", loads),
                  s_of_wall_time=wall, MB=[size])]
