"""One address on its way through aliases and .forward files, and what is known of it so far.

INPUT AND OUTPUT
    A ``Target`` never changes: each expansion makes new ones, one level deeper.  ``start()``
    makes the first of a recipient, ``addressed_to()`` the parts of an address.

WHOSE RIGHTS
    ``rights`` is the account that files and commands are used as: that of the alias file, of
    the :include: file or of the user.  None stands for root's aliases, whose files and
    commands are used as default_privs, because nobody in particular asked for them.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.mta.lib.config.address_parts import split_address, split_extension
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import Notify
from labctl.node.mta.lib.queue.queue_file import Recipient


class Source(enum.StrEnum):
    """Where an address was written; the names are those of allow_mail_to_commands."""

    ENVELOPE = ""
    ALIAS = "alias"
    FORWARD = "forward"
    INCLUDE = "include"


class Target(NamedTuple):
    """Where a delivery is going, and by which way it got there."""

    rcpt: Recipient
    sender: str  # who is told of problems: the envelope sender, or the owner of a list
    delivered: str = ""  # for the Delivered-To: header
    level: int = 0
    local: str = ""
    domain: str = ""
    user: str = ""
    extension: str | None = None  # without the delimiter; "" when nothing follows it
    unmatched: str | None = None  # an extension that no table has consumed
    owner: str | None = None  # who forwards: decides whether members get a message of their own
    source: Source = Source.ENVELOPE
    expanded_from: str = ""
    rights: Account | None = None

    def deeper(self) -> Target:
        return self._replace(level=self.level + 1)

    def with_address(self, address: str) -> Target:
        return self._replace(rcpt=self.rcpt._replace(address=address))

    def without_success_reports(self) -> Target:
        """RFC 3461 5.2.7.1: what an alias expands to is not reported one by one."""
        notify = self.rcpt.notify
        left = Notify.NEVER if notify == Notify.SUCCESS else notify & ~Notify.SUCCESS
        return self._replace(rcpt=self.rcpt._replace(notify=left))

    def of_list(self, owner: str) -> Target:
        """RFC 3461 5.2.7.2: a list is a new sender, who asked for no reports yet."""
        rcpt = self.rcpt._replace(original="", dsn_original="", notify=Notify.UNSET)
        return self._replace(sender=owner, owner=owner, rcpt=rcpt)


def start(rcpt: Recipient, sender: str) -> Target:
    """The recipient as qmgr sent it."""
    return Target(rcpt, sender)


def addressed_to(target: Target, config: Config) -> Target:
    """The target with the parts of its address."""
    address = target.rcpt.address
    # Names of accounts are in lower case, and people write addresses as they like.
    local, domain = split_address(address.lower())
    user, delimited = split_extension(
        local,
        config.text("recipient_delimiter"),
        owner_request_special=config.flag("owner_request_special"),
    )
    extension = delimited[1:] if delimited else None
    return target._replace(
        delivered=target.delivered or address,
        local=local,
        domain=domain,
        user=user,
        extension=extension,
        unmatched=extension,
    )
