"""What is wrong with an address in brackets, in the words of trivial-rewrite(8).

INPUT AND OUTPUT
    ``complaint("[1.2.3]")`` is ``valid_ipv4_hostaddr: invalid octet count: 1.2.3``; "" says
    that the literal is good.  RFC 5321 4.1.3.

BUGS
    An IPv6 address with fewer than eight groups and no ``::`` passes, as it does in Postfix.
"""

from __future__ import annotations

import re
from typing import Final

OCTETS, GREATEST_OCTET = 4, 255
SHOWN: Final = 100  # of what a stranger wrote
FIRST_COLONS, MOST_COLONS = 2, 7


def complaint(literal: str) -> str:
    """The warning about the literal, or "" for a good one."""
    inside = literal.removeprefix("[").removesuffix("]")
    if inside[:5].lower() == "ipv6:":
        why = _wrong_six(inside[5:])
        return (
            f"valid_ipv6_hostaddr: {why} in IPv6 address: {inside[5:][:SHOWN]}" if why else ""
        )
    why = _wrong_four(inside)
    return f"valid_ipv4_hostaddr: {why}: {inside[:SHOWN]}" if why else ""


def _wrong_four(text: str) -> str:
    """Read from left to right; the first thing that is wrong counts."""
    octets = text.split(".")
    for position, octet in enumerate(octets):
        strange = re.search(r"[^0-9]", octet)
        if strange:
            return f"invalid character {ord(strange[0])}(decimal)"
        digits = octet.lstrip("0")
        if len(digits) > len("255") or int(digits or "0") > GREATEST_OCTET:
            return "invalid octet value"
        if not octet and len(octets) > 1:
            return "misplaced dot"
        if position == 0 and octet.strip("0") == "" and text.strip("0."):
            return "bad initial octet value"
    return "" if len(octets) == OCTETS else "invalid octet count"


def _wrong_six(text: str) -> str:
    strange = re.search(r"[^0-9A-Fa-f:.]", text)
    if strange:
        return f"invalid character {ord(strange[0])}(decimal)"
    if text.count(":") < FIRST_COLONS:
        return "too few `:'"
    return "too many `:'" if text.count(":") > MOST_COLONS else ""
