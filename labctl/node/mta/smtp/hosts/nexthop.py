"""The next hop as transport(5) writes it: ``host``, ``[host]:port``, ``unix:/path``, or a list.

postconf(5) relayhost: Postfix 3.5 and later take a list, separated by commas or white space,
whose members are tried in that order.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LMTP_PORT: Final = "24"
SMTP_PORT: Final = "25"


class Nexthop(NamedTuple):
    """Where to look for hosts."""

    host: str  # without brackets
    port: str  # a number, or a name of /etc/services
    use_mx: bool
    path: str = ""  # LMTP over a local socket


def split(text: str) -> list[str]:
    """The members of a list of next hops."""
    return text.replace(",", " ").split() or [text]


def parse(text: str, *, lmtp: bool = False, port: str = "") -> Nexthop:
    """Take a next hop apart; LMTP never asks for MX."""
    if lmtp and text.startswith("unix:"):
        return Nexthop("", "", use_mx=False, path=text.removeprefix("unix:"))
    if lmtp:
        text = text.removeprefix("inet:")
    default = port or (LMTP_PORT if lmtp else SMTP_PORT)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return Nexthop(_literal(host), rest.removeprefix(":") or default, use_mx=False)
    host, colon, named = text.rpartition(":")
    if not colon:
        host, named = text, ""
    return Nexthop(host, named or default, use_mx=not lmtp)


def _literal(host: str) -> str:
    """RFC 5321 4.1.3: an address literal of IPv6 carries its name in front."""
    return host[5:] if host[:5].lower() == "ipv6:" else host
