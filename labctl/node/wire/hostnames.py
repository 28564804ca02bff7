"""Is this a host name, an IP address, an address literal?  RFC 1123, RFC 5321 4.1.3.

INPUT AND OUTPUT
    Predicates over ``str``; nothing is looked up anywhere.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

NAME_LIMIT: Final = 255


def is_hostname(name: str) -> bool:
    """Labels of letters, digits, hyphens and underscores; not all of them digits."""
    # RFC 1123 2.1 has no underscore, but names in the wild do.
    if not name or len(name) > NAME_LIMIT:
        return False
    labels = name.split(".")
    if not all(LABEL.fullmatch(label) for label in labels):
        return False
    # An address without brackets is no name.
    return not all(label.isdigit() for label in labels)


def is_address(text: str) -> bool:
    """A numerical IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_address_literal(text: str) -> bool:
    """``[198.18.0.1]`` or ``[IPv6:2001:db8::1]``."""
    return literal_address(text) is not None


def literal_address(text: str) -> str | None:
    """The address inside of an RFC 5321 4.1.3 literal, or None."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    inside = text[1:-1]
    if inside[:5].lower() == "ipv6:":
        inside = inside[5:]
        return inside if ":" in inside and is_address(inside) else None
    return inside if ":" not in inside and is_address(inside) else None


def is_fully_qualified(name: str) -> bool:
    """At least two labels."""
    return "." in name.rstrip(".") and is_hostname(name.rstrip("."))


def parents(name: str) -> list[str]:
    """``a.b.c`` -> ``["b.c", "c"]``: the domains that a name lies in, nearest first."""
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels))]


# Letters, digits, underscores and UTF-8 as it comes, said by what is left out: a class that
# names the whole of Unicode takes milliseconds to compile.
_EDGE: Final = r"[^\x00-/:-@\[-^`{-\x7f]"
_INSIDE: Final = r"[^\x00-,./:-@\[-^`{-\x7f]"  # and hyphens
LABEL: Final = re.compile(rf"{_EDGE}(?:{_INSIDE}{{0,61}}{_EDGE})?")
