"""The virtual(8) service: write into the mailboxes that the tables name, as their owners.

NAME
    virtual - delivery to mailboxes without accounts

SECURITY
    Runs as root, because every mailbox may have another owner; acts as the owner from the
    first look at the mailbox to the last, and never as anybody below virtual_minimum_uid.
"""

from __future__ import annotations

import errno

from labctl.node.base import clock
from labctl.node.base.accounts import Account
from labctl.node.base.log import Fatal, Log
from labctl.node.base.privileges import acting_as
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.size_limits import mailbox_limit
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.delivery.agent import Delivery, Recipient, serve_deliveries
from labctl.node.mta.lib.delivery.mail_copy import Copy, original_of
from labctl.node.mta.lib.delivery.mailbox_outcome import lock_policy, outcome
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred, failed, sent
from labctl.node.mta.virtual.mailboxes import Lookup, Mailbox, Misconfigured, Tables, find
from labctl.node.store import maildir_delivery
from labctl.node.store.mbox import delivery as mbox_delivery
from labctl.node.store.mbox.delivery import CannotDeliver, NotOwned, NotRegular

# virtual(8): what goes wrong with a mailbox is for the administrator to mend, not the sender.
DEFAULT_FAILURE = "4.2.0"


def serve(context: ServiceContext) -> None:
    """Deliver until the limits are reached."""
    tables = _tables(context.config)
    mailbox_limit(context.config, "virtual_mailbox_limit")
    serve_deliveries(
        context,
        lambda delivery, rcpt: deliver(delivery, rcpt, tables),
        relay=context.service,
    )


def deliver(delivery: Delivery, rcpt: Recipient, tables: Tables) -> DeliveryStatus:
    """Find the mailbox, and write into it."""
    try:
        mailbox = find(rcpt.address, tables)
    except Misconfigured as error:
        delivery.log.warning(str(error))
        return deferred("mail system configuration error", "4.3.5")
    if mailbox is None:
        return failed(f'unknown user: "{rcpt.address}"', "5.1.1")
    kind = "maildir" if mailbox.is_maildir else "mailbox"
    if delivery.request.verify_only:
        return sent(f"delivers to {kind}")
    write = _write_maildir if mailbox.is_maildir else _append
    return write(delivery, rcpt, mailbox)


def _append(delivery: Delivery, rcpt: Recipient, mailbox: Mailbox) -> DeliveryStatus:
    data = _copy(delivery, rcpt).for_mbox(delivery.content())
    options = _options(delivery.config, mailbox)
    try:
        with acting_as(_owner(mailbox)):
            mbox_delivery.append(mailbox.path, data, options)
    except NotRegular as failure:
        delivery.log.warning(f"recipient {rcpt.address}: {failure.reason}")
        return failed("mail system configuration error", "5.3.5")
    except CannotDeliver as failure:
        if isinstance(failure, NotOwned):
            _advise_on_ownership(delivery.log)
        return outcome(failure, DEFAULT_FAILURE, f"delivery failed to mailbox {mailbox.path}: ")
    return sent("delivered to mailbox")


def _write_maildir(delivery: Delivery, rcpt: Recipient, mailbox: Mailbox) -> DeliveryStatus:
    copy = _copy(delivery, rcpt)
    data = copy.for_maildir(delivery.content())
    try:
        with acting_as(_owner(mailbox)):
            maildir_delivery.deliver(mailbox.path, data, copy.when)
    except CannotDeliver as failure:
        if failure.errno == errno.EACCES:
            who = f"{mailbox.uid}/{mailbox.gid}"
            delivery.log.warning(f"maildir access problem for UID/GID={who}: {failure.reason}")
            delivery.log.warning("perhaps you need to create the maildirs in advance")
        return outcome(failure, DEFAULT_FAILURE, "maildir delivery failed: ")
    return sent("delivered to maildir")


def _options(config: Config, mailbox: Mailbox) -> mbox_delivery.Options:
    return mbox_delivery.Options(
        lock=lock_policy(config, "virtual_mailbox_lock"),
        size_limit=config.number("virtual_mailbox_limit"),
        must_belong_to=mailbox.uid if config.flag("strict_mailbox_ownership") else None,
    )


def _advise_on_ownership(log: Log) -> None:
    log.warning('specify "strict_mailbox_ownership = no" to ignore mailbox ownership mismatch')


def _copy(delivery: Delivery, rcpt: Recipient) -> Copy:
    original = original_of(delivery.config, rcpt)
    return Copy(delivery.request.sender, original, rcpt.address, clock.now())


def _owner(mailbox: Mailbox) -> Account:
    """An identity, not an account: there is no such user in passwd(5)."""
    name = f"{mailbox.uid}"
    return Account(name, mailbox.uid, mailbox.gid, "/", "", "", (mailbox.gid,))


def _tables(config: Config) -> Tables:
    base = config.text("virtual_mailbox_base")
    if base and not base.startswith("/"):
        raise Fatal(f"do not specify relative pathname: virtual_mailbox_base = {base}")
    return Tables(
        base,
        _lookup(config, "virtual_mailbox_maps"),
        _lookup(config, "virtual_uid_maps"),
        _lookup(config, "virtual_gid_maps"),
        config.number("virtual_minimum_uid"),
    )


def _lookup(config: Config, name: str) -> Lookup:
    maps = maps_of(config, name)

    def lookup(address: str) -> str | None:
        found = maps.lookup_address(address, config, user_key=False)
        return None if found is None else found[0]

    return lookup
