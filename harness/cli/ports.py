"""``server-matrix ports``: list, explain, free. It asks and says through what the command line gives it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..machine.deadlines import Deadline
from ..model.refusal import Refusal
from ..ports import address, output
from ..ports.address import Asked
from ..ports.as_json import as_json
from ..ports.bind_trials import attempt, tries
from ..ports.channels import HolderProcess, look, suspects
from ..ports.diagnosis import Finding
from ..ports.free import Ended, end, in_order, refusal
from .options import some_text

PROOF_SECONDS = 5.0  # the kernel may need a moment to close what a process had

DESCRIPTION = """\
Who holds a port, what will happen to a server that binds there, and how to free it: for "Port 8080 not free" and
"Address already in use".

  ports                  list what listens, what is bound, and what lingers
  ports 8080             explain 127.0.0.1:8080, where CherryPy and the bundled server listen by default
  ports HOST:PORT        explain that address: 127.5.5.5:8080, localhost:8080, [::1]:8080, 0.0.0.0:8080 (all IPv4 addresses),
                         [::]:8080 (all IPv6 addresses)
  ports ADDRESS --free   end what holds that address, and nothing else

The verdict is about the address that was asked for. A server on 127.0.0.1 starts beside one on 127.5.5.5 or on [::1]. A
server on all addresses (0.0.0.0) does not start beside one on 127.5.5.5: where that is so, it is said beside the verdict."""

EPILOG = """\
--free ends only processes that listen on the address, or have bound it. A process that merely has a connection may be a
client, and is never ended; nor are pid 1, this command and its ancestors, and other users' processes.

Exit codes: 0 free, or freed, or a list; 1 held, or not yours to bind; 2 bad input, or --free refused: nothing was done.
Needs no root, and says what it cannot see without. Tested on Linux; on macOS and Windows it uses psutil and has not been
tested."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument(
        "address",
        type=some_text,
        nargs="?",
        metavar="[HOST:]PORT",
        help=f"explain this address (HOST is {address.DEFAULT} unless you give it; default: list all ports)",
    )
    parser.add_argument(
        "--free",
        action="store_true",
        help="end what holds the address: asks first, SIGTERM before SIGKILL, then binds it as a proof",
    )
    parser.add_argument("--yes", action="store_true", help="with --free: do not ask")
    parser.add_argument("--all", action="store_true", help="list conversations (ESTABLISHED), too")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace, say: Callable[[str], None], ask: Callable[[str], bool]) -> int:
    """Do what was asked; return the exit code. Raises Refusal for bad input."""
    if options.yes and not options.free:
        raise Refusal("--yes answers the question of --free, which was not given: server-matrix ports 8080 --free --yes")
    if options.all and options.address is not None:
        raise Refusal(f"--all is for the list of all ports, and {options.address} is one: leave out one of them")
    if options.address is None:
        if options.free:
            raise Refusal("--free needs a port: server-matrix ports 8080 --free")
        looked = look()
        say(json.dumps(as_json(looked)) if options.json else output.listing(looked, options.all))
        return 0
    asked = address.read(options.address)
    if not _has(asked):
        raise Refusal(
            f"{options.address}: this machine does not have the address {' or '.join(asked.hosts)}; ask about one "
            f"that it has, such as {address.DEFAULT}, ::1 or 0.0.0.0"
        )
    found = see(asked)
    if options.free:
        return _free(options, found, say, ask)
    say(_shown(options, found))
    return 0 if found.free else 1


def see(asked: Asked) -> Finding:
    """Look at an address now, and try it."""
    looked, tried = look(asked.port), tries((*asked.hosts, *asked.wider), asked.port)
    found = Finding(asked, looked.at(asked.port), tried)
    if found.free or found.denied or found.holding:
        return found
    return replace(found, suspects=tuple(suspects(looked)))


def _has(asked: Asked) -> bool:
    """Whether this machine has one of the addresses; port 0 is whichever is free."""
    return any(attempt(host, 0, True) is not None for host in asked.hosts)


def _is_free(asked: Asked) -> bool:
    """Whether the address can be bound now."""
    tried = [one for host in asked.hosts if (one := attempt(host, asked.port, True)) is not None]
    return bool(tried) and all(one.free for one in tried)


def _shown(options: argparse.Namespace, found: Finding) -> str:
    return json.dumps(as_json(found.looked, found)) if options.json else output.explanation(found)


def _free(options: argparse.Namespace, found: Finding, say: Callable[[str], None], ask: Callable[[str], bool]) -> int:
    if found.free:
        say(
            _shown(options, found)
            if options.json
            else "\n".join([f"{output.headline(found)}: nothing to end", *output.beside(found)])
        )
        return 0
    if not options.json:
        say(output.explanation(found))
    holders = _holders(found)
    reasons = [reason for holder in holders if (reason := refusal(holder))]
    reasons += [
        f"{row.local} is held by a process of {row.user or 'another user'} that cannot be seen"
        for row in found.holding
        if not row.pids
    ]
    if reasons or not holders:
        raise Refusal("not ended: " + ("; ".join(reasons) or _nobody(found)) + ". Nothing was done.")
    if not options.yes and not ask(f"End {', '.join(f'pid {holder.pid} ({holder.name})' for holder in holders)}? [y/N] "):
        say("nothing was done")
        return 1
    ended = _end(found.asked, holders)
    Deadline(PROOF_SECONDS).wait(lambda: _is_free(found.asked), 0.1)
    found = see(found.asked)
    if options.json:
        say(json.dumps({**as_json(found.looked, found), "ended": [_ended(one) for one in ended]}))
    else:
        for one in ended:
            say(f"pid {one.pid}: {one.how}, after {one.seconds:g} s")
        say(
            "\n".join(
                [f"port {found.asked.port} was bound on {found.asked.where} as a proof: it is free", *output.beside(found)]
            )
            if found.free
            else output.explanation(found)
        )
    return 0 if found.free else 1


def _holders(found: Finding) -> list[HolderProcess]:
    """Whom to end: first those that listen, then those that have only bound it; each time parents first."""
    listen = found.processes([row for row in found.holding if row.state == "LISTEN"])
    bound = [one for one in found.processes(found.holding) if one not in listen]
    return [*in_order(listen), *in_order(bound)]


def _end(asked: Asked, holders: Sequence[HolderProcess]) -> list[Ended]:
    """End one after the other, as long as the address cannot be bound and the next one still holds it.

    Time may have passed since the question: a process that has let go of the address is left alone.
    """
    ended = []
    for holder in holders:
        if _is_free(asked):
            break
        if (holder.pid, holder.created) in {(one.pid, one.created) for one in _holders(see(asked))}:
            ended.append(end(holder))
    return ended


def _nobody(found: Finding) -> str:
    """Why there is no process to end."""
    if found.denied:
        return f"nothing that can be seen holds it; you may not bind it ({found.denied})"
    talkers = found.processes(found.connections)
    if talkers:
        who = ", ".join(f"pid {one.pid} ({one.name})" for one in talkers)
        return f"what is in the way is a connection of {who}, which may be a client, and ends when it closes it"
    if found.over or found.connections:
        return "what is in the way are connections that no process has any more; they pass by themselves"
    return "no process that can be seen holds it"


def _ended(one: Ended) -> dict[str, object]:
    return {"pid": one.pid, "how": one.how, "seconds": one.seconds}
