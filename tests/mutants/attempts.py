"""Each mutant on each Python: the scenarios that can notice it are played until one does.

The likeliest are played against it alone. What then still lives is put into one copy of the server together with a few
others, from other functions, for the rest of the scenarios: most of them are never noticed, and a scenario that is green
with all of them is green with each. Where one is red, it is played against each alone.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .generate import Mutant
from .ground import STOP_SECONDS, cell_of
from .pool import Job, Pool
from .reach import Ground, Reach
from .source import Source

KILLED, SURVIVED, NOT_REACHED, ELSEWHERE, BROKE = "killed", "survived", "not reached", "elsewhere", "error"
PENDING = "pending"  # it is being tried
LEAST_SECONDS = 4.0  # a step of a mutant has at least so long, on a machine that has other things to do
LONGER = 5.0  # times as long as the step took without a mutant
ALONE = 15  # scenarios that are played against one mutant alone
TOGETHER = 10  # mutants in one copy


@dataclass
class Attempt:
    """What became of a mutant on one Python: ``by`` is the scenario that noticed it, ``tried`` how many were played."""

    outcome: str
    by: str = ""
    step: int = 0
    key: str = ""
    reason: str = ""
    tried: int = 0
    reach: int = 0
    seconds: float = 0.0


Told = Callable[[Mutant, dict[str, Attempt]], None]


class Attempts:
    """Plays mutants in a pool, on each of ``grounds``' Pythons in their order."""

    def __init__(self, sources: dict[str, Source], grounds: dict[str, Ground], everything: bool = False) -> None:
        self.sources = sources
        self.grounds = grounds
        self.reach = {python: Reach(sources, ground) for python, ground in grounds.items()}
        self.everything = everything
        self.found: dict[str, dict[str, Attempt]] = {}
        self.left: dict[tuple[str, str], list[str]] = {}  # (mutant, Python) -> scenarios that are still to be played
        self._queue: deque[Any] = deque()
        self._waiting: dict[str, list[Mutant]] = defaultdict(list)  # of each Python: those that are to be put together
        self._told: Told = lambda mutant, found: None

    def run(self, pool: Pool, mutants: Iterable[Mutant], told: Told) -> None:
        """Try mutants on all Pythons; ``told`` is called for each when it has met them all."""
        self._told = told
        self._queue.extend(Alone(self, mutant, list(self.grounds)) for mutant in mutants)

        def give(task: Any, seen: list[Job], done: Job) -> None:
            task.finish(seen, done)

        pool.run(self._take, give)

    def _take(self) -> tuple[Any, Job] | None:
        while True:
            if not self._queue:
                for python in self._waiting:
                    self._gather(python, 1)
            if not self._queue:
                return None
            task = self._queue.popleft()
            job = task.job()
            if job is not None:
                return task, job

    def soon(self, task: Any) -> None:
        """Do a task before all others."""
        self._queue.appendleft(task)

    def later(self, mutant: Mutant, python: str) -> None:
        """Let a mutant wait for others that it can be put together with."""
        self._waiting[python].append(mutant)
        self._gather(python, TOGETHER)

    def _gather(self, python: str, least: int) -> None:
        """Put together those that wait, if they are enough: of each function one, so that none hides another."""
        chosen: dict[tuple[str, str], Mutant] = {}
        for mutant in self._waiting[python]:
            if len(chosen) < TOGETHER:
                chosen.setdefault((mutant.file, self.reach[python].function_of(mutant)), mutant)
        if len(chosen) >= least:
            self._waiting[python] = [mutant for mutant in self._waiting[python] if mutant not in chosen.values()]
            self.soon(Together(self, python, list(chosen.values())))

    def settle(self, mutant: Mutant, python: str, outcome: str = "", killer: Job | None = None, reason: str = "") -> None:
        """Write down what became of a mutant on a Python, and tell of it when it has met them all."""
        attempt = self.found[mutant.id][python]
        if killer is not None:
            attempt.outcome, attempt.by = KILLED, killer["scenario"]
            attempt.step, attempt.key, attempt.reason = killer["step"], killer["key"], killer["reason"]
        else:
            attempt.outcome, attempt.reason = outcome, reason
        found = self.found[mutant.id]
        if len(found) == len(self.grounds) and all(one.outcome != PENDING for one in found.values()):
            _elsewhere(found)
            self._told(mutant, found)

    def played(self, mutant: Mutant, python: str, names: Iterable[str], killer: str, seconds: float) -> None:
        """Count what was played, and remember which scenario told such a mutant."""
        names = list(names)
        left, attempt = self.left[mutant.id, python], self.found[mutant.id][python]
        self.left[mutant.id, python] = [name for name in left if name not in names]
        attempt.tried += len(set(names) & set(left))
        attempt.seconds = round(attempt.seconds + seconds, 2)
        self.reach[python].learn(mutant, names, killer)

    def cell(self, python: str, name: str) -> Job:
        """A cell with deadlines that follow from what its steps took without a mutant."""
        ground = self.grounds[python]
        steps = {str(step): max(LEAST_SECONDS, LONGER * seconds) for step, seconds in ground.steps.get(name, {}).items()}
        stop = min(STOP_SECONDS, max(LEAST_SECONDS, LONGER * ground.stops.get(name, STOP_SECONDS)))
        return cell_of(name, steps=steps, stop=stop, flaky=name in ground.flaky)

    def job_of(self, python: str, mutants: Iterable[Mutant], names: Iterable[str]) -> Job:
        """Scenarios, until one is red, against a copy with some mutants in it."""
        texts: dict[str, str] = {}
        for mutant in sorted(mutants, key=lambda one: -one.edit.start):  # from the end, so that no edit moves another
            texts[mutant.file] = mutant.apply(texts.get(mutant.file, self.sources[mutant.file].text))
        return {"python": python, "files": texts, "measure": False, "until_red": True,
                "cells": [self.cell(python, name) for name in names]}


class Alone:
    """A mutant by itself: the likeliest scenarios, on one Python after the other."""

    def __init__(self, all_of_them: Attempts, mutant: Mutant, pythons: list[str], hint: str = "") -> None:
        self.attempts, self.mutant, self.pythons, self.hint = all_of_them, mutant, pythons, hint
        self._names: list[str] = []

    def job(self) -> Job | None:
        """What is to be played; None where nothing reaches the mutant, or it was played before."""
        attempts, mutant, python = self.attempts, self.mutant, self.pythons[0]
        known = attempts.found.setdefault(mutant.id, {})
        if python in known:
            self._next(known[python].by)
            attempts.settle(mutant, python, known[python].outcome, _told_again(known[python]), known[python].reason)
            return None
        known[python] = Attempt(PENDING)
        reach = attempts.reach[python]
        reached = reach.of(mutant, attempts.everything)
        if not reached.scenarios and not reached.others:
            self._next("")
            attempts.settle(mutant, python, NOT_REACHED, reason="no scenario reaches it")
            return None
        names = reach.order(mutant, reached)
        if self.hint in names:
            names.remove(self.hint)
            names.insert(0, self.hint)
        known[python].reach = len(names)
        attempts.left[mutant.id, python] = names
        self._names = names[:ALONE]
        return attempts.job_of(python, [mutant], self._names)

    def finish(self, seen: list[Job], done: Job) -> None:
        """What was seen: a kill, or the rest of the scenarios are left for later."""
        attempts, mutant, python = self.attempts, self.mutant, self.pythons[0]
        killer = done["killed"]
        attempts.played(mutant, python, done["tried"], killer["scenario"] if killer else "", done["seconds"])
        self._next(killer["scenario"] if killer else "")
        if "broke" in done:
            attempts.settle(mutant, python, BROKE, reason=done["broke"])
        elif killer is not None:
            attempts.settle(mutant, python, killer=killer)
        elif attempts.left[mutant.id, python]:
            attempts.later(mutant, python)
        else:
            attempts.settle(mutant, python, SURVIVED, reason=_broken(seen))

    def _next(self, hint: str) -> None:
        """What told it on one Python is likely to tell it on the next, which it meets at once."""
        if self.pythons[1:]:
            self.attempts.soon(Alone(self.attempts, self.mutant, self.pythons[1:], hint or self.hint))


class Together:
    """Some mutants in one copy of the server, and the scenarios that are left for any of them."""

    def __init__(self, all_of_them: Attempts, python: str, mutants: list[Mutant]) -> None:
        self.attempts, self.python, self.mutants = all_of_them, python, mutants
        self.probes: list[Probe] = []

    def job(self) -> Job | None:
        """All that is left; None where nothing is, and the rest has survived."""
        names = {name for mutant in self.mutants for name in self.attempts.left[mutant.id, self.python]}
        if not names or not self.mutants:
            for mutant in self.mutants:
                self.attempts.settle(mutant, self.python, SURVIVED)
            return None
        seconds = self.attempts.grounds[self.python].seconds
        return self.attempts.job_of(self.python, self.mutants, sorted(names, key=lambda name: seconds[name]))

    def finish(self, seen: list[Job], done: Job) -> None:
        """All green: they live. One red: it is played against each alone, and then the others go on."""
        killer = done["killed"]
        red = killer["scenario"] if killer else ""
        suspects = [one for one in self.mutants if red in self.attempts.left[one.id, self.python]] or self.mutants
        for mutant in self.mutants:
            self.attempts.played(mutant, self.python, done["tried"], "", done["seconds"] / len(self.mutants))
        if "broke" in done and len(self.mutants) == 1:
            self.attempts.settle(self.mutants[0], self.python, BROKE, reason=done["broke"])
        elif "broke" in done:
            for mutant in self.mutants:
                self.attempts.soon(Together(self.attempts, self.python, [mutant]))
        elif not red:
            self.attempts.soon(self)
        elif len(self.mutants) == 1:
            self.attempts.settle(self.mutants[0], self.python, killer=killer)
        else:
            self.probes = [Probe(self, mutant, red) for mutant in suspects]
            for probe in self.probes:
                self.attempts.soon(probe)

    def probed(self, probe: Probe, killer: Job | None) -> None:
        """One of them was tried alone; when all were, those that live go on."""
        self.probes.remove(probe)
        if killer is not None:
            self.mutants.remove(probe.mutant)
        if not self.probes:
            self.attempts.soon(self)


class Probe:
    """A scenario that was red with several mutants, against one of them alone."""

    def __init__(self, together: Together, mutant: Mutant, name: str) -> None:
        self.together, self.mutant, self.name = together, mutant, name

    def job(self) -> Job:
        """That one cell."""
        return self.together.attempts.job_of(self.together.python, [self.mutant], [self.name])

    def finish(self, seen: list[Job], done: Job) -> None:
        """Red: this is the one that it noticed, or one of them."""
        killer, attempts, python = done["killed"], self.together.attempts, self.together.python
        if killer is not None:
            attempts.played(self.mutant, python, [], self.name, done["seconds"])
            attempts.settle(self.mutant, python, killer=killer)
        self.together.probed(self, killer)


def _told_again(attempt: Attempt) -> Job | None:
    if attempt.outcome != KILLED:
        return None
    return {"scenario": attempt.by, "step": attempt.step, "key": attempt.key, "reason": attempt.reason}


def _broken(seen: list[Job]) -> str:
    errors = [cell for cell in seen if cell["word"] == "error"]
    return f"the harness broke in {errors[0]['scenario']}: {errors[0]['reason']}" if errors else ""


def _elsewhere(found: dict[str, Attempt]) -> None:
    """What one Python never runs, and another does, is no survivor of the one: a branch of ``_compat`` for instance."""
    if any(attempt.outcome != NOT_REACHED for attempt in found.values()):
        for attempt in found.values():
            if attempt.outcome == NOT_REACHED:
                attempt.outcome, attempt.reason = ELSEWHERE, "this Python never runs it"


class Clock:
    """Says how far a run is, and how long it may take, at most every few seconds."""

    def __init__(self, total: int, every: float, say: Callable[[str], None]) -> None:
        self.total, self.every, self.say = total, every, say
        self.done, self._began, self._last = 0, time.monotonic(), time.monotonic()

    def tick(self, survivors: int) -> bool:
        """Count one mutant; whether it was time to say something."""
        self.done += 1
        now = time.monotonic()
        if now - self._last < self.every:
            return False
        self._last = now
        left = (now - self._began) / self.done * (self.total - self.done)
        self.say(f"  {self.done} of {self.total}, {survivors} survive; about {left / 60:.0f} minutes more")
        return True
