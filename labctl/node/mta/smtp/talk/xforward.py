"""XFORWARD: tell a content filter, or the server behind it, who the client was.

The commands of postfix.org's XFORWARD: two lines, so that neither grows too long, each with
the attributes that the server has announced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.wire import xtext


class Command(NamedTuple):
    """One line, and what the log calls it."""

    line: str
    about: str


def commands(announced: str, attributes: Mapping[str, str], queue_id: str) -> Iterator[Command]:
    """The commands to send; what the server does not want, or we do not know, is left out."""
    offered = frozenset(announced.upper().split())
    for about, group in GROUPS.items():
        known = ((name, _value(name, attributes, queue_id)) for name in group)
        words = [f"{name}={value}" for name, value in known if name in offered and value]
        if words:
            yield Command(f"XFORWARD {' '.join(words)}", about)


def _value(name: str, attributes: Mapping[str, str], queue_id: str) -> str:
    if name == "SOURCE":
        # Mail of our own rewrites addresses as local mail does, that of strangers not.
        return "LOCAL" if attributes.get("rewrite_context") == "local" else "REMOTE"
    values = (attributes.get(source, "") for source in SOURCES[name])
    value = next((value for value in values if value not in ("", UNKNOWN)), "")
    if name == "IDENT" and not value and attributes.get("client_address"):
        # Mail that came by SMTP is known to its client under our queue id.
        value = queue_id
    return xtext.encode(value)


UNKNOWN: Final = "unknown"  # what smtpd calls a client without a name
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "name/address": ("NAME", "ADDR", "PORT"),
    "protocol/helo_name": ("PROTO", "HELO", "IDENT", "SOURCE"),
}
# What an earlier XFORWARD told us goes before what we saw ourselves.
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "NAME": ("log_client_name", "client_name"),
    "ADDR": ("log_client_address", "client_address"),
    "PORT": ("log_client_port", "client_port"),
    "PROTO": ("log_protocol_name", "protocol_name"),
    "HELO": ("log_helo_name", "helo_name"),
    "IDENT": ("log_ident",),
}
