"""``nox -s mutants -- server``: faults in the bundled server, which the scenarios have to notice on the oldest and the newest Python.

Mutants by hand (tests/mutants/by_hand/) and generated ones (a table of operators over the whole source) are put into a
copy of the server, one at a time, and the scenarios that reach the line are played against it, as a run of the matrix
plays them, until one is red. Which scenarios reach which line is measured first, on the unmutated server. Writes
reports/mutants.json, and a page: reports/mutants/index.html.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.cli.options import number, some_path, some_text
from harness.language.files import load_all
from harness.language.scenario import Scenario
from harness.machine import interpreters
from harness.machine.interpreters import sort_key
from harness.machine.places import PACKAGE
from harness.model.refusal import Refusal
from harness.model.values import Target
from harness.run import host, prepare
from harness.run.plan import plan
from harness.targets import provision
from harness.targets.load_subjects import BUNDLED
from harness.targets.subject import Subject

from . import by_hand, ground, page, results
from .attempts import PENDING, Attempts, Clock
from .cells import Setup
from .generate import Mutant, generate, read, sample
from .pool import Pool, pool
from .reach import Ground
from .source import Source
from .statements import OPERATORS

SUBJECT = "enginebus"
FILE, FOLDER = "mutants.json", "mutants"
LEAST = {"by hand": 95.0, "generated": 90.0}
EVERY_SECONDS = 30.0
SHOWN = 200  # characters of a reason
INNER = "HARNESS_MUTANTS_INNER"

Say = Callable[[str], None]


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's options."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--by-hand", action="store_true", help="only those by hand")
    which.add_argument("--generated", action="store_true", help="only those that are generated")
    parser.add_argument("--module", action="append", default=[], metavar="NAME", help="only of this module, as bus; repeatable")
    parser.add_argument("-k", dest="select", default="", metavar="TEXT",
                        help="only those with this in their id, or in what they break")
    parser.add_argument("--sample", type=number(1), metavar="N", help="so many of the generated ones: every module and operator "
                        "has its share (default: all)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the sample (default %(default)s)")
    parser.add_argument("--python", action="append", default=[], metavar="ID", help="default: the oldest and the newest here")
    parser.add_argument("-j", dest="jobs", type=number(1, 64), default=2, metavar="N",
                        help="mutants at once (default %(default)s; cells mostly wait, so twice the processors is no waste)")
    parser.add_argument("--resume", action="store_true", help="keep what the last run found out of this same source: a kill while "
                        "the scenario that noticed it is the same, a survivor while all scenarios are")
    parser.add_argument("--all-scenarios", action="store_true", help="of a line that runs at import, try all scenarios and not "
                        "those that use what it binds")
    parser.add_argument("--min-rate", type=float, default=LEAST["generated"], metavar="PERCENT",
                        help="of the generated ones, on each Python (default %(default)g)")
    parser.add_argument("--min-rate-by-hand", type=float, default=LEAST["by hand"], metavar="PERCENT",
                        help="of those by hand (default %(default)g)")
    parser.add_argument("--list", action="store_true", help="list the mutants, and what each changes; try none")
    parser.add_argument("--reports", type=some_path, default=PACKAGE.parent / "reports", metavar="DIR", help="where reports go")
    parser.add_argument("--scenarios", type=some_path, default=PACKAGE.parent / "scenarios", metavar="DIR", help="where scenario files are")
    parser.add_argument("--subject", type=some_text, default=SUBJECT, help=argparse.SUPPRESS)
    parser.epilog = ("Operators: " + "; ".join(f"{one.name} ({one.says})" for one in OPERATORS) + ". Exit codes: 0 the rates are "
                     "reached; 1 they are not, or nothing was tried; 2 bad input. For instance: "
                     "-- server --module bus --sample 50 --seed 3 -j 4")


def run(given: argparse.Namespace, words: list[str], say: Say) -> int:
    """Try what was asked for; return the exit code. Raises Refusal."""
    subject = BUNDLED.load(given.subject)
    package = subject.guest[0]
    sources = read(package)
    chosen = choose(sources, given)
    if given.list:
        for mutant in chosen:
            say(f"{mutant.id}: {mutant.says}\n    {mutant.old!r} -> {mutant.new!r}")
        say(f"{len(chosen)} mutants")
        return 0
    if INNER not in os.environ:  # a process that outlives this one ends what is left, whatever becomes of it
        return _guarded(words)
    scenarios = load_all(given.scenarios)
    targets = make_targets(subject, given.python, say)
    return try_all(subject, package, sources, scenarios, targets, chosen, given, say)


def choose(sources: dict[str, Source], given: argparse.Namespace) -> list[Mutant]:
    """The mutants that were asked for; raises Refusal where there are none."""
    generated = generate(sources)
    modules = {mutant.module for mutant in generated}
    for name in given.module:
        if name not in modules:
            raise Refusal(f"--module {name}: there is no such module; there are: {', '.join(sorted(modules))}")

    def wanted(mutant: Mutant) -> bool:
        return (not given.module or mutant.module in given.module) and (
            given.select.lower() in f"{mutant.id} {mutant.says}".lower())

    found = [] if given.generated else list(filter(wanted, by_hand.mutants(sources)))
    if not given.by_hand:
        left = list(filter(wanted, generated))
        found += sample(left, given.sample, given.seed) if given.sample else left
    if not found:
        raise Refusal("no mutant is chosen; see them all with --list")
    return found


def make_targets(subject: Subject, pythons: list[str], say: Say) -> list[Target]:
    """The server on the oldest and the newest Python here, or on those that were asked for; the newest first."""
    found, _ = interpreters.discover(PACKAGE.parent / ".cache" / "interpreters.json")
    if not pythons:
        ids = sorted({one.id for one in found if one.id[0].isdigit()}, key=sort_key)
        pythons = list(dict.fromkeys([ids[-1], ids[0]]))
    chosen = interpreters.choose(pythons, found, "--python")
    targets = provision.provision([(subject, *one) for one in chosen], PACKAGE.parent / ".cache",
                                  progress=lambda target: say(prepare.progress(target)))
    for target in targets:
        if not target.ready:
            raise Refusal(f"{target.id}: {target.reason}")
    return targets


def try_all(
    subject: Subject, package: Path, sources: dict[str, Source], scenarios: tuple[Scenario, ...], targets: list[Target],
    chosen: list[Mutant], given: argparse.Namespace, say: Say,
) -> int:
    """See the unmutated server, try the mutants, and write what became of them; return the exit code."""
    by_name = {scenario.id: scenario for scenario in scenarios}
    pythons = {target.interpreter_id: target for target in targets}
    cells = {python: [cell.scenario for cell in plan(scenarios, [target], {subject.name: subject}) if cell.status == "planned"]
             for python, target in pythons.items()}
    file, hashes = given.reports / FILE, {name: scenario.hash for name, scenario in by_name.items()}
    source, began = ground.source_hash(package), time.monotonic()
    kept = results.again(results.read(file), source, hashes) if given.resume else {}
    about: dict[str, Any] = {
        "source": source, "scenarios": hashes, "pythons": list(pythons), "environment": host.environment(),
        "command": sys.argv[1:], "chosen": len(chosen), "sample": given.sample, "seed": given.seed,
    }
    with pool(lambda folder: Setup(subject, package.name, pythons, by_name, folder), given.jobs) as workers:
        grounds = _grounds(workers, subject, cells, by_name, package, given.reports / FOLDER, say)
        attempts = Attempts(sources, grounds, given.all_scenarios)
        attempts.found = {name: on for name, on in kept.items() if set(on) & set(pythons)}
        every = {mutant.id: mutant for mutant in [*by_hand.mutants(sources), *generate(sources)]} if kept else {}
        every.update({mutant.id: mutant for mutant in chosen})
        survivors = 0
        clock = Clock(len(chosen), EVERY_SECONDS, say)

        def so_far(finished: bool) -> results.Json:
            told = {name: on for name, on in attempts.found.items() if name in every and set(on) == set(pythons)
                    and all(one.outcome != PENDING for one in on.values())}
            return results.document(every.values(), told, sources, {
                **about, "finished": finished, "seconds": round(time.monotonic() - began)})

        def told(mutant: Mutant, on: dict[str, Any]) -> None:
            nonlocal survivors
            entry = results.document([mutant], {mutant.id: on}, sources, about)["mutants"][0]
            if left := results.survivors(entry):
                survivors += 1
                say(f"SURVIVES on {' and '.join(left)}: {results.described(entry)}")
            if clock.tick(survivors):
                results.write(file, so_far(finished=False))

        say(f"{len(chosen)} mutants on {' and '.join(pythons)}, {given.jobs} at a time")
        try:
            attempts.run(workers, chosen, told)
            finished = True
        except KeyboardInterrupt:
            say("interrupted: what was found out is kept (--resume goes on from there)")
            finished = False
    said = so_far(finished)
    results.write(file, said)
    written = page.write(given.reports / FOLDER / "index.html", said)
    say(f"\n{results.table(said)}\n")
    code, why = results.verdict(said, {"by hand": given.min_rate_by_hand, "generated": given.min_rate})
    if not finished:
        code, why = 1, "interrupted"
    if why:
        say(f"exit code {code}: {why}")
    say(f"page: {os.path.relpath(written)}")
    return code


def _grounds(
    workers: Pool, subject: Subject, cells: dict[str, list[str]], scenarios: dict[str, Scenario], package: Path, folder: Path,
    say: Say,
) -> dict[str, Ground]:
    """What is known of the unmutated server on each Python, and what had to be asked."""
    known_by = ground.keys(scenarios, subject, package)
    files = {python: folder / f"unmutated-{python}.json" for python in cells}
    seen = {python: ground.recall(file, known_by) for python, file in files.items()}
    missing = {python: [name for name in names if name not in seen[python]] for python, names in cells.items()}
    if any(missing.values()):
        say("asking the unmutated server what each scenario reaches, and how long it takes: "
            + ", ".join(f"{len(names)} on {python}" for python, names in missing.items()))
        try:
            ground.survey(workers, missing, scenarios, lambda python, name, one: seen[python].update({name: one}), say)
        finally:  # what is known is known, should the rest be for another time
            for python, file in files.items():
                ground.keep(file, known_by, seen[python])
    found = {}
    for python, names in cells.items():
        found[python] = one = ground.ground({name: seen[python][name] for name in names})
        say(f"  {python}: {len(one.seconds)} scenarios, {sum(one.seconds.values()):.0f} s; "
            f"flaky: {', '.join(sorted(one.flaky)) or 'none'}")
        for name in sorted(set(names) - set(one.seconds)):
            why = " ".join(seen[python][name]["reason"].split())[:SHOWN]
            say(f"  {python}: {name} is not used: " + (f"it is red without a mutant: {why}" if why else "it records, and judges nothing"))
    return found


def _guarded(words: list[str]) -> int:
    """Do it in a process under the harness's guardian, which ends whatever a mutant leaves, should that process die."""
    inner = subprocess.Popen(
        [sys.executable, "-m", "harness.run.guardian", "mutants", "--", sys.executable, "-m", "tests.mutants.run", *words],
        cwd=PACKAGE.parent, stdin=subprocess.PIPE, env={**os.environ, INNER: "1"}, start_new_session=True)
    handlers = {one: signal.signal(one, lambda *_: inner.send_signal(signal.SIGINT)) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        return inner.wait()
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
