"""What a cell's servers do outside its steps: each end of a launch, and each traceback in a log."""

from __future__ import annotations

from ..model.values import Json
from ..verdict.tracebacks import Tracebacks
from .running_cell import CellRun


class Watch:
    """Checks a cell after each of its steps; ``step`` is the last one done, and 0 once the servers are stopped."""

    def __init__(self, cell: CellRun) -> None:
        self.step = 0
        self._cell = cell
        self._ended: dict[int, int] = {}
        self._tracebacks = Tracebacks()

    def follow(self, cell: CellRun) -> None:
        """Go on with another cell, which the same servers answer."""
        self._cell, self.step = cell, 0

    def look(self, step: int) -> None:
        """Record the launches that have ended and the tracebacks that were logged since the last check."""
        self.step = step
        for launch in self._cell.launches:
            if launch.process is not None and launch.process.exit is not None:
                self._ended.setdefault(launch.number, step)
        for server in list(self._cell.servers.values()):
            self._tracebacks.look(step, server.name, server.log)

    def ends(self) -> list[Json]:
        """Each launch: its exit, the step after which it had ended, and the signals sent to it."""
        return [
            {
                "launch": launch.number,
                "server": launch.server,
                "pid": launch.process.pid,
                "exit": launch.process.exit,
                "step": self._ended.get(launch.number, 0),
                "signals": list(launch.process.signals),
            }
            for launch in self._cell.launches
            if launch.process is not None
        ]

    def tracebacks(self) -> list[Json]:
        """Each logged traceback."""
        return self._tracebacks.found()

    def logs(self) -> list[Json]:
        """Problems with logs that did not just grow."""
        return self._tracebacks.problems
