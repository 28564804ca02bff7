"""Short forms of the topology language, and the long forms that they stand for.

Each is a validator that runs before its model's own, with the type that the JSON Schema
shows for it. ``source`` delivers every scalar as text; the schema also allows numbers and
truth values there, because that is what an editor takes ``soft_bounce: yes`` for.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from pydantic import BeforeValidator

Scalar: TypeAlias = str | int | float | bool | None


def word_for(field: str, long_form: Any) -> BeforeValidator:
    """Let a bare word stand for a mapping whose ``field`` is that word."""

    def lengthen(value: Any) -> Any:
        if value is None:
            return {}
        return {field: value} if isinstance(value, str) else value

    return BeforeValidator(lengthen, json_schema_input_type=Scalar | long_form)


def names_or_mapping(value_type: Any) -> BeforeValidator:
    """Let a list of names, or one name, stand for a mapping with nothing said about each."""
    return BeforeValidator(
        lambda value: value if isinstance(value, dict) else _without_values(value),
        json_schema_input_type=dict[str, value_type | Scalar] | list[str] | str,
    )


def _without_values(names: Any) -> Any:
    if isinstance(names, str):
        return {names: None}
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return dict.fromkeys(names)
    return {} if names is None else names


def table(long_form: Any) -> BeforeValidator:
    """Let rows alone, or text alone, stand for a lookup table."""

    def lengthen(value: Any) -> Any:
        if isinstance(value, dict) and not value.keys() <= {"type", "rows", "text"}:
            return {"rows": value}
        return {"text": value} if isinstance(value, str) else value or {}

    rows = dict[str, Scalar]
    return BeforeValidator(lengthen, json_schema_input_type=long_form | rows | str | None)


def records(long_form: Any) -> BeforeValidator:
    """Let a list of records stand for a zone."""
    return BeforeValidator(
        lambda value: {"records": value} if isinstance(value, list) else value or {},
        json_schema_input_type=long_form | list[str],
    )


def _mailboxes(value: Any) -> Any:
    return dict.fromkeys(value) if isinstance(value, list) else {} if value is None else value


ONE_OR_MANY: Final = BeforeValidator(
    lambda value: [value] if isinstance(value, str) else [] if value is None else value,
    json_schema_input_type=list[str] | str,
)
SCALAR: Final = BeforeValidator(
    lambda value: "" if value is None else value, json_schema_input_type=Scalar
)
MAILBOXES: Final = BeforeValidator(
    _mailboxes, json_schema_input_type=dict[str, Scalar] | list[str] | None
)
