"""Plays rows against a server that is up: the slow ones all at once, the others a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from .model import Row
from .player import Address, Fault, Played, judge, play

QUICK_THREADS = 3
SLOW_THREADS = 40  # those wait for the server's deadlines

Result = tuple[Row, Played | None, list[Fault]]


def source(number: int) -> str:
    """A loopback address of a row's own: the handlers tell rows apart by it."""
    return f"127.{200 + number // 60000}.{number // 240 % 250}.{1 + number % 240}"


def one(row: Row, address: Address, number: int) -> Result:
    """Play and judge a row; a server that cannot be reached is a fault, too."""
    try:
        played = play(row, address, source(number))
    except OSError as error:
        return row, None, [Fault("must", f"the server is not there: {error}")]
    return row, played, judge(row, played)


def run(rows: Iterable[Row], address: Address) -> Iterator[Result]:
    """Play rows; those that fill the server with connections come last, one by one."""
    numbered = list(enumerate(rows))
    with ThreadPoolExecutor(SLOW_THREADS) as slow, ThreadPoolExecutor(QUICK_THREADS) as quick:
        waiting = [(slow if row.slow else quick).submit(one, row, address, number) for number, row in numbered if not row.crowd]
        for future in waiting:
            yield future.result()
    for number, row in numbered:
        if row.crowd:
            yield one(row, address, number)
