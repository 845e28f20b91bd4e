"""The bundled server, broken on purpose, in a copy of the repository: ``python -m tests.mutants.run [PYTHON …]``.

Prints, for each mutant, which cells went red; a mutant that no cell notices is an exit code 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.store import Run

ROOT = Path(__file__).resolve().parents[2]
ENGINEBUS = "harness/guest/enginebus"


@dataclass(frozen=True)
class Mutant:
    """A change of the server's source, and the scenarios that must notice it."""

    name: str
    file: str
    old: str
    new: str
    must_redden: tuple[str, ...]


MUTANTS = (
    Mutant("unexposed methods are served", "dispatch.py",
           'return bool(getattr(node, "exposed", False))', "return callable(node)",
           ("dispatch.unexposed-method", "dispatch.unexposed-index")),
    Mutant("a handler's TypeError becomes 404", "application.py",
           "            except HTTPRedirect as redirect:",
           "            except TypeError:\n                self._error(response, 404, '404 Not Found', 'Not Found')\n"
           "            except HTTPRedirect as redirect:",
           ("dispatch.handler-error", "dispatch.exposed-not-callable")),
    Mutant("the listening socket is inherited", "httpserver.py",
           "    if hasattr(sock, \"set_inheritable\"):\n        sock.set_inheritable(False)",
           "    if hasattr(sock, \"set_inheritable\"):\n        sock.set_inheritable(True)\n    elif True:\n        return",
           ("sockets.child-popen", "sockets.app-socket-popen")),
    Mutant("SIGTERM is ignored", "signals.py", '"SIGTERM": self._exit,', '"SIGTERM": lambda caught: None,',
           ("lifecycle.restart-after-stop", "lifecycle.sigusr1")),
    Mutant("the port is not checked", "server.py",
           "        if is_free(self.socket_host, self.socket_port):\n            return\n", "        return\n",
           ("channel.port-not-free", "channel.bound-not-listening", "channel.freed-in-time")),
    Mutant("a surplus parameter is dropped", "params.py", "    if not signature.varkw:\n", "    if False:\n",
           ("parameters.surplus-in-query", "parameters.surplus-in-body")),
    Mutant("a stop does not wait for handlers", "httpserver.py",
           "        return self.wait_for_handlers(timeout)\n", "        return 0\n",
           ("lifecycle.stop-while-handler-runs",)),
    Mutant("every third restart leaks a descriptor", "bus.py",
           "        argv = original_argv()\n",
           "        argv = original_argv()\n        turn = int(os.environ.get('TURN', '0')) + 1\n"
           "        os.environ['TURN'] = str(turn)\n        if turn % 3 == 0:\n            os.dup2(1, 100 + turn)\n",
           ("lifecycle.soak-restarts",)),
    Mutant("the exit status of a failed start is 0", "bus.py", "EX_SOFTWARE = 70", "EX_SOFTWARE = 0",
           ("channel.port-not-free", "lifecycle.failed-start-log", "lifecycle.failing-application")),
    Mutant("the first of two lengths counts", "httpserver.py",
           "if len(set(lengths)) != 1 or not lengths[0].isdigit():", "if not lengths[0].isdigit():",
           ("http.two-lengths",)),
    Mutant("a length may have a sign", "httpserver.py",
           "if len(set(lengths)) != 1 or not lengths[0].isdigit():",
           "if len(set(lengths)) != 1 or not lengths[0].lstrip('+').isdigit():",
           ("http.length-spelled-otherwise",)),
)


def copy_of_repository(folder: Path, mutant: Mutant) -> Path:
    """Copy what a run needs and break it; raises ValueError where the source is not as the mutant expects."""
    for name in ("harness", "scenarios"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    file = folder / ENGINEBUS / mutant.file
    source = file.read_text("utf-8")
    if source.count(mutant.old) != 1:
        raise ValueError(f"mutant {mutant.name!r}: {mutant.file} has its old text {source.count(mutant.old)} times")
    file.write_text(source.replace(mutant.old, mutant.new), "utf-8")
    return folder


def red_cells(folder: Path, pythons: list[str], select: str = "") -> tuple[int, dict[str, str], str]:
    """Run the copy; return the exit code, the red cells with their words, and the output."""
    words = [word for python in pythons for word in ("--python", python)]
    done = subprocess.run(
        [sys.executable, "-m", "harness", "matrix", "--subject", "enginebus", *words, "--no-coverage",
         *(["-k", select] if select else [])],
        cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": ""})
    runs = sorted((folder / "reports" / "data").iterdir())
    results = Run(runs[-1]).results()
    red = {cell: r.word for cell, r in results.items() if r.word not in ("pass", "missing", "unsupported")}
    return done.returncode, red, done.stdout + done.stderr


def main(pythons: list[str]) -> int:
    """Run all scenarios against each mutant."""
    unnoticed = 0
    for mutant in MUTANTS:
        with tempfile.TemporaryDirectory() as folder:
            code, red, _ = red_cells(copy_of_repository(Path(folder), mutant), pythons)
        scenarios = sorted({cell.partition("@")[0] for cell in red})
        print(f"{mutant.name}: exit code {code}, {len(red)} cells red, of {len(scenarios)} scenarios")
        print(f"    {', '.join(scenarios)}", flush=True)
        unnoticed += not red
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["2.7", "3.13"]))
