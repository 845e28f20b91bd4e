"""``python -m tests.wire --subject enginebus --python 3.13``: how a server takes the rows of the wire table."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from . import servers
from .model import LEVELS, Row
from .player import Fault, Played
from .run import Result, run
from .table import apply


def worst(faults: list[Fault]) -> str:
    """The gravest level of some faults."""
    return min((fault.level for fault in faults), key=LEVELS.index)


def show(row: Row, played: Played | None, faults: list[Fault]) -> str:
    """A row that went wrong: what was sent, what was allowed, what came."""
    lines = [f"{worst(faults):6} {row.id}  ({row.source})", f"       sent    {row.sent}"]
    lines += [f"       allowed {outcome}" for outcome in row.allow]
    lines += [f"       got     {str(played)[:600] if played else 'nothing'}"]
    return "\n".join(lines + [f"       {fault.level}: {fault.text[:600]}" for fault in faults])


def report(results: list[Result], brief: bool) -> Counter[str]:
    """Print the rows that went wrong, and each rule for all answers once; return how many of each level."""
    counts: Counter[str] = Counter()
    rules: dict[tuple[str, str], list[str]] = {}
    for row, played, faults in results:
        own = [fault for fault in faults if not fault.rule]
        for fault in faults:
            if fault.rule:
                rules.setdefault((fault.level, fault.rule), []).append(row.id)
        if own:
            counts[worst(own)] += 1
            print(f"{worst(own):6} {row.id}" if brief else show(row, played, own))
    for (level, rule), where in rules.items():
        counts[level] += 1
        print(f"{level:6} any answer: {rule}: {len(where)} rows, first {', '.join(where[:5])}")
    return counts


def main(words: list[str] | None = None) -> int:
    """Launch, play, print; 1 where a must or should is violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire", description="Play the wire table against a server.")
    parser.add_argument("--subject", choices=sorted(servers.SETTINGS), default="enginebus")
    parser.add_argument("--python", default="3.13", help="which interpreter serves (default 3.13)")
    parser.add_argument("-k", default="", metavar="TEXT", help="only rows whose id holds this text")
    parser.add_argument("--guest", type=Path, default=servers.GUEST, help="the folder that has enginebus (default: this repository's)")
    parser.add_argument("--plain", action="store_true", help="with the server's own settings: deadlines are long, limits are large")
    parser.add_argument("--brief", action="store_true", help="only the counts and the rows' ids")
    parser.add_argument("--list", action="store_true", help="list the rows, and launch nothing")
    options = parser.parse_args(words)
    rows = [row for row in apply(options.subject) if options.k in row.id]
    if options.list:
        for row in rows:
            print(f"{row.id:40} {row.level:6} {row.source:30} {' | '.join(map(str, row.allow))}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server goes when this does
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with servers.serving(options.subject, options.python, log, options.guest, {} if options.plain else None) as address:
            results = list(run(rows, address))
    counts = report(results, options.brief)
    print(f"{options.subject} on {options.python}: {len(rows)} rows; violated: " + ", ".join(f"{counts[level]} {level}" for level in LEVELS))
    return 1 if counts["must"] or counts["should"] else 0


if __name__ == "__main__":
    sys.exit(main())
