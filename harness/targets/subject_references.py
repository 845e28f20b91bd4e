"""What steps count on in a server's description: the files of its applications, and the moments of a sweep that it logs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

from ..language.scenario import Mistakes, Scenario
from ..language.verbs import TRANSITIONS
from ..model.suggestions import meant, shown
from .expectations import expectations
from .subject import Subject


def check_files(scenario: Scenario, able: Iterable[Subject], mistakes: Mistakes) -> None:
    """Add each ``touch`` of a file that no application has, and that none can make since nobody tells it the name."""
    told = ""
    for step in scenario.steps:
        name = step.args.get("file", "") if step.act == "touch" else ""
        for subject in able if name and "{" not in name else ():
            texts = _texts(subject.app_folders)
            if name not in texts and not _may_be_made(name, [told, *texts.values()]):
                problem = f"{shown(name)} is no file of an application of {subject.name}.{meant(name, texts)}"
                mistakes.add(f"step {step.number} (touch): file", problem)
                break
        told += str(step.args)


def _may_be_made(name: str, texts: Iterable[str]) -> bool:
    """Whether some text has the name of a module, so that an application may write it beside its own."""
    module = name.removesuffix(".py")
    return module.isidentifier() and module != name and any(re.search(rf"\b{module}\b", text) for text in texts)


@functools.lru_cache(256)
def _texts(folders: tuple[Path, ...]) -> dict[str, str]:
    """The files that a cell gets, and what is in them."""
    return {file.name: file.read_text("utf-8", "replace") for folder in folders for file in sorted(folder.glob("*.py"))}


def check_sweeps(scenario: Scenario, able: Iterable[Subject], mistakes: Mistakes) -> None:
    """Add each sweep that expects of a server another number of points than it tries, or more of them than there are."""
    for step in scenario.steps:
        if step.act != "sweep":
            continue
        for subject in able:
            moments = sum(name[1:] in subject.patterns for name in TRANSITIONS)
            tried = step.args["points"] + moments
            more = f" and {moments} that {subject.name} logs" if moments else ""
            said = f"{subject.name} is tried at {tried} moments: points = {step.args['points']}{more}"
            for expect in expectations(step, subject):
                for key in ("points_tried", "late", "held", "lives_on"):
                    if key in expect and (expect[key] > tried or (key == "points_tried" and expect[key] != tried)):
                        mistakes.add(f"step {step.number} (sweep): {key}", f"{expect[key]} could never hold: {said}")
