"""Variable envelope return paths: the sender names the recipient, so that a bounce says who.

INPUT AND OUTPUT
    ``list@alpha.test`` for ``ann@far.test`` with ``+=`` is ``list+ann=far.test@alpha.test``.
"""

from __future__ import annotations

from labctl.node.mta.lib.queue.queue_file import Recipient


def verp_sender(sender: str, recipient: Recipient, delimiters: str) -> str:
    """VERP_README: the recipient as the sender wrote it, because that is whom it knows."""
    local, at, domain = _split(sender)
    name, _, place = _split(recipient.original or recipient.address)
    middle = delimiters[1] + place if place else ""
    return f"{local}{delimiters[0]}{name}{middle}{at if domain else ''}{domain}"


def _split(address: str) -> tuple[str, str, str]:
    local, at, domain = address.rpartition("@")
    return (local, at, domain) if at else (address, "", "")
