"""BODY and BODYSTRUCTURE, and the part that a section names (RFC 3501 7.4.2, 6.4.5)."""

from __future__ import annotations

from collections.abc import Sequence

from labctl.node.wire.imap.envelope import format_envelope
from labctl.node.wire.imap.mime import Parameters, Part
from labctl.node.wire.imap.strings import nstring


def format_structure(part: Part, *, extended: bool) -> bytes:
    """The structure of a part; ``extended`` for BODYSTRUCTURE."""
    if part.type == b"MULTIPART" and part.parts:
        return _format_multipart(part, extended=extended)
    words = [
        nstring(part.type),
        nstring(part.subtype),
        _format_parameters(part.parameters),
        nstring(part.id),
        nstring(part.description),
        nstring(part.encoding),
        b"%d" % len(part.text),
    ]
    if part.message is not None and part.envelope is not None:
        words += [
            format_envelope(part.envelope),
            format_structure(part.message, extended=extended),
            b"%d" % part.lines,
        ]
    elif part.type == b"TEXT":
        words.append(b"%d" % part.lines)
    if extended:
        words += [nstring(part.md5), *_extension(part)]
    return b"(%s)" % b" ".join(words)


def _format_multipart(part: Part, *, extended: bool) -> bytes:
    inner = b"".join(format_structure(child, extended=extended) for child in part.parts)
    words = [inner, nstring(part.subtype)]
    if extended:
        words += [_format_parameters(part.parameters), *_extension(part)]
    return b"(%s)" % b" ".join(words)


def _extension(part: Part) -> list[bytes]:
    disposition = b"NIL"
    if part.disposition is not None:
        name, parameters = part.disposition
        disposition = b"(%s %s)" % (nstring(name), _format_parameters(parameters))
    languages = b" ".join(nstring(language) for language in part.language)
    language = b"(%s)" % languages if languages else b"NIL"
    return [disposition, language, nstring(part.location)]


def _format_parameters(parameters: Parameters) -> bytes:
    if not parameters:
        return b"NIL"
    return b"(%s)" % b" ".join(nstring(word) for pair in parameters for word in pair)


def find_part(root: Part, path: Sequence[int]) -> Part | None:
    """RFC 3501 6.4.5: numbers go through multiparts, and through messages to their text."""
    part: Part | None = root
    inside = True  # at a message, whose only part is number 1 unless it is a multipart
    for number in path:
        if part is None:
            return None
        if not inside:
            part, inside = _enter(part)
            if part is None:
                return None
        if part.type == b"MULTIPART" and part.parts:
            part = part.parts[number - 1] if 1 <= number <= len(part.parts) else None
            inside = False
        else:
            part, inside = (part, False) if number == 1 and inside else (None, False)
    return part


def _enter(part: Part) -> tuple[Part | None, bool]:
    if part.type == b"MULTIPART":
        return part, True
    return part.message, True
