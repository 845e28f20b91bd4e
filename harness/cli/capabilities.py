"""``capabilities``: what a server can promise, which scenarios need it, and what each undeclared one would unlock."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace

from ..language.capabilities import CAPABILITIES, NOBODY_S
from ..language.files import load_all
from ..language.scenario import Scenario
from ..model.counting import counted
from ..report.terminal_table import table
from ..run.project import Project
from ..targets.references import supports
from ..targets.subject import Subject
from .console import Say
from .options import some_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``capabilities``."""
    parser.description = (
        "Without a SUBJECT: every capability, what it promises, and how many scenarios need it. With one: which of them it "
        "declares, and how many more scenarios would run on it if it declared each of the others."
    )
    parser.epilog = (
        "A scenario names what it needs (needs = [...]); a server promises it in its subject.toml (capabilities = [...])."
    )
    parser.add_argument("subject", nargs="?", type=some_text, metavar="SUBJECT", help="a server")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(given: argparse.Namespace, say: Say) -> int:
    """Show the table; return the exit code."""
    project: Project = given.project
    scenarios = load_all(*project.scenario_folders)
    if given.subject:
        return _of(project.catalog.load(given.subject), scenarios, given.json, say)
    needing = {name: [one.id for one in scenarios if name in one.needs] for name in CAPABILITIES}
    if given.json:
        say(json.dumps({name: {"promises": CAPABILITIES[name], "scenarios": needing[name]} for name in CAPABILITIES}))
        return 0
    rows = [(name, str(len(needing[name])), CAPABILITIES[name]) for name in sorted(CAPABILITIES)]
    say(table(("capability", "scenarios", "what it promises"), rows))
    return 0


def _of(subject: Subject, scenarios: Iterable[Scenario], as_json: bool, say: Say) -> int:
    """What one server declares, and what it would gain."""
    scenarios = tuple(scenarios)
    declared = {*subject.capabilities, *(word for entry in subject.when for word in entry.capabilities or ())}
    unlocked = {name: unlocks(subject, scenarios, name) for name in CAPABILITIES if name not in declared and name != NOBODY_S}
    runs = sum(supports(scenario, subject) for scenario in scenarios)
    if as_json:
        found = {"subject": subject.name, "declares": sorted(declared), "scenarios": runs, "would_unlock": unlocked}
        say(json.dumps(found))
        return 0
    rows = [(name, "declared", "", CAPABILITIES[name]) for name in sorted(declared)]
    rows += [
        (name, "", f"+{len(ids)}" if ids else "", CAPABILITIES[name])
        for name, ids in sorted(unlocked.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    say(table(("capability", subject.name, "would unlock", "what it promises"), rows))
    of = counted(len(scenarios), "scenario")
    verb = "runs" if runs == 1 else "run"
    say(f"{runs} of {of} {verb} on {subject.name}. A capability may unlock more together with another one.")
    return 0


def unlocks(subject: Subject, scenarios: Iterable[Scenario], capability: str) -> list[str]:
    """The scenarios that would run on a subject if it declared one more capability."""
    more = replace(subject, capabilities=(*subject.capabilities, capability))
    return [scenario.id for scenario in scenarios if supports(scenario, more) and not supports(scenario, subject)]
