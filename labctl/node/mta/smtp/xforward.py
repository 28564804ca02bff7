"""XFORWARD: tell a content filter, or the server behind it, who the client was.

The commands of postfix.org's XFORWARD: two lines, so that neither grows too long, each with
the attributes that the server has announced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from labctl.node.wire import xtext


def commands(announced: str, attributes: Mapping[str, str], queue_id: str) -> Iterator[str]:
    """The commands to send; what the server does not want, or we do not know, is left out."""
    offered = frozenset(announced.upper().split())
    for group in GROUPS:
        known = ((name, _value(name, attributes, queue_id)) for name in group)
        words = [f"{name}={value}" for name, value in known if name in offered and value]
        if words:
            yield f"XFORWARD {' '.join(words)}"


def _value(name: str, attributes: Mapping[str, str], queue_id: str) -> str:
    if name == "SOURCE":
        # Mail of our own rewrites addresses as local mail does, that of strangers not.
        return "LOCAL" if attributes.get("rewrite_context") == "local" else "REMOTE"
    values = (attributes.get(source, "") for source in SOURCES[name])
    value = next(filter(None, values), "")
    if name == "IDENT" and not value and attributes.get("client_address"):
        # Mail that came by SMTP is known to its client under our queue id.
        value = queue_id
    return xtext.encode(value)


GROUPS: Final = (("NAME", "ADDR", "PORT"), ("PROTO", "HELO", "IDENT", "SOURCE"))
# What an earlier XFORWARD told us goes before what we saw ourselves.
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "NAME": ("log_client_name", "client_name"),
    "ADDR": ("log_client_address", "client_address"),
    "PORT": ("log_client_port", "client_port"),
    "PROTO": ("log_protocol_name", "protocol_name"),
    "HELO": ("log_helo_name", "helo_name"),
    "IDENT": ("log_ident",),
}
