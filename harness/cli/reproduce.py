"""``reproduce``: write the reproducer of a cell, or try those of all cells that are not green."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ..machine.atomic_files import write_text
from ..model.counting import counted
from ..model.ids import CellId
from ..model.printable import plain
from ..model.refusal import Refusal
from ..model.values import CellResult
from ..reproducer import write
from ..run.run_folder import Run, newest
from .find_run import find
from .last_failed import after_which
from .options import MOST_WORKERS, number, some_path, some_text

RED_OR_KNOWN = ("fail", "timeout", "fixed", "known")
JOBS = 4  # reproducers that are tried at a time
TRY_SECONDS = 300.0
TAIL = 12  # lines of a try's output that are shown where it saw something else
SAYS = {0: "the same", 1: "DIFFERENT", 2: "could not be tried"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``reproduce``."""
    parser.description = (
        "Write the reproducer of a cell: a single Python file, using only the standard library, that starts the "
        "server, does the steps, and says whether it saw what the run saw."
    )
    parser.epilog = "Exit codes: 0; with --try 1 where a reproducer saw something else; 2 bad input."
    parser.add_argument(
        "cell",
        type=some_text,
        nargs="*",
        help="ids as the report shows them (default: all cells that fail, known failures included)",
    )
    parser.add_argument(
        "--run", type=some_text, metavar="RUN", help="a folder, or a name below reports/data (default: the newest)"
    )
    parser.add_argument(
        "--try", dest="trying", action="store_true", help="run each with its target's Python on this machine; write nothing"
    )
    parser.add_argument(
        "--jobs", type=number(1, MOST_WORKERS), metavar="N", help=f"with --try: how many at once (default {JOBS})"
    )
    parser.add_argument("-o", "--out", type=some_path, metavar="DIR", help="where to write (default: here)")


def check(given: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    if given.jobs is not None and not given.trying:
        raise Refusal("reproduce: --jobs needs --try")
    if given.out is not None and given.trying:
        raise Refusal("reproduce: --try writes nothing; leave out --out or --try")


def run(given: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Check the options, find the run, and write or try its reproducers; return the exit code."""
    check(given)
    return reproduce(given, find(given.run, given.reports) if given.run else newest(given.reports), say)


def reproduce(given: argparse.Namespace, run: Run, say: Callable[[str], None]) -> int:
    """Write or try; return the exit code."""
    results = run.results()
    unknown = [cell for cell in given.cell if cell not in results]
    if unknown:
        raise Refusal(f"reproduce: the run {run.folder.name} has no cell {', '.join(unknown)}")
    cells = given.cell or [cell for cell, result in results.items() if result.word in RED_OR_KNOWN]
    if not cells:
        raise Refusal(f"reproduce: no cell of run {run.folder.name} fails; name one")
    made = texts(run, [results[cell] for cell in cells])
    ordered = [cell for cell in cells if after_which(run.read_history(cell))]
    for cell in ordered:
        say(
            f"{cell} failed only after other cells on the same server. A reproducer plays it alone, where it is green"
            f"{', so it is not tried' if given.trying else ''}; matrix --lf runs it after them again"
        )
    if given.trying:
        return _try_all(run, {cell: text for cell, text in made.items() if cell not in ordered}, given.jobs or JOBS, say)
    for cell, text in made.items():
        file = (given.out or Path()) / file_name(cell)
        write_text(file, text)
        say(f"wrote {file}")
    return 0


def file_name(cell: str) -> str:
    """A name for a cell's file: of letters, digits, dots, hyphens, + and @."""
    return f"reproduce-{cell}.py"


def texts(run: Run, results: Iterable[CellResult]) -> dict[str, str]:
    """The reproducers of some cells; raises Refusal for one that did not run."""
    recipes, scenarios = run.read_recipes(), {scenario["id"]: scenario for scenario in run.read_scenarios()}
    made = {}
    for result in results:
        scenario, target = CellId(result.cell).scenario, CellId(result.cell).target
        history = run.read_history(result.cell)
        if history is None or target not in recipes["targets"]:
            raise Refusal(f"reproduce: {result.cell} did not run ({result.word}), so there is nothing to reproduce")
        archive = recipes["files"][target.subject]
        made[result.cell] = write.text(result, history, scenarios[scenario], recipes["targets"][target], archive)
    return made


def _try_all(run: Run, made: dict[str, str], jobs: int, say: Callable[[str], None]) -> int:
    pythons = {target.id: target.python for target in run.read_plan().targets}

    def attempt(cell: str) -> tuple[str, int, str]:
        return (cell, *run_file(made[cell], pythons[CellId(cell).target]))

    def tell(outcome: tuple[str, int, str]) -> int:
        cell, code, output = outcome
        say(f"{SAYS.get(code, f'exit code {code}')}: {cell}")
        if code:
            say("\n".join(f"    {plain(line)}" for line in output.splitlines()[-TAIL:]))
        return code

    channels = {scenario["id"]: scenario["channel"] for scenario in run.read_scenarios()}
    turns = [cell for cell in made if channels[CellId(cell).scenario] == "default"]  # they cannot run beside each other
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        codes = [tell(done.result()) for done in as_completed(pool.submit(attempt, cell) for cell in made if cell not in turns)]
    codes += [tell(attempt(cell)) for cell in turns]
    same = codes.count(0)
    say(f"{same} of {counted(len(codes), 'reproducer')} saw the same")
    return 0 if codes and same == len(codes) else 1


def run_file(text: str, python: str) -> tuple[int, str]:
    """Run a reproducer with a Python for its server; return its exit code and what it printed."""
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        file = Path(folder) / "reproducer.py"
        write_text(file, text)
        with subprocess.Popen(
            [sys.executable, "-I", str(file), "--python", python], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as trying:
            try:
                output, late = trying.communicate(timeout=TRY_SECONDS)[0], ""
            except subprocess.TimeoutExpired:
                trying.terminate()  # it ends its server, too
                output, late = trying.communicate()[0], f"\nnot done after {TRY_SECONDS:g} s"
        return 1 if late else trying.returncode, output.decode("utf-8", "replace") + late
