"""A mailbox must be able to take a message of the largest size that we accept."""

from __future__ import annotations

from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config

MESSAGE: Final = "message_size_limit"


def mailbox_limit(config: Config, name: str) -> int:
    """The limit of the parameter ``name``, 0 for none; ``Fatal`` where it makes no sense."""
    mailbox, message = config.number(name), config.number(MESSAGE)
    if mailbox and not message:
        raise Fatal(f"configuration error: {name} is limited but {MESSAGE} is unlimited")
    if 0 < mailbox < message:
        raise Fatal(f"configuration error: {name} is smaller than {MESSAGE}")
    return mailbox
