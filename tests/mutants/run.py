"""Faults put in on purpose, in copies of the repository: ``nox -s mutants -- server`` or ``-- harness``.

Of the server, scenarios must notice each; of the harness, its own tests must. Exit code 1 where one is not noticed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from harness.model.refusal import Refusal

from . import server
from .driver import DRIVER_MUTANTS, DriverMutant

ROOT = Path(__file__).resolve().parents[2]
TEST_SECONDS = 600


class Change(Protocol):
    """A text of a file of the repository, and what stands in its place."""

    name: str
    old: str
    new: str

    @property
    def path(self) -> str:
        """The file, below the repository."""


def copy_of_repository(folder: Path, mutant: Change | None, names: Iterable[str] = ("harness", "scenarios")) -> Path:
    """Copy what a run needs and break it; raises ValueError where the source is not as the mutant expects."""
    for name in names:
        # With what was compiled: of a file that is broken below, its time says that it is compiled anew.
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc.*"))  # half-written by another
    shutil.copy(ROOT / "pyproject.toml", folder)
    if mutant is not None:
        file = folder / mutant.path
        source = file.read_text("utf-8")
        if source.count(mutant.old) != 1:
            raise ValueError(f"mutant {mutant.name!r}: {mutant.path} has its old text {source.count(mutant.old)} times")
        file.write_text(source.replace(mutant.old, mutant.new), "utf-8")
    return folder


def run_tests(folder: Path, tests: Iterable[str]) -> tuple[int, str]:
    """Run some tests of a copy; return pytest's exit code (-1: it came to no end), and the test that failed first, or words."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=line", *tests],
            cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=TEST_SECONDS,
            env={**os.environ, "PYTHONPATH": str(folder)})
    except subprocess.TimeoutExpired:
        return -1, f"the tests came to no end in {TEST_SECONDS} s: nobody is told what is wrong"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    lines = done.stdout.strip().splitlines()
    return done.returncode, failed[1] if failed else lines[-1] if lines else done.stderr.strip()[-200:]


def _furnish(folder: Path) -> None:
    """Give a copy what its tests look at, and the targets that are made already: each by a link, so that none is replaced."""
    for name in ("README.md", "noxfile.py", "reports/README.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in (".github", ".ci"):
        shutil.copytree(ROOT / name, folder / name)
    targets = folder / ".cache" / "targets"
    targets.mkdir(parents=True)
    if (known := ROOT / ".cache" / "interpreters.json").exists():
        shutil.copy(known, folder / ".cache")  # or each copy asks every Python of the machine anew
    for made in (ROOT / ".cache" / "targets").glob("*"):
        if made.is_dir():
            (targets / made.name).symlink_to(made)


def attempt(mutant: DriverMutant) -> tuple[DriverMutant, bool, str]:
    """(mutant, whether the tests noticed it, which test did, or what was seen)."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = copy_of_repository(Path(name), mutant, ("harness", "scenarios", "tests"))
        _furnish(folder)
        code, said = run_tests(folder, mutant.tests)
    return mutant, code == 1, said


def harness(select: str, jobs: int) -> int:
    """Run the harness's own tests against each mutant of it."""
    chosen = [mutant for mutant in DRIVER_MUTANTS if select in f"{mutant.kind}: {mutant.name} {mutant.path}"]
    if not chosen:
        print(f"no mutant has {select!r} in its name", file=sys.stderr)
        return 2
    print(f"{len(chosen)} mutants; first their tests without one, which takes some minutes", file=sys.stderr, flush=True)
    code, said = run_tests(ROOT, sorted({test for mutant in chosen for test in mutant.tests}))
    if code:
        print(f"the tests are red without a mutant: {said}", file=sys.stderr)
        return 2
    survivors = 0
    with ThreadPoolExecutor(jobs) as pool:
        for number, (mutant, killed, said) in enumerate(pool.map(attempt, chosen), 1):
            survivors += not killed
            print(f"{number:3} {'killed  ' if killed else 'SURVIVES'} {mutant.kind}: {mutant.name} ({mutant.path})\n"
                  f"         {'by ' if killed else ''}{said}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants of the harness are killed")
    return 1 if survivors else 0


def main(words: list[str]) -> int:
    """``server`` or ``harness``."""
    parser = argparse.ArgumentParser(prog="nox -s mutants --", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    server.configure(commands.add_parser(
        "server", help="faults in the bundled server, which scenarios have to notice", description=server.__doc__))
    tested = commands.add_parser("harness", help="faults in the harness, which its own tests have to notice")
    tested.add_argument("-k", dest="select", default="", metavar="TEXT", help="only mutants with this in their name or file")
    tested.add_argument("-j", dest="jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="mutants at once")
    given = parser.parse_args(words)
    if given.what == "harness":
        return harness(given.select, given.jobs)
    try:
        return server.run(given, words, lambda text: print(text, flush=True))
    except Refusal as problem:
        print(f"mutants: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("mutants: interrupted", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
