"""The base subject: what is left without "Re:", "[list]" and "(fwd)" (RFC 5256 2.1)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from labctl.node.wire.charsets import header_text

_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_BLOB: Final = r"\[[^\[\]]*\][ \t]*"
_LEADER: Final = re.compile(rf"(?:{_BLOB})*(re|fwd?)[ \t]*(?:{_BLOB})?:[ \t]*", re.IGNORECASE)
_LEADING_BLOB: Final = re.compile(_BLOB)
_TRAILER: Final = re.compile(r"(?:\(fwd\)|[ \t])+\Z", re.IGNORECASE)
_FORWARD: Final = re.compile(r"\[fwd:(.*)\]\Z", re.IGNORECASE | re.DOTALL)


class Subject(NamedTuple):
    """RFC 5256 2.1: the base subject, and whether it is a reply."""

    base: str
    is_reply: bool  # or forward: THREAD=REFERENCES puts it below one that is not


def base_subject(value: bytes) -> Subject:
    """RFC 5256 2.1, steps 1 to 6."""
    text = _BLANKS.sub(" ", header_text(value)).strip()
    reply = False
    while True:
        text, trailed = _without_trailer(text)
        text, led = _without_leaders(text)
        reply = reply or trailed or led
        match = _FORWARD.match(text)
        if match is None:
            return Subject(text, reply)
        text, reply = match[1].strip(), True


def _without_trailer(text: str) -> tuple[str, bool]:
    match = _TRAILER.search(text)
    if match is None:
        return text, False
    return text[: match.start()], "(" in match[0]


def _without_leaders(text: str) -> tuple[str, bool]:
    reply = False
    while True:
        match = _LEADER.match(text)
        if match is not None:
            text, reply = text[match.end() :], True
            continue
        blob = _LEADING_BLOB.match(text)
        # Step 4: a blob goes only if something is left.
        if blob is None or blob.end() == len(text):
            return text, reply
        text = text[blob.end() :]
