"""``python -m harness ports``: list, explain, free. It asks and says through what the command line gives it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from ..deadlines import Deadline
from ..model import Refusal
from . import text
from .free import Ended, end, in_order, refusal
from .look import HolderProcess, Look, look, suspects
from .tries import Try, tries

PROOF_SECONDS = 5.0  # the kernel may need a moment to close what a process had


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's options."""
    parser.description = ("Who holds a port, what will happen to a server that binds there, and how to free it: for "
                          "\"Port 8080 not free\" and \"Address already in use\".")
    parser.epilog = ("Exit codes: 0 free, or freed, or a list; 1 held; 2 bad input. Needs no root, and says what it cannot see "
                     "without. Tested on Linux; on macOS and Windows it uses psutil and has not been tested.")
    parser.add_argument("port", nargs="?", type=int, help="explain this port (default: list all)")
    parser.add_argument("--free", action="store_true",
                        help="end what holds the port: asks first, SIGTERM before SIGKILL, then binds the port as a proof")
    parser.add_argument("--yes", action="store_true", help="with --free: do not ask")
    parser.add_argument("--all", action="store_true", help="list conversations (ESTABLISHED), too")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace, say: Callable[[str], None], ask: Callable[[str], bool]) -> int:
    """Do what was asked; return the exit code. Raises Refusal for bad input."""
    if options.port is None:
        if options.free:
            raise Refusal("--free needs a port: python -m harness ports --free 8080")
        looked = look()
        say(json.dumps(text.as_json(None, looked, (), [])) if options.json else text.listing(looked, options.all))
        return 0
    if not 0 < options.port < 65536:
        raise Refusal(f"{options.port}: a port is a number from 1 to 65535")
    looked, tried, maybe = _see(options.port)
    if options.free:
        return _free(options, looked, tried, maybe, say, ask)
    say(_shown(options, looked, tried, maybe))
    return 0 if text.is_free(tried) else 1


def _see(port: int) -> tuple[Look, tuple[Try, ...], list[HolderProcess]]:
    looked, tried = look(), tries(port)
    here = looked.at(port)
    return here, tried, [] if text.is_free(tried) or here.holders else suspects(looked)


def _shown(options: argparse.Namespace, looked: Look, tried: tuple[Try, ...], maybe: list[HolderProcess]) -> str:
    if options.json:
        return json.dumps(text.as_json(options.port, looked, tried, maybe))
    return text.explanation(options.port, looked, tried, maybe)


def _free(
    options: argparse.Namespace, looked: Look, tried: tuple[Try, ...], maybe: list[HolderProcess],
    say: Callable[[str], None], ask: Callable[[str], bool],
) -> int:
    port = options.port
    if text.is_free(tried):
        say(_shown(options, looked, tried, maybe) if options.json else f"port {port} is free: nothing to end")
        return 0
    if not options.json:
        say(text.explanation(port, looked, tried, maybe))
    tcp = {pid for sock in looked.sockets if sock.protocol.startswith("tcp") for pid in sock.pids}
    holders = in_order(holder for holder in looked.holders.values() if holder.pid in tcp)
    reasons = [reason for holder in holders if (reason := refusal(holder))]
    if reasons or not holders:
        raise Refusal("not ended: " + ("; ".join(reasons) or "no process that can be seen holds it") +
                      ". Nothing was done.")
    if not options.yes and not ask(f"End {', '.join(f'pid {holder.pid} ({holder.name})' for holder in holders)}? [y/N] "):
        say("nothing was done")
        return 1
    ended = [end(holder) for holder in holders]
    Deadline(PROOF_SECONDS).wait(lambda: text.is_free(tries(port)), 0.1)
    looked, tried, maybe = _see(port)
    if options.json:
        say(json.dumps({**text.as_json(port, looked, tried, maybe), "ended": [_ended(one) for one in ended]}))
    else:
        for one in ended:
            say(f"pid {one.pid}: {one.how}, after {one.seconds:g} s")
        say(f"port {port} was bound as a proof: it is free" if text.is_free(tried) else
            text.explanation(port, looked, tried, maybe))
    return 0 if text.is_free(tried) else 1


def _ended(one: Ended) -> dict[str, object]:
    return {"pid": one.pid, "how": one.how, "seconds": one.seconds}
