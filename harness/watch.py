"""What a cell's servers do beside what its steps ask for: every end of every launch, and every traceback in a log."""

from __future__ import annotations

import re
from pathlib import Path

from .cellrun import CellRun
from .model import Json
from .plain import plain

_TRACEBACK = re.compile(rb"^.*\bTraceback \(most recent call last\):.*$", re.MULTILINE)
MAX_FOUND = 50  # tracebacks of one cell that are told apart; a server that logs more is red anyway
AHEAD = 64 * 1024  # bytes behind a traceback's first line in which its last one is looked for
MAX_SAID = 300


class Watch:
    """Looks at a cell after each of its steps; ``step`` is the one that was done last, and 0 once the servers are stopped."""

    def __init__(self, cell: CellRun) -> None:
        self.step = 0
        self._cell = cell
        self._offsets: dict[Path, int] = {}
        self._ended: dict[int, int] = {}
        self._tracebacks: list[tuple[int, str, Path, int]] = []

    def look(self, step: int) -> None:
        """Record which launches have ended since the last look, and which tracebacks were logged."""
        self.step = step
        for launch in self._cell.launches:
            if launch.process is not None and launch.process.exit is not None:
                self._ended.setdefault(launch.number, step)
        for server in list(self._cell.servers.values()):
            self._read(server.name, server.log, step)

    def _read(self, name: str, log: Path, step: int) -> None:
        """Look through what is new in a log; a line that is not whole yet is looked at the next time."""
        offset = self._offsets.get(log, 0)
        with log.open("rb") as file:
            file.seek(offset)
            new = file.read()
        whole = len(new) if step == 0 else new.rfind(b"\n") + 1
        for match in _TRACEBACK.finditer(new, 0, whole):
            if len(self._tracebacks) < MAX_FOUND:
                self._tracebacks.append((step, name, log, offset + match.start()))
        self._offsets[log] = offset + whole

    def ends(self) -> list[Json]:
        """Each launch that was started: its exit, the step after which it had ended, and the signals that it was sent."""
        return [{"launch": launch.number, "server": launch.server, "pid": launch.process.pid, "exit": launch.process.exit,
                 "step": self._ended.get(launch.number, 0), "signals": list(launch.process.signals)}
                for launch in self._cell.launches if launch.process is not None]

    def tracebacks(self) -> list[Json]:
        """Each traceback: after which step it was there, in whose log, at which line, and the last line of it."""
        return [{"step": step, "server": name, **_told(log, place)} for step, name, log, place in self._tracebacks]


def _told(log: Path, place: int) -> Json:
    with log.open("rb") as file:
        line = file.read(place).count(b"\n") + 1
        text = file.read(AHEAD).decode("utf-8", "replace").splitlines()
    last = next((one for one in text[1:] if one.strip() and not one.startswith((" ", "\t"))), "")
    return {"line": line, "said": plain(last)[:MAX_SAID]}
