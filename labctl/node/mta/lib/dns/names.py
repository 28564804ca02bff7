"""Domain names: text, labels, and the bytes of a message, in which names share their ends.

INPUT AND OUTPUT
    A name is its labels, the root none; ``encode()`` takes text, ``read()`` gives labels as the
    server wrote them, ``folded()`` makes them comparable (RFC 4343 3), ``text()`` readable.
"""

from __future__ import annotations

from typing import Final

Name = tuple[bytes, ...]

LONGEST_LABEL, LONGEST_NAME = 63, 255
POINTER: Final = 0xC0  # RFC 1035 4.1.4: the two high bits


class BadName(ValueError):
    """The text can be no domain name."""


class Malformed(ValueError):
    """The bytes are no message."""


def encode(name: str) -> bytes:
    """RFC 1035 3.1; letters beyond ASCII as RFC 3490 has them."""
    try:
        labels = [_encode_label(label) for label in name.removesuffix(".").split(".")]
    except UnicodeError as error:
        raise BadName(name) from error
    if any(not 0 < len(label) <= LONGEST_LABEL for label in labels):
        raise BadName(name)
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(encoded) > LONGEST_NAME:
        raise BadName(name)
    return encoded


def read(data: bytes, position: int) -> tuple[Name, int]:
    """The name at ``position``, and where the next thing stands.  RFC 1035 4.1.4."""
    labels: list[bytes] = []
    length, end, before = 1, 0, position
    while size := _byte(data, position):
        if size >= POINTER:
            target = (size & 0x3F) << 8 | _byte(data, position + 1)
            end = end or position + 2
            # A pointer leads back, each further than the last: so that there is an end.
            if target >= before:
                raise Malformed("name points forward")
            position = before = target
            continue
        if size > LONGEST_LABEL:
            raise Malformed("unknown kind of label")
        length += size + 1
        if length > LONGEST_NAME:
            raise Malformed("name too long")
        labels.append(data[position + 1 : position + 1 + size])
        position += size + 1
    return tuple(labels), end or position + 1


def folded(name: Name) -> Name:
    """The name as it is compared."""
    return tuple(label.lower() for label in name)


def text(name: Name) -> str:
    """The name as people write it, without the dot at its end."""
    return ".".join("".join(_character(octet) for octet in label) for label in name)


def _encode_label(label: str) -> bytes:
    return label.encode("ascii") if label.isascii() else label.encode("idna")


def _byte(data: bytes, position: int) -> int:
    try:
        return data[position]
    except IndexError:
        raise Malformed("name cut short") from None


def _character(octet: int) -> str:
    """RFC 1035 5.1: what would mean something else is quoted."""
    character = chr(octet)
    if character in '".;\\@$()':
        return f"\\{character}"
    return character if 0x20 < octet < 0x7F else f"\\{octet:03d}"
