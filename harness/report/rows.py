"""The matrix in few bytes: a scenario's row has one letter per column, and the reasons are stored separately."""

from __future__ import annotations

from ..model.ids import CellId
from ..model.outcomes import RED, WORDS
from ..model.values import CellResult, Json, Target

FIRST = ord("a")
LETTERS = {word: chr(FIRST + number) for number, word in enumerate(WORDS)}  # the page reads them from data.outcomes
NOT_SELECTED = "."
MAX_REASON = 300  # characters of a reason that the matrix shows


class Rows:
    """Builds rows; each reason is stored once, in ``texts``, and the rows have its number."""

    def __init__(self, targets: tuple[Target, ...], results: dict[str, CellResult]) -> None:
        self.texts: list[str] = []
        self._targets = [target.id for target in targets]
        self._results = results
        self._numbers: dict[str, int] = {}

    def row(self, scenario: str, grade: str = "must") -> Json:
        """The cells of one scenario: ``row``; by column ``reasons``, numbers of texts, and ``levels`` that are not its own.

        What failed in a cell may have another level than the scenario: that of a step, or of what was left behind.
        """
        letters, reasons, levels = [], {}, {}
        for column, target in enumerate(self._targets):
            result = self._results.get(CellId.of(scenario, target))
            if result is None:
                letters.append(NOT_SELECTED)
                continue
            letters.append(LETTERS[result.word])
            if result.reason:
                reasons[str(column)] = self._number(result.reason[:MAX_REASON])
            if result.status == "ran" and result.grade != grade and result.word in RED:
                levels[str(column)] = result.grade
        return {"row": "".join(letters), "reasons": reasons, **({"levels": levels} if levels else {})}

    def _number(self, reason: str) -> int:
        if reason not in self._numbers:
            self._numbers[reason] = len(self.texts)
            self.texts.append(reason)
        return self._numbers[reason]
