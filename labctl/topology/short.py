"""Short forms of the topology language, and the long forms that they stand for.

A ``Short`` lengthens what the author wrote before the model looks at it, and tells the JSON
Schema what else is accepted. ``source`` delivers every scalar as text; the schema also
allows numbers and truth values, because that is what an editor takes ``biff: no`` for.

WHY NOT json_schema_input_type
    pydantic's own way builds validators for every short form, which nobody calls, at every
    start of labctl.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

JsonSchema = Mapping[str, Any]

WORD: Final[JsonSchema] = {"type": ["string", "number", "boolean", "null"]}
NAMES: Final[JsonSchema] = {"type": "array", "items": {"type": "string"}}
ONE_NAME: Final[JsonSchema] = {"type": "string"}
ROWS: Final[JsonSchema] = {"type": "object", "additionalProperties": WORD}
NOTHING: Final[JsonSchema] = {"type": "null"}


# Compared by identity: annotations are kept in sets, and JSON Schemas cannot be.
@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """An annotation: how to lengthen a value, and the JSON Schemas of the short forms."""

    lengthen: Callable[[Any], Any]
    forms: tuple[JsonSchema, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(self.lengthen, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [handler(core), *map(dict, self.forms)]}


def word_for(field: str) -> Short:
    """Let a bare word stand for a mapping whose ``field`` is that word."""

    def lengthen(value: Any) -> Any:
        if value is None:
            return {}
        return {field: value} if isinstance(value, str) else value

    return Short(lengthen, (WORD,))


def _names(value: Any) -> Any:
    """A list of names, or one name, stands for a mapping that says nothing about each."""
    if isinstance(value, str):
        return {value: None}
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        for twice in (name for name in value if value.count(name) > 1):
            raise PydanticCustomError("twice", "{name} is written twice", {"name": repr(twice)})
        return dict.fromkeys(value)
    return {} if value is None else value


def _table(value: Any) -> Any:
    """Rows alone, or text alone, stand for a lookup table."""
    if isinstance(value, dict) and not value.keys() <= {"type", "rows", "text"}:
        return {"rows": value}
    return {"text": value} if isinstance(value, str) else value or {}


def _zone(value: Any) -> Any:
    """A list of records stands for a zone."""
    return {"records": value} if isinstance(value, list) else value or {}


NAMES_ALONE: Final = Short(_names, (NAMES, ONE_NAME))
TABLE: Final = Short(_table, (ROWS, WORD))
ZONE: Final = Short(_zone, (NAMES,))
ONE_OR_MANY: Final = Short(
    lambda value: [value] if isinstance(value, str) else [] if value is None else value,
    (ONE_NAME, NOTHING),
)
SCALAR: Final = Short(lambda value: "" if value is None else value, (WORD,))
