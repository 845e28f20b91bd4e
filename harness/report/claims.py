"""The verdict for each of the paper's claims, per target."""

from __future__ import annotations

from ..language.paper_claims import CLAIMS, EVIDENCE, STATED
from ..model import outcomes
from ..model.values import CellResult, Json, Target

REPRODUCED, NOT_REPRODUCED, IN_PART, NOT_TRIED, OPEN = (
    "reproduced",
    "not reproduced",
    "in part",
    "cannot be tried here",
    "open: its cells failed",
)


def verdicts(scenarios: list[Json], targets: tuple[Target, ...], results: dict[str, CellResult]) -> list[Json]:
    """Return each claim with its scenarios and, per target, the verdict that the cells give."""
    return [
        {
            "id": claim,
            "claim": text,
            "evidence": EVIDENCE.get(claim, STATED),
            "found": found,
            "scenarios": [s["id"] for s in scenarios if claim in s["paper"]],
            "verdicts": {t.id: _verdict([s for s in scenarios if claim in s["paper"]], t, results) for t in targets},
        }
        for claim, (text, found) in CLAIMS.items()
    ]


def _verdict(scenarios: list[Json], target: Target, results: dict[str, CellResult]) -> str:
    """All cells that ran must say the same; a red one leaves the claim open."""
    said = set()
    for scenario in scenarios:
        result = results.get(f"{scenario['id']}@{target.id}")
        if result is None or result.word in outcomes.NOT_TRIED:
            continue
        said.add(scenario["shows"] if result.word == "pass" else OPEN)
    if OPEN in said:
        return OPEN
    if len(said) == 2:
        return IN_PART
    return said.pop() if said else NOT_TRIED
