"""The data on the wire in one step, with times."""

from __future__ import annotations

from collections.abc import Callable

from ..model.values import Json

MAX_RECORDED = 16 * 1024  # bytes shown for each direction of a step


class Transcript:
    """The bytes of one step in both directions, with times on the cell's clock (seconds)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.entries: list[Json] = []
        self._clock = clock
        self._sizes = {"sent": 0, "received": 0}

    def add(self, direction: str, data: bytes) -> None:
        """Record bytes; beyond MAX_RECORDED, only their number."""
        if not data:
            return
        room = max(0, MAX_RECORDED - self._sizes[direction])
        self._sizes[direction] += len(data)
        last = self.entries[-1] if self.entries else {}
        if not room and last.get("direction") == direction and "cut" in last:  # bytes not shown need no separate entries
            last.update(bytes=last["bytes"] + len(data), cut=last["cut"] + len(data))
            return
        entry: Json = {
            "at": round(self._clock(), 4),
            "direction": direction,
            "bytes": len(data),
            "text": data[:room].decode("latin-1"),
        }
        if len(data) > room:
            entry["cut"] = len(data) - room
        self.entries.append(entry)
