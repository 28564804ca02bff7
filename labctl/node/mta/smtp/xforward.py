"""XFORWARD: tell a content filter, or the server behind it, who the client was.

The commands of postfix.org's XFORWARD: two lines, so that neither grows too long, each with
the attributes that the server has announced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from labctl.node.wire import xtext

UNAVAILABLE: Final = "[UNAVAILABLE]"


def commands(announced: str, attributes: Mapping[str, str], queue_id: str) -> Iterator[str]:
    """The commands to send; none when the server wants no attribute."""
    offered = frozenset(announced.upper().split())
    for group in GROUPS:
        words = [
            f"{name}={_value(name, attributes, queue_id)}" for name in group if name in offered
        ]
        if words:
            yield f"XFORWARD {' '.join(words)}"


def _value(name: str, attributes: Mapping[str, str], queue_id: str) -> str:
    if name == "SOURCE":
        # Mail of our own rewrites addresses as local mail does, that of strangers not.
        return "LOCAL" if attributes.get("rewrite_context") == "local" else "REMOTE"
    if name == "IDENT":
        return xtext.encode(attributes.get("log_ident") or queue_id)
    for source in SOURCES[name]:
        if attributes.get(source):
            return xtext.encode(attributes[source])
    return UNAVAILABLE


GROUPS: Final = (("NAME", "ADDR", "PORT"), ("PROTO", "HELO", "IDENT", "SOURCE"))
# What an earlier XFORWARD told us goes before what we saw ourselves.
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "NAME": ("log_client_name", "client_name"),
    "ADDR": ("log_client_address", "client_address"),
    "PORT": ("log_client_port", "client_port"),
    "PROTO": ("log_protocol_name", "protocol_name"),
    "HELO": ("log_helo_name", "helo_name"),
}
