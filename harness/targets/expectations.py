"""What a step may expect of one server."""

from __future__ import annotations

from collections.abc import Iterator

from ..language.scenario import Step
from ..model.values import Json
from .subject import Subject


def expectations(step: Step, subject: Subject) -> Iterator[Json]:
    """What a step may expect of a subject: its own expect, and each case that can match the subject."""
    yield step.expect
    sure = any(_names(case.where, subject) and set(case.where) == {"subject"} for case in step.cases)
    for case in step.cases:
        if _names(case.where, subject) or ("subject" not in case.where and not (sure and "else" in case.where)):
            yield case.expect


def _names(where: Json, subject: Subject) -> bool:
    return subject.name in [name.strip() for name in where.get("subject", "").split(",")]
