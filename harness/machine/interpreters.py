"""Find every Python on this machine, and identify each.

The search covers the folders where common tools install interpreters. pyenv's
shims hide versions that are not activated, so its versions folder is searched.
Each real path is probed once, in parallel, with a script that also runs on 2.7;
the answers are cached until the file changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..language.verbs import INTERPRETER_ID
from ..model.refusal import Refusal
from ..model.suggestions import shown
from ..model.values import Interpreter, Json
from .atomic_files import write_json
from .interpreter_places import _NAME, places

PROBE_SECONDS = 20.0
ANSWERS = {"implementation": str, "version": str, "build": str, "virtual": bool}  # what PROBE prints


#: Runs on every supported Python; prints one line of JSON.
PROBE = r"""
import json, platform, sys
try:
    import sysconfig
    free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    debug = bool(sysconfig.get_config_var("Py_DEBUG"))
except Exception:
    free = debug = False
print(json.dumps({
    "implementation": platform.python_implementation().lower(),
    "version": platform.python_version().rstrip("+"),  # of a branch's tip: "3.14.0+", which is not a PEP 440 version
    "build": "free-threaded" if free else "debug" if debug else "gil",
    "virtual": hasattr(sys, "real_prefix") or getattr(sys, "base_prefix", sys.prefix) != sys.prefix,
}))
"""


def candidates(environ: dict[str, str] | None = None) -> dict[Path, str]:
    """Return the real path of every file named like an interpreter, with the first place that has it."""
    found: dict[Path, str] = {}
    for place, folder in places(environ):
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if _NAME.fullmatch(entry.name))
        except OSError:
            continue  # a place that does not exist or is not readable has nothing for us
        for name in names:
            path = folder / name
            if os.access(path, os.X_OK) and path.is_file():
                found.setdefault(path.resolve(), place)
    for path in _py_launcher():
        found.setdefault(path.resolve(), "py launcher")
    return found


def _py_launcher() -> list[Path]:
    """The interpreters listed by the Windows py launcher; none elsewhere."""
    if os.name != "nt":
        return []
    try:
        listing = subprocess.run(["py", "-0p"], capture_output=True, text=True, timeout=PROBE_SECONDS, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [Path(line.split(maxsplit=1)[-1].lstrip("* ").strip()) for line in listing.splitlines() if ":\\" in line]


def probe(path: Path, place: str) -> Interpreter | str:
    """Identify one interpreter; return a sentence if that fails."""
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "SYSTEMROOT", "TEMP", "LD_LIBRARY_PATH")}
    try:
        done = subprocess.run(
            [str(path), "-s", "-E", "-c", PROBE],
            capture_output=True,
            timeout=PROBE_SECONDS,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{path} did not answer within {PROBE_SECONDS:g} s"
    except OSError as error:
        return f"{path} {_no_program(path, error)}"
    answer = _answer(done.stdout)
    if not answer:
        return f"{path} {_other(done)}"
    if answer["virtual"]:
        return f"{path} belongs to a virtual environment"
    short = ".".join(answer["version"].split(".")[:2])
    prefix = "" if answer["implementation"] == "cpython" else answer["implementation"]
    suffix = {"free-threaded": "t", "debug": "d"}.get(answer["build"], "")
    if prefix == "pypy":
        short = ".".join(short.split(".")[:2])
    return Interpreter(
        id=prefix + short + suffix,
        implementation=answer["implementation"],
        version=answer["version"],
        build=answer["build"],
        path=str(path),
        place=place,
    )


def _answer(output: bytes) -> Json:
    """The output of PROBE, in the last line of some output; {} if there is none."""
    with contextlib.suppress(ValueError, IndexError):
        found = json.loads(output.decode("utf-8").strip().splitlines()[-1])
        if isinstance(found, dict) and ANSWERS.items() <= {key: type(value) for key, value in found.items()}.items():
            return found
    return {}


def _no_program(path: Path, error: OSError) -> str:
    """Why a path cannot be executed."""
    if path.is_dir():
        return "is a folder, not a program"
    if not path.exists():
        return "does not exist"
    return f"cannot be run ({error.strerror})" if os.access(path, os.X_OK) else "is not executable"


def _other(done: subprocess.CompletedProcess[bytes]) -> str:
    """What a program other than Python did."""
    asked = "is not a Python interpreter: run with -s -E -c PROGRAM, it"
    lines = [line.strip() for line in (done.stderr or done.stdout).decode("utf-8", "replace").splitlines() if line.strip()]
    printed = f"printed {shown(lines[0])}" if lines else "printed nothing"
    if done.returncode < 0:
        return f"{asked} ended with {signal.Signals(-done.returncode).name} and {printed}"
    if done.returncode:
        return f"{asked} ended with exit code {done.returncode} and {printed}"
    return f"{asked} {printed}"


def discover(cache: Path | None = None) -> tuple[list[Interpreter], list[str]]:
    """Return all interpreters, newest first within an id, and a sentence for each file that is not one.

    ``cache`` is a JSON file: an interpreter is probed again only if its file's size or time changes.
    """
    known: dict[str, dict[str, object]] = {}
    if cache is not None and cache.exists():
        try:
            known = json.loads(cache.read_text("utf-8"))
        except ValueError:
            known = {}  # a damaged cache costs only another round of probes
    paths = candidates()
    answers: dict[str, dict[str, object]] = {}

    def ask(item: tuple[Path, str]) -> tuple[str, dict[str, object]]:
        path, place = item
        stat = path.stat()
        stamp = [stat.st_mtime_ns, stat.st_size, PROBE]
        kept = known.get(str(path))
        if kept is not None and kept["stamp"] == stamp:
            return str(path), kept
        answer = probe(path, place)
        if isinstance(answer, str):
            return str(path), {"stamp": stamp, "problem": answer}
        return str(path), {
            "stamp": stamp,
            "id": answer.id,
            "implementation": answer.implementation,
            "version": answer.version,
            "build": answer.build,
            "place": place,
        }

    with ThreadPoolExecutor(max_workers=4) as pool:
        answers.update(pool.map(ask, sorted(paths.items())))
    if cache is not None and answers != known:
        write_json(cache, answers)
    found = [
        Interpreter(str(a["id"]), str(a["implementation"]), str(a["version"]), str(a["build"]), path, str(a["place"]))
        for path, a in answers.items()
        if "problem" not in a
    ]
    found.sort(key=_newest_first)
    return found, [str(a["problem"]) for a in answers.values() if "problem" in a]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def _newest_first(interpreter: Interpreter) -> tuple[object, ...]:
    return (interpreter.id, tuple(-n for n in _numbers(interpreter.version)), interpreter.path)


def sort_key(interpreter_id: str) -> tuple[object, ...]:
    """Order columns: CPython by version, then its free-threaded builds, then other implementations."""
    other = not interpreter_id[:1].isdigit()
    return (other, _numbers(interpreter_id), interpreter_id)


def choose(wanted: list[str], found: list[Interpreter], source: str = "--python") -> list[tuple[str, Interpreter | None, str]]:
    """Match the wanted interpreters with those found: (id, interpreter or None, reason if None).

    A wanted name is an id ("3.13", "pypy3.11"), a full version ("3.13.0") or
    a path; ``source`` is where it was requested. Raises Refusal for anything else.
    """
    chosen: dict[str, tuple[str, Interpreter | None, str]] = {}
    for name in wanted:
        if os.sep in name or (os.altsep and os.altsep in name):
            answer = probe(Path(name).resolve(), source)
            if isinstance(answer, str):
                such = f", such as {found[0].path}" if found else ""
                raise Refusal(f"{source} {name}: {answer}. Give the path of a Python executable{such}.")
            chosen[answer.id] = (answer.id, answer, "")
            continue
        exact = [i for i in found if name in (i.id, i.version, i.implementation + i.version)]
        if exact:
            chosen[exact[0].id] = (exact[0].id, exact[0], "")
        elif INTERPRETER_ID.fullmatch(name):
            chosen[name] = (name, None, f"no interpreter {name} on this machine")
        else:
            have = ", ".join(dict.fromkeys(i.id for i in found)) or "none"
            raise Refusal(
                f"{source} {name}: no such interpreter. Give an id such as 3.13, 3.13t or pypy3.11, "
                f"a full version, or a path. On this machine: {have}."
            )
    return [chosen[key] for key in sorted(chosen, key=sort_key)]


def current() -> str:
    """The id of the interpreter that runs the harness."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"
