"""Frozen values to JSON and back.

Every stored document carries ``format`` (FORMAT); a reader refuses a number that it does not know.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from .refusal import Refusal
from .values import FORMAT

T = TypeVar("T")


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
