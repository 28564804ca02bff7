"""Envelope senders and recipients: rewritten, expanded, copied, each written once."""

from __future__ import annotations

from labctl.node.mta.cleanup import addresses
from labctl.node.mta.cleanup.addresses import RewriteFailure
from labctl.node.mta.cleanup.message import (
    UTF8_RECIPIENT,
    UTF8_SENDER,
    Message,
    notify_after_expansion,
)
from labctl.node.mta.cleanup.settings import Settings, Table
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus, Notify
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import bounce
from labctl.node.mta.lib.services.cleanup import Flags


def take_sender(message: Message, settings: Settings, sender: str) -> None:
    """The S record."""
    address = _rewritten(message, settings, sender, "envelope_sender")
    message.sender = address
    message.note_utf8(address, UTF8_SENDER)
    message.out_text(queue_file.FROM, address)
    if Flags.BCC_OK in message.flags and address:
        _copies(message, settings, settings.sender_bcc, address)


def take_recipient(message: Message, settings: Settings, rcpt: Recipient) -> None:
    """An R record, with what came before it."""
    written = rcpt.address or settings.config.text("empty_address_recipient")
    address = _rewritten(message, settings, written, "envelope_recipient")
    # RFC 3461 4.2: without ORCPT the address before alias expansion stands in reports.
    kind = "rfc822" if address.isascii() else "utf-8"
    dsn_original = rcpt.dsn_original or f"{kind};{address}"
    message.recipient = address
    message.note_utf8(address, UTF8_RECIPIENT)
    original = rcpt.original or rcpt.address
    put(message, settings, Recipient(address, original, dsn_original, rcpt.notify))
    if Flags.BCC_OK in message.flags and address:
        _copies(message, settings, settings.recipient_bcc, address)


def add_copy(message: Message, settings: Settings, address: str) -> None:
    """A blind copy that we add; nobody is told when it fails (postconf(5) always_bcc)."""
    rewritten = _rewritten(message, settings, address, "envelope_recipient")
    put(message, settings, Recipient(rewritten, rewritten, "", Notify.NEVER))


def put(message: Message, settings: Settings, rcpt: Recipient) -> None:
    """Expand a rewritten recipient and write what is new."""
    expanded = [rcpt.address]
    if Flags.MAP_OK in message.flags:
        try:
            expanded = addresses.expand(settings, rcpt.address)
        except RewriteFailure as failure:
            _fail(message, settings, failure)
    if rcpt.notify & Notify.SUCCESS and expanded != [rcpt.address]:
        _report_expansion(message, settings, rcpt)
        rcpt = rcpt._replace(notify=notify_after_expansion(rcpt.notify))
    for address in expanded:
        _write(message, settings, rcpt._replace(address=address))


def _write(message: Message, settings: Settings, rcpt: Recipient) -> None:
    whole, limit = settings.tell_apart, settings.duplicate_limit
    if message.seen_before(rcpt, whole=whole, limit=limit):
        return
    if rcpt.notify:
        message.raw(queue_file.encode_attribute("notify_flags", str(int(rcpt.notify))))
    if rcpt.dsn_original:
        message.raw(queue_file.encode_attribute("dsn_orig_rcpt", rcpt.dsn_original))
    message.out_text(queue_file.ORIGINAL_RECIPIENT, rcpt.original)
    message.out_text(queue_file.RECIPIENT, rcpt.address)
    message.recipients += 1


def _report_expansion(message: Message, settings: Settings, rcpt: Recipient) -> None:
    # RFC 3461 6.2.7.3: for an alias, success means that it has been expanded.
    status = DeliveryStatus("2.0.0", Action.EXPANDED, "alias expanded")
    bounce.append(settings.config, "trace", message.queue_id, rcpt, status)


def _rewritten(message: Message, settings: Settings, address: str, kind: str) -> str:
    try:
        # postconf(5): an incomplete envelope address is that of a local user.
        standard = addresses.standard(settings, address)
        # Mail from the mail system itself must not be returned to it.
        if kind == "envelope_sender" and standard.lower().startswith("mailer-daemon@"):
            standard = ""
        if Flags.MAP_OK not in message.flags:
            return standard
        return addresses.canonical(message, settings, standard, kind)
    except RewriteFailure as failure:
        _fail(message, settings, failure)
        return address


def _copies(message: Message, settings: Settings, table: Table, whose: str) -> None:
    try:
        copy = addresses.bcc(settings, table, whose)
    except RewriteFailure as failure:
        _fail(message, settings, failure)
        return
    if copy:
        add_copy(message, settings, copy)


def _fail(message: Message, settings: Settings, failure: RewriteFailure) -> None:
    settings.log.warning(f"{message.queue_id}: {failure.warning}")
    message.fail(failure.status, failure.reason)
