"""What must hold between the steps of a scenario: ids are unique, and everything that was begun is judged."""

from __future__ import annotations

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .scenario import Mistakes, Step
from .volley_checks import check_volleys

#: Acts that check a server after it was started in the background: one of them must report what became of it.
LOOKS = ("wait", "stop", "kill", "signal", "processes", "sample", "touch", "request", "volley")

#: Acts that a server answers, and the default server of a step.
ANSWERED, MAIN = ("request", "raw", "volley"), "main"


def check_order(steps: list[Step], written: list[int], mistakes: Mistakes) -> None:
    """Add what is wrong between steps; ``written`` maps unrolled steps to the written ones."""
    _check_ids(steps, written, mistakes)
    _check_servers(steps, mistakes)
    _check_background_requests(steps, mistakes)
    _check_background_starts(steps, mistakes)
    _check_growth(steps, mistakes)
    check_volleys(steps, mistakes)


def _check_ids(steps: list[Step], written: list[int], mistakes: Mistakes) -> None:
    """Check that an id names one written step; the turns of a repeat share theirs."""
    owner: dict[str, int] = {}
    for step, place in zip(steps, written, strict=True):
        if step.id and owner.setdefault(step.id, place) != place:
            mistakes.add(_where(step, "id"), f"{shown(step.id)} is already the id of an earlier step: ids must be unique")


def _check_servers(steps: list[Step], mistakes: Mistakes) -> None:
    """Check that each server a step names, or that answers it, is started somewhere in the file, before or after it."""
    starts = [step for step in steps if step.act in ("start", "sweep")]
    started = {step.server for step in starts}
    channels = {step.args.get("channel", 1) for step in starts}
    for step in steps:
        if step.server in started or (step.server == MAIN and step.act not in ANSWERED):
            continue
        if step.server == MAIN and step.args.get("channel") in channels:
            continue
        mistakes.add(
            _where(step, "server"), f'{unknown("server", step.server, started)} Only a step with act = "start" starts one.'
        )


def _check_background_requests(steps: list[Step], mistakes: Mistakes) -> None:
    """Check that each background request has an id, and exactly one later step that waits for its answer."""
    pending: dict[str, Step] = {}
    for step in steps:
        if step.act == "request" and step.args.get("background"):
            if not step.id:
                mistakes.add(
                    _where(step, "id"),
                    'a background request needs an id, so that a later step can wait for it: act = "wait", response = "…"',
                )
            elif step.id in pending:
                mistakes.add(
                    _where(step, "id"),
                    f"no step has waited for the answer to {shown(step.id)} from step "
                    f"{pending[step.id].number}, and it would be lost: add a wait before this one",
                )
            else:
                pending[step.id] = step
            judged = sorted({*step.expect, *(key for case in step.cases for key in case.expect), *step.save, *step.observe})
            if judged:
                mistakes.add(
                    _where(step, "expect"),
                    f"a background request has no answer yet; the step that waits for it can judge {', '.join(judged)}",
                )
        elif step.act == "wait" and "response" in step.args and pending.pop(step.args["response"], None) is None:
            mistakes.add(_where(step, "response"), unknown("background request", step.args["response"], pending))
    for step in pending.values():
        mistakes.add(
            _where(step, "background"),
            f"no step waits for the answer to {shown(step.id)}, so it is never judged: add "
            f'a step with act = "wait", response = "{step.id[:40]}"',
        )


def _check_background_starts(steps: list[Step], mistakes: Mistakes) -> None:
    """Check that a later step checks each server that is started in the background."""
    for step in steps:
        if (
            step.act == "start"
            and step.args.get("background")
            and not any(later.number > step.number and later.server == step.server and later.act in LOOKS for later in steps)
        ):
            mistakes.add(
                _where(step, "background"),
                f"no later step checks the server {shown(step.server)}, so whether it "
                'starts is never judged: add, for example, act = "wait", ready = true',
            )


def _check_growth(steps: list[Step], mistakes: Mistakes) -> None:
    """Check that a growth step has earlier samples to judge, and that its bound on memory is for one implementation."""
    for step in steps:
        if step.act != "growth":
            continue
        if not any(other.act == "sample" and other.id == step.args["of"] and other.number < step.number for other in steps):
            mistakes.add(_where(step, "of"), f"no earlier sample has the id {shown(step.args['of'])}")
        if "rss_kib" in step.expect or any(
            "rss_kib" in case.expect and not _one_implementation(case.where) for case in step.cases
        ):
            mistakes.add(
                _where(step, "rss_kib"),
                "memory growth depends on the garbage collector, and differs between PyPy and CPython: "
                'set the bound in a [[step.case]] with an implementation ("cpython") in its where',
            )


def _one_implementation(where: Json) -> bool:
    return "implementation" in where


def _where(step: Step, key: str) -> str:
    return f"step {step.number} ({step.act}): {key}"
