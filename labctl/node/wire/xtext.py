"""xtext of RFC 3461, as DSN parameters and XCLIENT/XFORWARD attributes carry it.

INPUT AND OUTPUT
    ``encode("a+b")`` is ``a+2Bb`` and ``decode`` turns it back; ``decode`` raises ValueError
    for anything that RFC 3461 4 does not allow.
"""

from __future__ import annotations

import re
from typing import Final


def encode(text: str) -> str:
    """Protect ``+``, ``=``, white space and everything that is not printable ASCII."""
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if b in PLAIN else f"+{b:02X}" for b in data)


def decode(text: str) -> str:
    """The text that was encoded; ValueError when it is not xtext."""
    # RFC 3461 4: hexchar = "+" two upper-case hexadecimal digits; lower case is tolerated.
    if not VALID.fullmatch(text):
        raise ValueError(f"not xtext: {text!r}")
    pieces = text.split("+")
    data = pieces[0].encode("utf-8", "surrogateescape")
    for piece in pieces[1:]:
        data += bytes([int(piece[:2], 16)]) + piece[2:].encode("utf-8", "surrogateescape")
    return data.decode("utf-8", "surrogateescape")


PLAIN: Final = frozenset(range(33, 127)) - frozenset(b"+=")
VALID: Final = re.compile(r"(?:[^+\x00-\x1f\x7f]|\+[0-9A-Fa-f]{2})*")
