"""The bundled server, broken on purpose: each mutant with the scenarios that must notice it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.store import Run

ENGINEBUS = "harness/guest/enginebus"
NOTICED = ("fail", "timeout")  # an error, or a cell that did not run, is the harness's own trouble and notices nothing


@dataclass(frozen=True)
class Mutant:
    """A change of the server's source, and the scenarios that must notice it."""

    name: str
    file: str
    old: str
    new: str
    must_redden: tuple[str, ...]

    @property
    def path(self) -> str:
        """The file, below the repository."""
        return f"{ENGINEBUS}/{self.file}"


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


def red_cells(folder: Path, pythons: list[str], select: str = "") -> tuple[int, dict[str, str], str]:
    """Run a copy; return the exit code, the cells that notice (with their words), and the output."""
    words = [word for python in pythons for word in ("--python", python)]
    done = subprocess.run(
        [sys.executable, "-m", "harness", "matrix", "--subject", "enginebus", *words, "--no-coverage",
         *(["-k", select] if select else [])],
        cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": ""})
    runs = sorted((folder / "reports" / "data").iterdir())
    results = Run(runs[-1]).results()
    return done.returncode, {cell: r.word for cell, r in results.items() if r.word in NOTICED}, done.stdout + done.stderr
