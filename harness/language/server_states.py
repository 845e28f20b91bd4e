"""What earlier steps have left running: a step that asks a server that has ended, or counts on a process that is gone.

Only what is sure is refused. Workers may answer for a while after their server, and so may a process that a later step ends
by its pid, or that the scenario leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..model.suggestions import shown
from ..model.values import Json
from .needs_an_answer import needs_an_answer
from .request_pieces import pieces
from .scenario import Mistakes, Step

Said = Iterator[tuple[str, str]]  # the key, and what is wrong with it

#: Capabilities of servers whose workers outlive them.
_WITH_WORKERS = ("changes-workers", "fork-workers", "reloads-on-hup", "replaces-workers", "upgrades-on-usr2")
_OF_PROCESSES = (("sockets", "listeners"), ("processes", "running"), ("processes", "roles"))


@dataclass(slots=True)
class _Now:
    """What is there before a step."""

    channels: dict[str, int] = field(default_factory=dict)  # of each server that was started
    ended: dict[str, Step] = field(default_factory=dict)  # by which step
    held: set[int] = field(default_factory=set)  # channels that the harness holds
    kept: set[str] = field(default_factory=set)  # connections
    secured: set[str] = field(default_factory=set)  # those of them that speak TLS, where the scenario does
    unanswered: set[str] = field(default_factory=set)  # ids of requests in the background that no server was there for

    def channel(self, step: Step) -> int:
        """The channel that a step asks."""
        own = 1 if step.act == "raw" else self.channels.get(step.server, 1)
        return int(step.args.get("channel", own))

    def serves(self, channel: int) -> bool:
        """Whether a server may answer on a channel: its own, or one that no start names, since a server can have several."""
        mine = [own for name, own in self.channels.items() if name not in self.ended]
        return channel in mine or (bool(mine) and channel not in self.channels.values())


def _of_a_session(step: Step, now: _Now, tls: bool) -> Said:
    """The end of a TLS session, of which there has to be one: raw bytes on a connection of their own are sent without TLS.

    Python cannot end its own half of a session and read on: SSLSocket.shutdown() takes what comes then for plain text.
    """
    secured = tls and step.args.get("keep") in now.secured
    if step.act == "raw" and secured and any(piece.what == "end" for piece in pieces(step.args["send"])):
        yield (
            "send",
            "one half of a TLS session cannot be closed: leave out { end = true }, or use a new connection, which has no TLS",
        )
    places = (step.expect, *(case.expect for case in step.cases), *step.either, step.observe.values())
    if step.act != "raw" or not any("closure_alert" in place for place in places):
        return
    if not tls:
        yield "closure_alert", "only a TLS session has one: the scenario needs tls = true"
    elif not secured:
        yield "closure_alert", "a new connection of `raw` has no TLS session: use one that an earlier `request` has kept"
    elif step.args.get("until") != "close":
        yield "closure_alert", 'only a connection that is read to its end has one: until = "close"'


def check_states(steps: list[Step], data: Json, mistakes: Mistakes) -> None:
    """Add each step for which what it needs is surely not there; ``data`` is the scenario's table."""
    now = _Now()
    others = bool(data.get("leaves")) or any(word in _WITH_WORKERS for word in data.get("needs", ()))
    handed = str(data.get("channel")).startswith("handed-over")
    for place, step in enumerate(steps):
        alone = not others and not handed and not any({"pid", "gone"} & later.args.keys() for later in steps[place:])
        for key, problem in (
            *(_of_answers(step, now, steps) if alone else ()),
            *_of_silence(step, now),
            *_of_a_process(step, now),
            *_of_holders(step, now),
            *_of_a_session(step, now, bool(data.get("tls"))),
        ):
            mistakes.add(f"step {step.number} ({step.act}): {key}", problem)
        _take(step, now)


def _take(step: Step, now: _Now) -> None:
    """What a step changes."""
    args, channel = step.args, now.channel(step)
    if step.act in ("start", "sweep"):
        now.channels[step.server] = args.get("channel", 1)
        now.ended.pop(step.server, None)
    by_itself = step.act == "start" and (step.expect.get("ready") is False or "exit" in step.expect)
    if by_itself or step.act in ("stop", "kill", "sweep") or (step.act == "wait" and "exit" in args):
        now.ended[step.server] = step
    elif step.act == "hold":
        now.held.add(args.get("channel", 1))
    elif step.act == "release":
        now.held.discard(args.get("channel", 1))
    elif step.act in ("request", "raw") and "keep" in args:
        if step.act == "request" and args["keep"] not in now.kept:
            now.secured.add(args["keep"])
        now.kept.add(args["keep"])
    elif step.act == "request" and args.get("background") and not now.serves(channel):
        now.unanswered.add(step.id)


def _expectations(step: Step) -> Iterator[tuple[str, list[Json]]]:
    """Each expectation of a step and its place, with its alternatives, of which one has to hold."""
    either = [{**step.expect, **one} for one in step.either] or [step.expect]
    yield "expect" if not step.either else "either", either
    for number, case in enumerate(step.cases, 1):
        yield f"case {number}: expect", [{**one, **case.expect} for one in either]


def _of_answers(step: Step, now: _Now, steps: list[Step]) -> Said:
    """An answer that nobody can give."""
    late = step.act == "wait" and step.args.get("response") in now.unanswered
    if not late and (step.act not in ("request", "raw", "volley") or step.args.get("background")):
        return
    if not late and now.serves(now.channel(step)):
        return
    if step.act == "raw" and step.args.get("keep") in now.kept:
        return  # it may read what came before the end
    for place, alternatives in _expectations(step):
        keys = [needs_an_answer(step.act, one) for one in alternatives]
        if all(keys):
            yield f"{place}: {keys[0]}" if place != "either" else place, _nobody(step, now, steps, late)


def _nobody(step: Step, now: _Now, steps: list[Step], late: bool) -> str:
    ended = next((f"{shown(name)} has ended in step {by.number} ({by.act})" for name, by in reversed(now.ended.items())), "")
    first = next((later for later in steps if later.number > step.number and later.act == "start"), None)
    begun = f"{shown(first.server)} is started only in step {first.number}" if first else "no step before it starts one"
    asked = "when it was asked, no server could answer" if late else "no server can answer"
    refused = "refused = …" if step.act == "volley" else 'error = "ConnectionRefusedError"'
    return f"{asked}: {ended or begun}. Start it first, or expect {refused}"


def _of_silence(step: Step, now: _Now) -> Said:
    """Raw bytes that are none: only a connection on which something was asked before brings an answer."""
    if step.act != "raw" or step.args.get("keep") in now.kept:
        return
    found = [piece.what for piece in pieces(step.args["send"])]
    if {"send", "end"} & set(found):
        return
    until = step.args.get("until", "response")
    if until not in ("close", "nothing") or "await" in found:
        yield (
            "send",
            "nothing is sent on a new connection, so nothing is asked: send a request, or use "
            'until = "close" (the server is to close it) or "nothing" (it only connects)',
        )


def _of_a_process(step: Step, now: _Now) -> Said:
    """A process that has ended already."""
    for act, key in _OF_PROCESSES:
        for place, (expect, *_) in _expectations(step) if step.act == act and not step.either else ():
            for name in expect.get(key, ()):
                if by := now.ended.get(name):
                    yield f"{place}: {key}", f"{shown(name)} has ended in step {by.number} ({by.act}), and is none of them"
    by = now.ended.get(step.server)
    idle = step.act == "wait" and "idle" in step.args
    if by is None or not (idle or step.act in ("stop", "kill", "sample", "signal")) or "pid" in step.args:
        return
    if step.act == "signal" and not all(one.get("sent", True) for _, found in _expectations(step) for one in found):
        return
    yield "server", f"{shown(step.server)} has ended in step {by.number} ({by.act}): start it again first, or omit this step"


def _of_holders(step: Step, now: _Now) -> Said:
    """A port that is held twice, or released without being held."""
    if step.act not in ("hold", "release"):
        return
    channel = step.args.get("channel", 1)
    if step.act == "release" and channel not in now.held:
        yield "channel", f"nothing holds channel {channel}: only what a hold took can be released; add a hold before it"
    if step.act == "hold" and channel in now.held:
        yield "channel", f"the harness holds channel {channel} already: add a release between the two"
