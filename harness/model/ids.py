"""The ids of cells and targets: structured text, parsed only here.

They have no brackets, which pytest's --lf would take for parameters; only letters, digits, dots, hyphens, _, + and @, so
that they can be folder names.
"""

from __future__ import annotations

from .refusal import Refusal

SEPARATOR = "@"
EDITION = "+"


class TargetId(str):
    """``column@interpreter``, such as "cherrypy@3.13" or "waitress+lt2@2.7"."""

    __slots__ = ()

    @classmethod
    def of(cls, column: str, interpreter: str) -> TargetId:
        """Build an id."""
        return cls(f"{column}{SEPARATOR}{interpreter}")

    @property
    def column(self) -> str:
        """The subject's name, and the edition if it is not the locked release."""
        return self.partition(SEPARATOR)[0]

    @property
    def subject(self) -> str:
        """The subject's name."""
        return self.column.partition(EDITION)[0]

    @property
    def interpreter(self) -> str:
        """The interpreter's id, such as "3.13" or "pypy3.11"."""
        return self.partition(SEPARATOR)[2]


class CellId(str):
    """``scenario@column@interpreter``."""

    __slots__ = ()

    @classmethod
    def of(cls, scenario: str, target: str) -> CellId:
        """Build an id from a scenario's id and a target's."""
        return cls(f"{scenario}{SEPARATOR}{target}")

    @classmethod
    def checked(cls, text: str, option: str = "--cell") -> CellId:
        """Parse an id from the user; raises Refusal if it does not have three parts."""
        parts = text.split(SEPARATOR)
        if len(parts) != 3 or not all(parts):
            raise Refusal(f"{option} {text[:120]}: an id is scenario@subject@interpreter, as in the report.")
        return cls(text)

    @property
    def scenario(self) -> str:
        """The scenario's id."""
        return self.partition(SEPARATOR)[0]

    @property
    def target(self) -> TargetId:
        """The target's id."""
        return TargetId(self.partition(SEPARATOR)[2])

    @property
    def parts(self) -> tuple[str, str]:
        """The scenario's id and the target's, for many cells at once."""
        scenario, _, target = self.partition(SEPARATOR)
        return scenario, target
