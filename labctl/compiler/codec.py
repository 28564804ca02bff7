"""Frozen dataclasses to and from plain JSON values, driven by their annotations.

INPUT AND OUTPUT
    ``encode()`` gives dicts, lists and scalars; ``decode()`` gives the value back.
    Fields keep the order of the class, and a field that equals its default is left
    out: a plan stays short enough to be read.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def encode(value: object) -> Any:
    """Make plain JSON values out of dataclasses, tuples and scalars."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            name: encode(getattr(value, name))
            for name, default in _fields(type(value))
            if getattr(value, name) != default
        }
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], data: object) -> T:
    """Make the value of type ``kind`` that ``encode()`` turned into ``data``."""
    return typing.cast(T, _decode(kind, data))


def _decode(kind: Any, data: Any) -> Any:
    if isinstance(kind, types.UnionType):  # "X | None"
        return None if data is None else _decode(typing.get_args(kind)[0], data)
    if typing.get_origin(kind) is tuple:
        return tuple(_decode(typing.get_args(kind)[0], item) for item in data)
    if dataclasses.is_dataclass(kind):
        return _decode_record(typing.cast(type, kind), data)
    return data


def _decode_record(kind: type, data: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    return kind(**{name: _decode(hints[name], data[name]) for name in hints if name in data})


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, field.default) for field in dataclasses.fields(kind))


@functools.cache
def _hints(kind: type) -> Mapping[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}
