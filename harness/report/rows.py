"""The matrix in few bytes: a scenario's row is a text with a letter for each column, and the reasons apart."""

from __future__ import annotations

from ..model.ids import CellId
from ..model.outcomes import WORDS
from ..model.values import CellResult, Json, Target

FIRST = ord("a")
LETTERS = {word: chr(FIRST + number) for number, word in enumerate(WORDS)}  # the page knows them by data.outcomes
NOT_SELECTED = "."
MAX_REASON = 300  # characters of a reason that the matrix itself shows


class Rows:
    """Builds rows; equal reasons are kept once, in ``texts``, and the rows have their numbers."""

    def __init__(self, targets: tuple[Target, ...], results: dict[str, CellResult]) -> None:
        self.texts: list[str] = []
        self._targets = [target.id for target in targets]
        self._results = results
        self._numbers: dict[str, int] = {}

    def row(self, scenario: str) -> Json:
        """The cells of one scenario: ``row``, and ``reasons``: column -> number of its text."""
        letters, reasons = [], {}
        for column, target in enumerate(self._targets):
            result = self._results.get(CellId.of(scenario, target))
            if result is None:
                letters.append(NOT_SELECTED)
                continue
            letters.append(LETTERS[result.word])
            if result.reason:
                reasons[str(column)] = self._number(result.reason[:MAX_REASON])
        return {"row": "".join(letters), "reasons": reasons}

    def _number(self, reason: str) -> int:
        if reason not in self._numbers:
            self._numbers[reason] = len(self.texts)
            self.texts.append(reason)
        return self._numbers[reason]
