"""One invocation from the Pythons of the machine to the results: prepare, run under the guardian, finish."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import __version__, channels, editions, interpreters, process, provision
from .atomic import write_text
from .deadlines import Deadline
from .guardian import LEFT_OVER
from .model import RED, Cell, CellResult, Interpreter, Json, Plan, Refusal, Target
from .plan import SEPARATOR, narrow, part, plan
from .reproducer.recipe import recipes
from .scenario import Scenario
from .scenario_files import load_all
from .store import Run
from .subjects import Subject

ROOT = Path(__file__).resolve().parent.parent
INTERNAL_ERRORS = (3, 4)  # pytest's: internal error, usage error


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    pythons: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    workers: int = 4
    coverage: bool = True
    download: bool = False
    upgrade: bool = False
    scenarios: Path = ROOT / "scenarios"
    reports: Path = ROOT / "reports"
    cache: Path = ROOT / ".cache"
    shard: str = ""
    pytest: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


def wanted_interpreters() -> list[str]:
    """The interpreters that pyproject.toml lists under [tool.harness]."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = data.get("tool", {}).get("harness", {}).get("interpreters")
    if not isinstance(wanted, list) or not wanted:
        raise Refusal('pyproject.toml: [tool.harness] interpreters is missing: list those wanted, as in ["2.7", "3.13"]')
    return [str(name) for name in wanted]


def default_subjects() -> tuple[str, ...]:
    """The subjects that pyproject.toml lists under [tool.harness]."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = data.get("tool", {}).get("harness", {}).get("subjects")
    if not isinstance(wanted, list) or not wanted:
        raise Refusal('pyproject.toml: [tool.harness] subjects is missing: list those to run, as in ["enginebus"]')
    return tuple(str(name) for name in wanted)


def subjects_of(cells: Iterable[str]) -> tuple[str, ...]:
    """The subjects that the ids of cells name; an edition's column names its version: "cherrypy+18.9.0"."""
    return tuple(dict.fromkeys(_part(cell, 1).replace("+", "==", 1) for cell in cells))


def pythons_of(cells: Iterable[str]) -> tuple[str, ...]:
    """The interpreters that the ids of cells name."""
    return tuple(dict.fromkeys(_part(cell, 2) for cell in cells))


def _part(cell: str, number: int) -> str:
    parts = cell.split(SEPARATOR)
    if len(parts) != 3 or not all(parts):
        raise Refusal(f"--cell {cell}: an id is scenario@subject@interpreter, as the report shows it.")
    return parts[number]


def prepare(options: Options, say: Callable[[str], None]) -> Run:
    """Discover, provision and plan; write the plan; return the run. Raises Refusal for bad input, before any writing."""
    scenarios = load_all(options.scenarios)
    chosen_subjects = editions.choose(options.subjects)
    source = "--python" if options.pythons else "pyproject.toml: [tool.harness] interpreters:"
    wanted = list(options.pythons) or wanted_interpreters()
    found, _ = interpreters.discover(options.cache / "interpreters.json")
    chosen = interpreters.choose(wanted, found, source)
    if options.download:
        chosen = _download(chosen, options.cache, say)
    say(f"{sum(1 for _, i, _ in chosen if i)} of {len(chosen)} interpreters are on this machine; preparing targets …")
    pairs = [(subject, *one) for subject in chosen_subjects for one in chosen]
    targets = provision.provision(pairs, options.cache, options.upgrade, lambda target: say(progress(target)))
    by_name = {s.name: s for s in chosen_subjects}
    cells = part(narrow(plan(scenarios, targets, by_name), list(options.cells)), options.shard)
    return begin(options, scenarios, targets, by_name, cells)


def progress(target: Target) -> str:
    """A line about a target that was made, or could not be."""
    state = "cached" if target.cached else "ready" if target.ready else "missing: " + target.reason
    return f"  {target.id:24} {target.subject_version:8} {target.source + ' ' if target.source else ''}{state}"


def begin(
    options: Options, scenarios: tuple[Scenario, ...], targets: list[Target], by_name: dict[str, Subject],
    cells: tuple[Cell, ...],
) -> Run:
    """Write down what is going to be done; return the run."""
    name = time.strftime("%Y%m%dT%H%M%S") + f"-{os.getpid()}"
    run = Run(options.reports / "data" / name)
    run.write_scenarios(scenarios)
    run.write_recipes(recipes(targets, by_name))
    run.write_plan(Plan(
        run=name, targets=tuple(targets), cells=cells, scenarios=tuple(f"{s.id} {s.hash}" for s in scenarios),
        command=options.command, environment=environment(), coverage=options.coverage, shard=options.shard))
    return run


def _download(
    chosen: list[tuple[str, Interpreter | None, str]], cache: Path, say: Callable[[str], None],
) -> list[tuple[str, Interpreter | None, str]]:
    """Let uv fetch what is absent; what it cannot fetch is missing with uv's reason."""
    done: list[tuple[str, Interpreter | None, str]] = []
    for name, interpreter, reason in chosen:
        if interpreter is None:
            say(f"  downloading {name} …")
            problem = provision.download(name, cache / "pythons")
            if problem:
                say(f"  {problem}")
                reason = f"{reason}; {problem}"
            else:
                os.environ["UV_PYTHON_INSTALL_DIR"] = str(cache / "pythons")
                found, _ = interpreters.discover()
                interpreter = next((i for i in found if i.id == name), None)
        done.append((name, interpreter, "" if interpreter else reason))
    return done


def environment() -> Json:
    """The host as it may be published: an allow-list, without names of users, hosts and folders."""
    return {
        "harness": __version__, "driver": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.system(), "release": platform.release(), "machine": platform.machine(),
        "cores": os.cpu_count(), "loopback_range": channels.has_loopback_range(),
        "ci": os.environ.get("CI", "") != "", "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def execute(run: Run, options: Options, scratch: Path, output: int | None = None) -> int:
    """Run the planned cells with pytest under the guardian; return pytest's exit code, or LEFT_OVER.

    ``output`` is the descriptor that takes what pytest says; None is the command line's own.
    """
    planned = run.read_plan().cells
    runnable = [cell for cell in planned if cell.status == "planned"]
    if not runnable:
        return 0
    ini = scratch / "pytest.ini"
    write_text(ini, f"[pytest]\ncache_dir = {options.cache / 'pytest'}\n")
    command = [
        sys.executable, "-m", "pytest", "-c", str(ini), f"--rootdir={options.scenarios.parent}", "-p", "harness.plugin",
        "-q", "--no-header", "--tb=short", "-rN", "-p", "no:hypothesispytest",
        f"--harness-run={run.folder}", f"--harness-scenarios={options.scenarios}", f"--harness-scratch={scratch}",
        *(["-n", str(min(options.workers, len(runnable))), "--dist=worksteal"] if options.workers > 1 else []),
        *options.pytest, str(options.scenarios)]
    process.become_subreaper()  # should the guardian itself be killed, what it guarded comes to us
    guarded = subprocess.Popen(
        [sys.executable, "-m", "harness.guardian", run.folder.name, "--", *command], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=output, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True)
    handlers = {number: signal.signal(number, lambda *_: guarded.send_signal(signal.SIGINT))
                for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = guarded.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if process.descendants():  # the guardian died, and could not do its work
        process.end_all(Deadline(10.0))
        return LEFT_OVER
    return code


def exit_code(results: dict[str, CellResult], pytest_code: int, strict: bool, strict_should: bool) -> tuple[int, str]:
    """The exit code of a run, and the reason where it is not 0 (DESIGN.md, "Words")."""
    if pytest_code in INTERNAL_ERRORS:
        return (2, "pytest did not understand its arguments") if pytest_code == 4 else (1, "pytest broke")
    if pytest_code == LEFT_OVER:
        return 1, "processes of the run were left, or the guardian was killed"
    red = [r for r in results.values() if is_red(r, strict_should)]
    if red:
        return 1, f"{len(red)} red cells"
    if not any(r.status == "ran" for r in results.values()):
        return 1, "no cell ran"
    if strict and any(r.status == "missing" for r in results.values()):
        return 1, "interpreters are missing, and --strict was given"
    return 0, ""


def is_red(result: CellResult, strict_should: bool = False) -> bool:
    """Whether a cell makes the run fail; a ``should`` that fails does so only with --strict-should."""
    forgiven = result.grade == "should" and result.word in ("fail", "timeout") and not strict_should
    return result.word in RED and not forgiven
