"""The beginning and the end: the arguments, each step in turn, and the comparison with the run."""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...language.text_matching import Unmatchable, first_line
from ...machine.port_probes import bind_state
from .cell import Cell
from .judge import ABOUT, clean_up, end_all, holds, neither, show
from .look import LINUX, become_subreaper
from .observe import processes, sockets, touch
from .server import CannotTry, Late, Unable
from .servers import kill, search, signal_, start, stop, wait

Act = Callable[[Cell, dict[str, Any], dict[str, Any]], dict[str, Any]]
Failures = list[tuple[int, str, str]]  # (step, what, observed)

#: Values that are the same every time; the others contain pids, ports and times.
COMPARED = (
    "status",
    "ready",
    "exit",
    "forced",
    "listeners",
    "bind",
    "connect",
    "closed",
    "closure_alert",
    "responses",
    "statuses",
    "either",
    "roles",
    "running",
    "exists",
    "kind",
    "mode",
)
DISTURBING = ("start", "request", "raw", "signal", "touch", "volley")
OPTIONAL = ("request", "raw", "hold", "release", "sample", "growth", "sweep", "volley", "file")
LONGEST = 300  # characters that are printed of one line


def acts() -> dict[str, Act]:
    """The verbs whose code is in this file: sections that its steps do not need are left out."""
    found: dict[str, Act] = {
        "start": start,
        "signal": signal_,
        "kill": kill,
        "stop": stop,
        "wait": wait,
        "touch": touch,
        "sockets": sockets,
        "processes": processes,
        "disconnect": disconnect,
    }
    here = globals()
    found.update({name: here[name] for name in OPTIONAL if name in here})
    return found


def disconnect(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Close the connections that were kept."""
    count = sum(client.opened for client in cell.clients.values())
    cell.close_clients()
    return {"connections": count}


def saved(cell: Cell, step: dict[str, Any], seen: dict[str, Any]) -> Failures:
    """Keep values for later steps; a missing one is a failure."""
    wrong: Failures = []
    for name, source in step["save"].items():
        value: Any = (seen.get(source) or "").strip() or None if source == "content" else seen.get(source)
        kind, _, wanted = source.partition(":")
        if kind in ("header", "cookie"):
            fields = {key.lower(): text for key, text in (seen.get("headers") or {}).items()}
            value = fields.get(wanted.lower() if kind == "header" else "set-cookie")
            if kind == "cookie":
                found = re.search(rf"(?:^|, ?){re.escape(wanted)}=([^;,]*)", value or "")
                value = found[1].strip() if found else None
        if source.startswith("json:/"):
            try:
                value = json.loads(seen.get("body") or "")
                for key in source[len("json:/") :].split("/"):
                    value = value[int(key)] if isinstance(value, list) else value[key]
            except (ValueError, KeyError, IndexError, TypeError):
                value = None
        if value is None:
            wrong.append((step["number"], f"save {name}", "there is none"))
        else:
            cell.values[name] = str(value)
    return wrong


def do(cell: Cell, step: dict[str, Any]) -> tuple[dict[str, Any], Failures, bool]:
    """One step: what was seen, what does not hold, and whether the next one can be done."""
    if step["act"] in DISTURBING and step["server"] in cell.servers:
        cell.marks[step["server"]] = cell.servers[step["server"]].size()
    try:
        seen = acts()[step["act"]](cell, step, cell.fill(step["args"], literal=True))
    except Late as late:
        return {}, [(step["number"], step["act"], f"{late}: not within {step['within']:g} s")], False
    except (Unable, Unmatchable) as problem:
        return {}, [(step["number"], step["act"], str(problem))], False
    missing = saved(cell, step, seen)
    wrong = [
        (step["number"], key, show(seen.get(ABOUT.get(key, key))))
        for key, expected in step["expect"].items()
        if not holds(cell, key, expected, seen)
    ]
    wrong = wrong or neither(cell, step, seen)
    goes_on = not missing and not ("ready" in step["expect"] and seen.get("ready") != step["expect"]["ready"])
    return seen, wrong + missing, goes_on


def tell(text: str) -> None:
    """Print a line without control characters: it may be a server's output."""
    line = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    print(line if len(line) <= LONGEST else f"{line[:LONGEST]} … ({len(line)} characters)", flush=True)


def value_of(seen: dict[str, Any], source: str) -> str:
    """What a step observes: a value, or of "log:/pattern/" the first line that matches."""
    name, _, pattern = source.partition(":")
    if not pattern:
        return show(seen.get(name))
    return first_line(pattern, seen.get(name), search) or "no line"


def reproduce(cell: Cell) -> Failures:
    """Do all steps and the cleanup; print what was seen."""
    wrong: Failures = []
    tell(f"{cell.data['cell']}: {cell.data['title']}")
    tell(f"{cell.python} in {cell.folder}, on {' '.join(map(str, cell.at(1)))}")
    try:
        for step in cell.data["steps"]:
            seen, failed, goes_on = do(cell, step)
            cell.seen[step["number"]] = seen
            cell.look(step["number"])
            asked = {key: seen.get("log" if key == "log_absent" else key) for key in step["expect"]}
            brief = {key: value for key, value in asked.items() if key not in ("log", "log_absent")}
            tell(f"{step['number']:3}. {step['act']:10} {step['args'] or ''} -> {brief or 'done'}")
            if step["act"] == "start" and not seen.get("ready") and "No module named" in seen.get("log", ""):
                raise CannotTry(
                    f"the server is not installed for {cell.python}: add --install, or choose another Python with --python"
                )
            for question, source in step["observe"].items():
                tell(f"     observed, {question}: {value_of(seen, source)}")
            for _, key, observed in failed:
                expected = show(step["expect"].get(key, "that the step can be done"))
                tell(f"     DIFFERS: {key}: expected {expected}, observed {observed}")
            wrong += failed
            if not goes_on:
                break
        left = clean_up(cell)
        for _, key, observed in left:
            tell(f"     DIFFERS: cleanup, {key}: {observed}")
        return wrong + left
    finally:
        end_all(cell)


def known(failures: Failures) -> set[tuple[int, str, str]]:
    """Failures as they are compared: the step and key, and the value if it is the same every time."""
    return {(step, key, observed if step and key in COMPARED else "") for step, key, observed in failures}


def install(requirements: list[str], python: str, folder: Path) -> None:
    """Install the server into the reproducer's own folder; the interpreter is not changed."""
    command = [python, "-m", "pip", "install", "--quiet", "--target", str(folder / "installed"), *requirements]
    if requirements and subprocess.run(command).returncode:
        raise CannotTry(f"{python} could not install {' '.join(requirements)}")


def reset_signals() -> None:
    """Undo inherited settings: a background job of a shell ignores SIGINT, and so would the server. SIGTERM cleans up."""
    for name in ("SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGTERM", "SIGCHLD"):
        number = getattr(signal, name)
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # through the cleanup: no server outlives this file


def main(data: dict[str, Any], run: str, files: str) -> int:
    """Exit codes: 0 the same as in the run, 1 different, 2 it could not be tried."""
    needs = " ".join(data["server"]["requires"]) or "only the standard library"
    parser = argparse.ArgumentParser(
        description=f"{data['cell']}: {data['title']}. Repeats the cell's steps and says whether they see the same.",
        epilog=f"The run used {data['server']['implementation']} {data['server']['version']} with {needs}. "
        "Exit codes: 0 the same, 1 different, 2 it could not be tried.",
    )
    parser.add_argument("--python", default=sys.executable, help="the Python that runs the server (default: this one)")
    parser.add_argument(
        "--install", action="store_true", help="install the server with that Python's pip, into a temporary folder"
    )
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder with the logs")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="reproducer-"))
    become_subreaper()
    reset_signals()
    if not LINUX:
        tell("this system does not show who holds a socket: steps that need this will say so")
    try:
        if given.install and data["server"].get("checkout"):
            raise CannotTry(
                f"the run installed the server from a checkout ({data['server']['checkout']}): install that into an "
                "environment, and give its Python with --python"
            )
        if given.install:
            install(data["server"]["requires"], given.python, folder)
        if data["channel"] == "default" and bind_state("127.0.0.1", 8080) == "held":
            raise CannotTry("this scenario needs 127.0.0.1:8080, which is already in use")
        found = reproduce(Cell(data, shutil.which(given.python) or given.python, folder, files))
    except (CannotTry, OSError) as error:
        print(f"could not be tried: {error}", file=sys.stderr)
        return 2
    finally:
        if given.keep:
            tell(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    seen = json.loads(base64.b64decode(run))
    there: Failures = [tuple(failure) for failure in seen["failures"]]
    same = known(found) == known(there)
    tell(f"outcome in the run: {seen['word']}")
    for step, key, observed in there:
        tell(f"     in the run: {f'step {step}' if step else 'cleanup'}, {key}: {observed}")
    tell("THE SAME as in the run" if same else "DIFFERENT from the run")
    return 0 if same else 1


if os.name != "posix":  # signals, sessions and /proc
    raise SystemExit("this file needs a POSIX system")
