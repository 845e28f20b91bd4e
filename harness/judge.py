"""From a history to its verdicts: pure, so that a stored history can be judged again."""

from __future__ import annotations

from typing import Any

from .language import PLACEHOLDER, VERBS
from .matching import Unmatchable, match_text, matches
from .model import SEVERITY, CellResult, Failure, History, Json, Observation, Verdict
from .scenario import Known, Scenario, Step

MAX_SHOWN = 4096  # characters of an expected or observed value; [[known]] entries are matched against them
MAX_REASON = 300


class JudgeError(Exception):
    """The judge cannot say: the cell is an ``error``, never a pass."""


def judge(
    scenario: Scenario, history: History, patterns: dict[str, str], exits: dict[str, tuple[int, ...]],
) -> CellResult:
    """Return a cell's result; ``scenario`` is resolved for its target.

    ``patterns`` and ``exits`` are those that the subject names; exits["stop"] are the exit codes with which it
    may end when it is stopped at the end of the cell.
    """
    try:
        if history.error:
            raise JudgeError(history.error)
        behaviour = _verdict("behaviour", _behaviour(scenario, history, patterns, exits), scenario)
        cleanup = _verdict("cleanup", _cleanup(history, exits["stop"]), scenario)
        if history.coverage == "broken":
            raise JudgeError(history.coverage_note)
    except (JudgeError, Unmatchable) as error:
        return CellResult(history.cell, "error", str(error), seconds=history.seconds, coverage=history.coverage,
                          grade=scenario.grade)
    worse = max((behaviour, cleanup), key=lambda verdict: SEVERITY.index(verdict.outcome))
    return CellResult(history.cell, "ran", worse.reason, behaviour, cleanup, history.seconds, history.coverage,
                      grade=scenario.grade)


def fill(value: Any, values: dict[str, str], patterns: dict[str, str], literal: bool = False) -> Any:
    """Replace @names by the subject's patterns and {names} by their values, escaped inside a pattern.

    Raises JudgeError for a pattern that the subject does not spell.
    """
    if isinstance(value, list):
        return [fill(item, values, patterns, literal) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, values, patterns, literal) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    if value.startswith("@") and not literal:
        if value[1:] not in patterns:
            raise JudgeError(f"the subject spells no pattern {value}; add it to [patterns] of its subject.toml")
        value = patterns[value[1:]]
    escape = value.startswith("/") and value.endswith("/") and not literal

    def put(match: Any) -> str:
        text = values.get(match[1], match[0])
        return "".join("\\" + c if c in ".^$*+?{}[]\\|()/-" else c for c in text) if escape else text

    return PLACEHOLDER.sub(put, value)


def _behaviour(
    scenario: Scenario, history: History, patterns: dict[str, str], exits: dict[str, tuple[int, ...]],
) -> list[Failure]:
    failures: list[Failure] = []
    by_step = {observation.step: observation for observation in history.observations}
    for step in scenario.steps:
        observation = by_step.get(step.number)
        if observation is None:
            if not failures:
                raise JudgeError(f"step {step.number} ({step.act}) was not done, and nothing before it failed")
            break
        failures.extend(_step(step, observation, history, patterns, exits))
    return failures


def _step(
    step: Step, observation: Observation, history: History, patterns: dict[str, str], exits: dict[str, tuple[int, ...]],
) -> list[Failure]:
    if observation.timeout:
        doing = observation.seen.get("waiting_for", step.act)
        return [Failure(step.number, step.act, f"{doing} within {step.within:g} s", observation.unable or "it did not happen",
                        "timeout")]
    if observation.unable:
        return [Failure(step.number, step.act, "the step can be done", observation.unable)]
    kinds = VERBS[step.act].expects
    found = []
    for key, wanted in step.expect.items():
        expected = _exits(wanted, exits) if kinds[key] == "exit" else fill(wanted, history.values, patterns)
        seen = observation.seen.get(key if key != "log_absent" else "log")
        if not matches(kinds[key], expected, seen):
            found.append(Failure(step.number, key, _show(expected), _show(seen)))
    for name, source in step.save.items():
        if name not in history.values:
            found.append(Failure(step.number, f"save {name}", f"a value at {source}", "there is none"))
    return found


def _exits(wanted: Any, exits: dict[str, tuple[int, ...]]) -> Any:
    """Replace "@name" by the exit codes that the subject has for it."""
    if not isinstance(wanted, str) or not wanted.startswith("@"):
        return wanted
    if wanted[1:] not in exits:
        raise JudgeError(f"the subject names no exit codes {wanted}; add them to [exits] of its subject.toml")
    return list(exits[wanted[1:]])


def _cleanup(history: History, exits: tuple[int, ...]) -> list[Failure]:
    after: Json = history.cleanup
    if not after:
        raise JudgeError("the cell has no cleanup record")
    failures = []
    for stop in after["stopped"]:
        if stop["forced"]:
            failures.append(Failure(0, "stop", f"server {stop['server']!r} ends on SIGTERM",
                                    f"still running after {stop['seconds']:.1f} s; ended by SIGKILL"))
        elif stop["exit"] not in exits:
            failures.append(Failure(0, "exit", f"server {stop['server']!r} ends with {_show(list(exits))}", str(stop["exit"])))
    if after["processes"]:
        failures.append(Failure(0, "processes", "no process is left", _show(after["processes"])))
    if after["sockets"]:
        failures.append(Failure(0, "sockets", "no socket is left", _show(after["sockets"])))
    for channel, state in after["bind"].items():
        if state == "held":
            failures.append(Failure(0, "bind", f"port {channel} can be bound again", "held, holder not visible"
                                    if not after["sockets"] else "held"))
    return failures


def _verdict(name: str, failures: list[Failure], scenario: Scenario) -> Verdict:
    """Weigh failures against the known ones: exactly those, or it is a fail."""
    entries = [known for known in scenario.known if known.verdict == name]
    if not failures:
        if entries:
            return Verdict("fixed", f"known failure no longer seen: {entries[0].why}; remove the [[known]] entry")
        return Verdict("pass")
    surprising = [f for f in failures if not any(is_known(known, f) for known in entries)]
    unseen = [known for known in entries if not any(is_known(known, f) for f in failures)]
    if not surprising and not unseen:
        return Verdict("known", "; ".join(dict.fromkeys(known.why for known in entries)), tuple(failures))
    first = (surprising or failures)[0]
    outcome = "timeout" if all(f.kind == "timeout" for f in surprising or failures) else "fail"
    return Verdict(outcome, spelled(first), tuple(failures))


def spelled(failure: Failure) -> str:
    """A failure in one sentence."""
    where = f"step {failure.step}: " if failure.step else ""
    return f"{where}{failure.key}: expected {failure.expected[:MAX_REASON]}, observed {failure.observed[:MAX_REASON]}"


def is_known(known: Known, failure: Failure) -> bool:
    """Whether an entry names a failure."""
    return (known.step, known.key) == (failure.step, failure.key) and match_text(known.observed, failure.observed)


def _show(value: Any) -> str:
    """A value as a person reads it, cut where it is long."""
    text = value if isinstance(value, str) else "nothing" if value is None else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"
