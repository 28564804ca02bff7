"""The regular expressions of procmail, as those of Python.

DIFFERENCES
    ``^`` and ``$`` match at, and may consume, a line end; ``^^`` is the start or end of the
    text; ``\\<`` and ``\\>`` match a character that is no part of a word; ``\\/`` divides: what
    is right of it becomes $MATCH.  ^TO_, ^TO, ^FROM_DAEMON and ^FROM_MAILER are abbreviations,
    procmailrc(5) "Miscellaneous".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, *, distinguish_case: bool) -> re.Pattern[bytes]:
    """Raises re.error for what is no expression."""
    for name, meaning in ABBREVIATIONS.items():
        pattern = pattern.replace(name, meaning)
    translated = TOKEN.sub(_translate, pattern)
    # procmailrc(5): ^^ at the beginning is the beginning of the text, elsewhere its end.
    if pattern.startswith("^^"):
        translated = r"\A" + translated.removeprefix(MEANINGS["^^"])
    head, divided, tail = translated.partition(DIVIDER)
    if divided:
        # procmailrc(5): as little as possible on the left, as much as possible on the right.
        translated = f"{GREEDY.sub(_lazy, head)}(?P<match>{tail})"
    flags = re.MULTILINE | (0 if distinguish_case else re.IGNORECASE)
    return re.compile(translated.encode("utf-8", "surrogateescape"), flags)


def _lazy(found: re.Match[str]) -> str:
    return found[0] if found[0][0] in "\\[" or found[0].startswith("(?") else f"{found[0]}?"


def matched_part(found: re.Match[bytes]) -> bytes | None:
    """What $MATCH becomes; None when the expression has no ``\\/``."""
    return found["match"] if "match" in found.re.groupindex else None


def _translate(token: re.Match[str]) -> str:
    text = token[0]
    if text[0] == "[":
        # An expression of procmail has no escapes inside of brackets.
        return text.replace("\\", "\\\\").replace("[", "\\[").replace("\\[", "[", 1)
    if text[0] == "\\" and text not in MEANINGS:
        return re.escape(text[1:])
    return MEANINGS.get(text, text)


DIVIDER: Final = "\0"
TOKEN: Final = re.compile(r"\^\^|\[\^?\]?[^\]]*\]|\\.|\^|\$|\(\)|.", re.DOTALL)
GREEDY: Final = re.compile(r"\\.|\[\^?\]?[^\]]*\]|\(\?[:=!<]*|[*+?]", re.DOTALL)
NO_WORD: Final = r"(?:^|$|[^A-Za-z0-9_])"
MEANINGS: Final[Mapping[str, str]] = {
    "^": r"(?:^|(?<=\n)|\n)",
    "$": r"(?:\n|\Z)",
    "^^": r"\Z",
    r"\<": NO_WORD,
    r"\>": NO_WORD,
    r"\/": DIVIDER,
    "()": "(?:)",
    "{": r"\{",
    "}": r"\}",
}
_ADDRESSED: Final = (
    "(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):(.*[^%s])?)"
)
_SENT_BY: Final = "(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )([^>]*[^(.%@a-z0-9])?"
_AFTER: Final = "(([^).!:a-z0-9][-_a-z0-9]*)?[%@>\\t ][^<)]*(\\(.*\\).*)?)?$([^>]|$))"
ABBREVIATIONS: Final[Mapping[str, str]] = {
    "^TO_": _ADDRESSED % "-a-zA-Z0-9_.",
    "^TO": _ADDRESSED % "a-zA-Z",
    "^FROM_DAEMON": (
        "(^(Mailing-List:|Precedence:.*(junk|bulk|list)|To: Multiple recipients of |"
        f"{_SENT_BY}(Post(ma?(st(e?r)?|n)|office)|(send)?Mail(er)?|daemon|m(mdf|ajordomo)|"
        "n?uucp|LIST(SERV|proc)|NETSERV|o(wner|ps)|r(e(quest|sponse)|oot)|b(ounce|bs\\.smtp)|"
        "echo|mirror|s(erv(ices?|er)|mtp(error)?|ystem)|A(dmin(istrator)?|MMGR|utoanswer))"
        + _AFTER
        + ")"
    ),
    "^FROM_MAILER": (
        f"(^{_SENT_BY}(Post(ma(st(er)?|n)|office)|(send)?Mail(er)?|daemon|mmdf|n?uucp|ops|"
        "r(esponse|oot)|(bbs\\.)?smtp(error)?|s(erv(ices?|er)|ystem)|A(dmin(istrator)?|MMGR))"
        + _AFTER
    ),
}
