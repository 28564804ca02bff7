"""A header as formail(1) changes it: fields in order, each with its continuation lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

FROM_LINE: Final = "From "


class Field(NamedTuple):
    """One field of a header, as it is written."""

    name: str  # as written, without the colon; "From " for the line of mbox
    value: str  # everything behind, with the space before and the line ends within

    @property
    def text(self) -> str:
        return self.name + ("" if self.name == FROM_LINE else ":") + self.value


Fields = tuple[Field, ...]


def parse(head: str) -> Fields:
    """The fields of a header; a line that is no field ends it."""
    fields: list[Field] = []
    for line in UNFOLDED.findall(head):
        if line.startswith(FROM_LINE) and not fields:
            fields.append(Field(FROM_LINE, line[len(FROM_LINE) :]))
        elif ":" in line:
            name, _, value = line.partition(":")
            fields.append(Field(name.rstrip(" \t"), value))
    return tuple(fields)


def render(fields: Sequence[Field]) -> str:
    """The header as bytes."""
    return "".join(f"{field.text}\n" for field in fields)


def written(text: str) -> Field:
    """A field as it is given on a command line: ``Name: value``, ``Name:`` or ``Name``."""
    if text.startswith(FROM_LINE):
        return Field(FROM_LINE, text[len(FROM_LINE) :])
    name, _, value = text.partition(":")
    return Field(name, value)


def same(field: Field, name: str) -> bool:
    """Names are the same whatever their case; an empty one is that of every field."""
    return not name or field.name.lower() == name.lower()


def begins_with(field: Field, text: str) -> bool:
    """-x and -X: a name with its colon is meant as a whole, otherwise it is a beginning."""
    return field.text.lower().startswith(text.lower())


def has(fields: Fields, name: str) -> bool:
    """Whether there is a field of this name."""
    return any(same(field, name) for field in fields)


def value(fields: Fields, name: str) -> str:
    """The value of the first field of this name, without white space around it."""
    return next((field.value.strip() for field in fields if same(field, name)), "")


def add(fields: Fields, field: Field) -> Fields:
    """formail(1) -A."""
    return (*fields, field) if field.value.strip() else fields


def add_if_missing(fields: Fields, field: Field) -> Fields:
    """formail(1) -a; a field without a value is added, too."""
    return fields if has(fields, field.name) else (*fields, field)


def replace(fields: Fields, field: Field) -> Fields:
    """-I: the old ones go; without a value nothing comes."""
    kept = tuple(old for old in fields if not same(old, field.name))
    return add(kept, field) if field.value.strip() else kept


def rename_and_add(fields: Fields, field: Field) -> Fields:
    """-i: the old ones stay as Old-Name."""
    kept = tuple(
        old._replace(name=f"Old-{old.name}") if same(old, field.name) else old for old in fields
    )
    return add(kept, field) if field.value.strip() else kept


def keep_first(fields: Fields, field: Field) -> Fields:
    """formail(1) -u."""
    matching = [old for old in fields if same(old, field.name)]
    return tuple(old for old in fields if old not in matching[1:])


def keep_last(fields: Fields, field: Field) -> Fields:
    """formail(1) -U."""
    return tuple(reversed(keep_first(tuple(reversed(fields)), field)))


def rename(fields: Fields, old: str, new: str) -> Fields:
    """formail(1) -R."""
    return tuple(
        field._replace(name=new.rstrip(":")) if same(field, old.rstrip(":")) else field
        for field in fields
    )


UNFOLDED: Final = re.compile(r"[^\n]+(?:\n[ \t][^\n]*)*")
Change = Callable[[Fields, Field], Fields]
