"""Files with values changed by chance: each is accepted, or refused in a short sentence for each mistake, and never a traceback.

``python -m tests.fuzz_files [--subjects 3000] [--scenarios 6000] [--seed 1]`` changes or removes up to three values of bundled
files and reads them. Exit code 1 where a file ended in anything but a value or a Refusal, or a mistake took more than LONGEST
characters. ``tests/test_fuzz_files.py`` runs a few hundred.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from harness.language.parse_scenario import parse_file
from harness.language.scenario import MAX_MISTAKE
from harness.machine import places
from harness.model.refusal import Refusal
from harness.targets.load_subjects import BUNDLED
from harness.targets.parse_subject import parse_subject
from harness.targets.references import check_references
from harness.targets.subject import Subject

LONGEST = MAX_MISTAKE
JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**70, 1.5, float("nan"), float("inf"), "", " ", "x", "\0", "a\0b", "\n", "é\u202e\ud7ff", "x" * 70_000, "/(/", "/[/", "/(?<a)/",
    "/" + "(" * 200 + "/", "/.*/", "/x{99999}/", "@", "@nothing", "{", "{}", "{port", "{nothing}", "..", "/etc/passwd", "../../../x", [], [[]], {}, [{}], [None], ["x", 7],
    {"x": {"y": []}}, {"": ""}, ["x" * 70_000], {"x" * 70_000: 1}, {"where": {}}, "10s", "-1s", "<3", ">=", "==*", ["==2.*"], "nonzero", "SIGKILL", "SIGNOTHING", ["/x/"],
    [0], [300], [-99], [True], ["wsgi"], "wsgi", ["keep alive"], 10**400,
)  # fmt: skip


@dataclass
class Seen:
    """What became of the files: how many were accepted and refused, and what went wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    longest: int = 0
    longest_file: int = 0
    problems: list[str] = field(default_factory=list)


def places_of(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all values of a document."""
    found = [way] if way else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places_of(item, (*way, key))
    return found


def broken(document: Any, chance: random.Random) -> Any:
    """A document with up to three values changed, removed, or added."""
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice(places_of(document) or [("title",)])
        place = document
        for key in way:
            place = place[key]
        what = chance.random()
        if what < 0.2:
            del place[last]
        elif what < 0.3 and isinstance(place, dict):
            place[chance.choice(["x", "titel", "x" * 70_000, "", "a\0b"])] = chance.choice(JUNK)
        else:
            place[last] = copy.deepcopy(chance.choice(JUNK))
    return document


def look(read: Callable[[], object], what: str, seen: Seen) -> None:
    """Read one, and say what became of it."""
    try:
        read()
        seen.counts[f"{what} accepted"] += 1
    except Refusal as refused:
        text = str(refused)
        seen.counts[f"{what} refused"] += 1
        seen.longest_file = max(seen.longest_file, len(text))
        for line in text.splitlines():
            seen.longest = max(seen.longest, len(line))
            if len(text) > LONGEST or "\0" in line:
                seen.problems.append(f"{what}: {len(text)} characters: {line[:300]}")
    except Exception:
        seen.problems.append(f"{what}:\n{traceback.format_exc(limit=-4)}")


def _read_scenario(data: Any, known: dict[str, Subject]) -> None:
    check_references(parse_file(data, "scenarios/x.toml"), known)


def fuzz(subjects: int, scenarios: int, seed: int) -> Seen:
    """Read so many of each."""
    chance, seen, known = random.Random(seed), Seen(), BUNDLED.load_all()
    described = {name: tomllib.loads(file.read_text("utf-8")) for name, file in BUNDLED.files().items()}
    written = [tomllib.loads(file.read_text("utf-8")) for file in sorted(places.SCENARIOS.rglob("*.toml"))]
    for _ in range(subjects):
        name = chance.choice(sorted(described))
        data = broken(described[name], chance)
        look(partial(parse_subject, name, data, places.SUBJECTS / name), "subject", seen)
    for _ in range(scenarios):
        data = broken(chance.choice(written), chance)
        look(partial(_read_scenario, data, known), "scenario", seen)
    return seen


def main() -> int:
    """Say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=3000)
    parser.add_argument("--scenarios", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    seen = fuzz(given.subjects, given.scenarios, given.seed)
    for problem in seen.problems[:20]:
        print(problem)
    print(f"{dict(seen.counts)}; longest mistake {seen.longest} characters, longest file {seen.longest_file}; "
          f"{len(seen.problems)} problems; {time.monotonic() - began:.0f} s")
    return 1 if seen.problems else 0


if __name__ == "__main__":
    sys.exit(main())
