"""The frozen values that pass between the stages, and their JSON.

Nothing here does I/O. Every stored document carries ``format`` (FORMAT);
a reader refuses a number that it does not know.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

FORMAT = 1

T = TypeVar("T")

Json = dict[str, Any]

#: How bad an outcome or status is; the worse of two verdicts is the cell's.
SEVERITY = ("pass", "known", "fixed", "timeout", "fail")
_RANK = {outcome: rank for rank, outcome in enumerate(SEVERITY)}

#: Words that make a run's exit code 1 (DESIGN.md, "Words").
RED = ("fail", "timeout", "fixed", "broken", "error", "not-run")

#: Every word a cell can show, worst first: the order of summaries and legends.
WORDS = ("fail", "timeout", "error", "broken", "not-run", "fixed", "known", "missing", "unsupported", "pass")

Coverage = Literal["data", "lost", "off", "broken"]


class Refusal(Exception):
    """Bad input: a paragraph that says where it is and what to do. The command line exits with 2."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python of this machine; ``id`` is its column name ("3.13", "3.13t", "pypy3.11")."""

    id: str
    implementation: str
    version: str
    build: str
    path: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Subject and interpreter, ready to launch where ``reason`` is empty.

    Else ``status`` says what its cells are: "missing" (no such interpreter here), "unsupported" (not made for this Python)
    or "broken" (it did not install); ``detail`` are the installer's last lines.
    ``code`` is a hash of all that runs in it.
    """

    id: str
    subject: str
    interpreter_id: str
    subject_version: str = ""
    interpreter: Interpreter | None = None
    python: str = ""
    site: str = ""
    coverage: str = ""
    reason: str = ""
    status: str = "missing"
    detail: str = ""
    cached: bool = False
    oracle: str = ""
    source: str = ""
    code: str = ""

    @property
    def column(self) -> str:
        """The subject's column: its name, and the edition where it is not the locked release."""
        return self.id.partition("@")[0]

    @property
    def ready(self) -> bool:
        """Whether cells can run on it."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Cell:
    """Scenario and target; ``status`` is "planned", or why it will not run."""

    id: str
    scenario: str
    target: str
    status: str = "planned"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one step saw; ``at`` and ``seconds`` are on the cell's own monotonic clock."""

    step: int
    act: str
    at: float
    seconds: float
    server: str = "main"
    seen: Json = field(default_factory=dict)
    wire: tuple[Json, ...] = ()
    timeout: bool = False
    unable: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """All that a cell saw, in order, before anything is said of it; ``steps`` are what it was to do.

    ``ledger`` are samples of what its servers had, on the same clock.
    """

    cell: str
    scenario_hash: str
    host: str
    port: int
    observations: tuple[Observation, ...]
    cleanup: Json
    logs: dict[str, str]
    coverage: Coverage
    coverage_note: str
    seconds: float
    error: str = ""
    values: dict[str, str] = field(default_factory=dict)
    steps: tuple[Json, ...] = ()
    ledger: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold; ``step`` counts from 1, 0 is the cleanup.

    ``items`` are those in which two lists differ. ``note`` is what the observation says beside it, for a person: no
    [[known]] entry is compared with that.
    """

    step: int
    key: str
    expected: str
    observed: str
    kind: str = "fail"
    items: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a cell in one respect."""

    outcome: str
    reason: str = ""
    failures: tuple[Failure, ...] = ()


@functools.cache  # of few combinations, asked for many times
def word_of(status: str, behaviour: str | None, cleanup: str | None) -> str:
    """The word of a cell with these outcomes, whose worse one it is; without any, that of its status."""
    outcomes = [outcome for outcome in (behaviour, cleanup) if outcome is not None]
    return max(outcomes, key=_RANK.__getitem__) if status == "ran" else status


@dataclass(frozen=True, slots=True)
class CellResult:
    """A cell's line in the run: how far it came, and its two verdicts if it ran."""

    cell: str
    status: str
    reason: str = ""
    behaviour: Verdict | None = None
    cleanup: Verdict | None = None
    seconds: float = 0.0
    coverage: str = "off"
    worker: str = ""
    grade: str = "must"

    @property
    def word(self) -> str:
        """The one word that the matrix shows: the worse verdict of a cell that ran, else its status."""
        return word_of(self.status, self.behaviour and self.behaviour.outcome, self.cleanup and self.cleanup.outcome)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is going to do; written before anything runs.

    ``shard`` is "K/N" where others do the rest of it; ``subjects`` are what ``--subject`` was given, or would have been;
    ``asked`` are the options that chose what is in it: "subjects", "pythons", "cells", "scenarios", "keyword".
    """

    run: str
    targets: tuple[Target, ...]
    cells: tuple[Cell, ...]
    scenarios: tuple[str, ...]
    command: tuple[str, ...]
    environment: Json
    coverage: bool = True
    shard: str = ""
    subjects: tuple[str, ...] = ()
    asked: Json = field(default_factory=dict)
    format: int = FORMAT


@functools.cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of a frozen value's type; None for any other type."""
    return tuple(f.name for f in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def to_json(value: Any) -> Any:
    """Turn a frozen value into what json.dumps takes."""
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    names = None if isinstance(value, type) else _names(typing.cast(typing.Hashable, type(value)))
    if names is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    return value


def from_json(kind: type[T], data: Any) -> T:
    """Read a frozen value back; raises Refusal for a document of another shape or format."""
    return reader(kind)(data)


def reader(kind: type[T]) -> Callable[[Any], T]:
    """What reads a frozen value back, for many of one type."""
    return typing.cast(Callable[[Any], T], _reader(typing.cast(typing.Hashable, kind)))


Reader = Callable[[Any], Any]


@functools.cache
def _reader(kind: Any) -> Reader:
    """How a type is read; worked out once for each, since a run has a hundred thousand values of one type."""
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = _reader(next(a for a in arguments if a is not type(None)))
        return lambda data: None if data is None else inner(data)
    if origin is tuple:
        item = _reader(arguments[0])
        return tuple if item is _as_it_is else lambda data: tuple([item(value) for value in data])
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _value_reader(kind)
    return _as_it_is


def _as_it_is(data: Any) -> Any:
    """Text, numbers and tables need no reading."""
    return data


def _value_reader(kind: type) -> Reader:
    """Read a table into a frozen value."""
    readers = {name: _reader(hint) for name, hint in typing.get_type_hints(kind).items()}
    changing = [(name, reader) for name, reader in readers.items() if reader is not _as_it_is]
    names, has_format = readers.keys(), "format" in readers

    def read(data: Any) -> Any:
        if type(data) is kind:  # it was read already
            return data
        if not isinstance(data, dict):
            raise Refusal(f"{kind.__name__}: a table is needed, and this is {type(data).__name__}")
        if not data.keys() <= names:
            unknown = ", ".join(sorted(data.keys() - names))
            raise Refusal(f"{kind.__name__}: unknown {unknown}; written by another version of the harness?")
        if has_format and data.get("format", FORMAT) != FORMAT:
            raise Refusal(f"{kind.__name__}: format {data['format']} is not {FORMAT}: run the harness that wrote it")
        if changing:
            data = data.copy()
            for name, reader in changing:
                if name in data:
                    data[name] = reader(data[name])
        return kind(**data)

    return read
