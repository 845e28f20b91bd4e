"""What must hold between the steps of a scenario: no id means two things, and nothing that was begun is left unjudged."""

from __future__ import annotations

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .scenario import Mistakes, Step

#: Acts that look at a server after it was started in the background: one of them must say what became of it.
LOOKS = ("wait", "stop", "kill", "signal", "processes", "sample", "touch", "request")

#: Acts that a server answers, and the server that a step is about where it names none.
ANSWERED, MAIN = ("request", "raw"), "main"


def check_order(steps: list[Step], written: list[int], mistakes: Mistakes) -> None:
    """Add what is wrong between steps; ``written`` says which written step each one was, where a repeat unrolled it."""
    _check_ids(steps, written, mistakes)
    _check_servers(steps, mistakes)
    _check_background_requests(steps, mistakes)
    _check_background_starts(steps, mistakes)
    _check_growth(steps, mistakes)


def _check_ids(steps: list[Step], written: list[int], mistakes: Mistakes) -> None:
    """An id names one written step; the turns of a repeat share theirs."""
    owner: dict[str, int] = {}
    for step, place in zip(steps, written, strict=True):
        if step.id and owner.setdefault(step.id, place) != place:
            mistakes.add(_where(step, "id"), f"{shown(step.id)} is the id of an earlier step, too: no two steps share an id")


def _check_servers(steps: list[Step], mistakes: Mistakes) -> None:
    """A server that a step names is started somewhere in the file, before it or later; so is the one that answers."""
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
    """Each request in the background has an id, and exactly one later step that waits for its answer."""
    pending: dict[str, Step] = {}
    for step in steps:
        if step.act == "request" and step.args.get("background"):
            if not step.id:
                mistakes.add(
                    _where(step, "id"),
                    'a request in the background needs an id, for a later step to wait for: act = "wait", response = "…"',
                )
            elif step.id in pending:
                mistakes.add(
                    _where(step, "id"),
                    f"nobody has waited for the answer to {shown(step.id)} of step "
                    f"{pending[step.id].number}, and it would be lost: add a wait before this one",
                )
            else:
                pending[step.id] = step
            judged = sorted({*step.expect, *(key for case in step.cases for key in case.expect), *step.save, *step.observe})
            if judged:
                mistakes.add(
                    _where(step, "expect"),
                    f"a request in the background has no answer yet; the step that waits for it can judge {', '.join(judged)}",
                )
        elif step.act == "wait" and "response" in step.args and pending.pop(step.args["response"], None) is None:
            mistakes.add(_where(step, "response"), unknown("request in the background", step.args["response"], pending))
    for step in pending.values():
        mistakes.add(
            _where(step, "background"),
            f"nobody waits for the answer to {shown(step.id)}, so it is never judged: add "
            f'a step with act = "wait", response = "{step.id[:40]}"',
        )


def _check_background_starts(steps: list[Step], mistakes: Mistakes) -> None:
    """A server that is started in the background is looked at by a later step."""
    for step in steps:
        if (
            step.act == "start"
            and step.args.get("background")
            and not any(later.number > step.number and later.server == step.server and later.act in LOOKS for later in steps)
        ):
            mistakes.add(
                _where(step, "background"),
                f"no later step looks at the server {shown(step.server)}: whether it "
                'starts is never judged; add, say, act = "wait", ready = true',
            )


def _check_growth(steps: list[Step], mistakes: Mistakes) -> None:
    """A growth step judges samples that were taken before it; its bound on memory is for one implementation."""
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
                "how memory grows is the collector's choice, and PyPy's is not CPython's: "
                'bound it in a [[step.case]] whose where has an implementation ("cpython")',
            )


def _one_implementation(where: Json) -> bool:
    return "implementation" in where


def _where(step: Step, key: str) -> str:
    return f"step {step.number} ({step.act}): {key}"
