"""Judge a history: pure, so that a stored history can be judged again."""

from __future__ import annotations

from typing import Any

from ..language.dialect import Dialect
from ..language.filling import JudgeError, fill
from ..language.matching import Unmatchable, match_text, matches
from ..language.scenario import LEVELS, Known, Scenario, Step
from ..language.text_matching import CUT, MAX_KEPT
from ..language.verbs import ABOUT, VERBS
from ..model.outcomes import RED, SEVERITY
from ..model.values import CellResult, Failure, History, Json, Observation, Verdict
from .causes import cause, last_words
from .cleanup import judge_cleanup

MAX_SHOWN = 4096  # characters of an expected or observed value; [[known]] entries are matched against them
MAX_REASON = 300
TOO_LONG = f"a text of more than {MAX_KEPT} bytes; the part that was kept does not decide"


def judge(scenario: Scenario, history: History, dialect: Dialect) -> CellResult:
    """Return a cell's result; ``scenario`` is resolved for its target, and ``dialect`` is its subject's."""
    try:
        if history.error:
            raise JudgeError(history.error)
        behaviour = _verdict("behaviour", _behaviour(scenario, history, dialect), scenario)
        if behaviour.outcome == "pass" and scenario.grade == "record":
            behaviour = Verdict("recorded")
        if not history.cleanup:
            raise JudgeError("the cell has no cleanup record")
        if not {"ends", "tracebacks"} <= history.cleanup.keys():
            raise JudgeError("the history does not record how its servers ended: it was written by an older harness")
        cleanup = _verdict("cleanup", judge_cleanup(history, dialect), scenario)
        if history.coverage == "broken":
            raise JudgeError(history.coverage_note)
    except (JudgeError, Unmatchable) as error:
        return CellResult(
            history.cell, "error", str(error), seconds=history.seconds, coverage=history.coverage, grade=scenario.grade
        )
    # A failed step takes precedence: leftovers are often only its consequence.
    worse = max((behaviour, cleanup), key=lambda verdict: SEVERITY.index(verdict.outcome))
    leads = behaviour if behaviour.outcome in ("fail", "timeout") else worse
    return CellResult(
        history.cell,
        "ran",
        leads.reason,
        behaviour,
        cleanup,
        history.seconds,
        history.coverage,
        grade=_grade(scenario, behaviour, cleanup),
    )


def _grade(scenario: Scenario, behaviour: Verdict, cleanup: Verdict) -> str:
    """The strongest level among what failed; what a check leaves behind is a "must", whatever the check is about."""
    levels = {step.number: step.level or scenario.grade for step in scenario.steps}
    found = {levels[failure.step] for failure in behaviour.failures if failure.step in levels}
    if cleanup.outcome in RED:
        found.add("must" if scenario.table else scenario.grade)
    return next((level for level in LEVELS if level in found), scenario.grade)


def _behaviour(scenario: Scenario, history: History, dialect: Dialect) -> list[Failure]:
    failures: list[Failure] = []
    by_step = {observation.step: observation for observation in history.observations}
    for step in scenario.steps:
        observation = by_step.get(step.number)
        if observation is None:
            if not failures:
                raise JudgeError(f"step {step.number} ({step.act}) was not done, and nothing before it failed")
            break
        failures.extend(_step(step, observation, history, dialect))
    return failures


def _step(step: Step, observation: Observation, history: History, dialect: Dialect) -> list[Failure]:
    if observation.timeout:
        doing = observation.seen.get("waiting_for", step.act)
        return [
            Failure(
                step.number,
                step.act,
                f"{doing} within {step.within:g} s",
                observation.unable or "it did not happen",
                "timeout",
                note=_last_words(step, observation.seen),
            )
        ]
    if observation.unable:
        return [Failure(step.number, step.act, "the step can be done", observation.unable)]
    found = _unmet(step, step.expect, observation, history, dialect)
    if step.either and not found:
        found = _neither(step, observation, history, dialect)
    for name, source in step.save.items():
        if name not in history.values:
            found.append(Failure(step.number, f"save {name}", f"a value at {source}", "there is none"))
    return found


def _neither(step: Step, observation: Observation, history: History, dialect: Dialect) -> list[Failure]:
    """A failure if none of the alternatives holds whole: it names them, and what was observed of what they mention."""
    wanted = [{key: value for key, value in one.items() if key != "as"} for one in step.either]
    if not all(_unmet(step, one, observation, history, dialect) for one in wanted):
        return []
    keys = dict.fromkeys(key for one in wanted for key in one)
    values = {**history.values}
    told = [
        (f"{one['as']}: " if "as" in one else "") + _told(fill(expected, values, dialect.patterns))
        for one, expected in zip(step.either, wanted, strict=True)
    ]
    seen = {key: observation.seen.get(ABOUT.get(key, key)) for key in keys}
    shown = _told(seen)
    return [Failure(step.number, "either", "; or ".join(told), shown, note=cause("either", "", None, observation.seen))]


def _told(values: Json) -> str:
    return _show(", ".join(f"{key} {_show(value)}" for key, value in values.items()))


def _unmet(step: Step, expect: Json, observation: Observation, history: History, dialect: Dialect) -> list[Failure]:
    """The expectations that do not hold."""
    kinds = VERBS[step.act].expects
    found = []
    for key, wanted in expect.items():
        expected = _exits(wanted, dialect.exits) if kinds[key] == "exit" else fill(wanted, history.values, dialect.patterns)
        seen = observation.seen.get(ABOUT.get(key, key))
        try:
            holds, shown = matches(kinds[key], expected, seen), _show(seen)
        except Unmatchable:
            if not (isinstance(seen, str) and seen.endswith(CUT)):
                raise
            holds, shown = False, TOO_LONG  # not a pass, and no reason to lose the other expectations
        if not holds:
            found.append(
                Failure(
                    step.number,
                    key,
                    _show(expected),
                    shown,
                    items=_items(expected, seen),
                    note=cause(key, expected, seen, observation.seen),
                )
            )
    return found


def _last_words(step: Step, seen: Json) -> str:
    """The server's last log line, for a start that did not finish."""
    return last_words(seen) if step.act == "start" and "log" in seen else ""


def _items(expected: Any, seen: Any) -> tuple[str, ...]:
    """The differences of two lists: unexpected items, and "no …" for each missing one."""
    if not isinstance(expected, list) or not isinstance(seen, list):
        return ()
    more, less = list(map(str, seen)), []
    for item in map(str, expected):
        if item in more:
            more.remove(item)
        else:
            less.append(f"no {item}")
    return (*more, *less)


def _exits(wanted: Any, exits: dict[str, tuple[int, ...]]) -> Any:
    """Replace "@name" with the subject's exit codes."""
    if not isinstance(wanted, str) or not wanted.startswith("@"):
        return wanted
    if wanted[1:] not in exits:
        raise JudgeError(f"the subject does not define the exit codes {wanted}; add them to [exits] in its subject.toml")
    return list(exits[wanted[1:]])


def _verdict(name: str, failures: list[Failure], scenario: Scenario) -> Verdict:
    """Compare failures with the known ones: any difference is a fail, but for a chance failure that did not occur."""
    entries = [known for known in scenario.known if known.verdict == name]
    seen = [known for known in entries if any(_tells(known, failure) for failure in failures)]
    unseen = [known for known in entries if known not in seen and not known.sometimes]
    if not failures:
        if unseen:
            return Verdict("fixed", f"known failure no longer occurs: {unseen[0].why}; remove the [[known]] entry")
        return Verdict("pass")
    surprising = [f for f in failures if not is_known(entries, f)]
    if not surprising and not unseen:
        return Verdict("known", "; ".join(dict.fromkeys(known.why for known in seen)), tuple(failures))
    first = (surprising or failures)[0]
    outcome = "timeout" if all(f.kind == "timeout" for f in surprising or failures) else "fail"
    return Verdict(outcome, spelled(first), tuple(failures))


def spelled(failure: Failure) -> str:
    """A failure in one sentence."""
    where = f"step {failure.step}: " if failure.step else ""
    return f"{where}{failure.key}: expected {failure.expected[:MAX_REASON]}, observed {failure.observed[:MAX_REASON]}" + (
        f" ({failure.note})" if failure.note else ""
    )


def is_known(entries: list[Known], failure: Failure) -> bool:
    """Whether entries match a failure; for lists, every differing item must match, so that one does not hide another."""
    if any(_at(known, failure) and known.observed == failure.observed for known in entries):
        return True
    return all(
        any(_at(known, failure) and match_text(known.observed, item) for known in entries)
        for item in failure.items or (failure.observed,)
    )


def _tells(known: Known, failure: Failure) -> bool:
    """Whether an entry matches part of a failure."""
    return _at(known, failure) and any(match_text(known.observed, text) for text in (failure.observed, *failure.items))


def _at(known: Known, failure: Failure) -> bool:
    return (known.step, known.key) == (failure.step, failure.key)


def _show(value: Any) -> str:
    """A value as shown to a person, shortened if long."""
    text = value if isinstance(value, str) else "nothing" if value is None else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"
