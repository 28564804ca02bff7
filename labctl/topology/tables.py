"""Which settings of a node read which lookup tables of /etc/postfix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from labctl.topology.models import NodeSpec

# "hash:/etc/postfix/transport", also inside restriction lists and behind proxy:
MENTION: Final = re.compile(r"\b([a-z]+):/etc/postfix/([A-Za-z0-9_.-]+)")

# The file names of the Postfix manual, each with the setting that it is for.
SETTING_OF_TABLE: Final = {
    "transport": "transport_maps",
    "virtual": "virtual_alias_maps",
    "virtual.alias": "virtual_alias_maps",
    "canonical": "canonical_maps",
    "sender_canonical": "sender_canonical_maps",
    "recipient_canonical": "recipient_canonical_maps",
    "generic": "smtp_generic_maps",
    "relocated": "relocated_maps",
    "relay_recipients": "relay_recipient_maps",
    "header_checks": "header_checks",
    "mime_header_checks": "mime_header_checks",
    "nested_header_checks": "nested_header_checks",
    "body_checks": "body_checks",
}
# regexp_table(5) and the like are read as text; all others are built by postmap(1).
TEXT_TYPES: Final = frozenset({"regexp", "pcre", "cidr", "texthash"})
REGULAR_EXPRESSIONS: Final = frozenset(
    {"header_checks", "mime_header_checks", "nested_header_checks", "body_checks"}
)


class Mention(NamedTuple):
    """``TYPE:/etc/postfix/FILE`` in a setting; ``parameter`` is empty in master.cf."""

    type: str
    file: str
    parameter: str


def mentions(node: NodeSpec) -> Iterator[Mention]:
    """Find every table of /etc/postfix that the node's own settings name."""
    for parameter, value in node.postfix.items():
        for kind, file in MENTION.findall(value):
            yield Mention(kind, file, parameter)
    for entry in node.master:
        for kind, file in MENTION.findall(entry):
            yield Mention(kind, file, "")
