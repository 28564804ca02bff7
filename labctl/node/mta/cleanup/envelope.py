"""Envelope records: read, judged, rewritten, written; before the content and after it.

ORDER
    What arrives as T, A.., F, S, [A O R].. is written as
    C (size, filled in at the end), T, A create_time, A.., F, S, [A O R]..
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.cleanup import recipients
from labctl.node.mta.cleanup.message import UTF8_REQUESTED, Message
from labctl.node.mta.cleanup.settings import Settings
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.dsn import Notify, Ret
from labctl.node.mta.lib.queue.queue_file import Recipient, Size
from labctl.node.mta.lib.services.cleanup import Flags, Stat


def begin(message: Message, settings: Settings) -> None:
    """The size record, empty for now: it keeps its place at the begin of the file."""
    message.judge()
    if Flags.SMTPUTF8 in message.flags:
        message.smtputf8 = UTF8_REQUESTED
    message.raw(queue_file.encode_size(Size(0, 0, 0, 0, 0, 0)))


def take(message: Message, settings: Settings, kind: int, data: bytes) -> None:
    """One record of the envelope; an unknown one is a client's mistake."""
    action = RECORDS.get(kind)
    if action is None:
        settings.log.warning(f"{message.queue_id}: unexpected record type {kind} in envelope")
        message.fail(Stat.BAD)
        return
    # A NUL is no part of an address, and could not be asked about: text ends there.
    text = data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
    action(message, settings, text)


def end(message: Message, settings: Settings) -> None:
    """Before the content: what the site adds to every message."""
    if message.sender is None:
        settings.log.warning(f"{message.queue_id}: envelope without sender")
        message.fail(Stat.BAD)
    message.out(queue_file.CONTENT)
    message.data_offset = message.writer.offset


def _time(message: Message, settings: Settings, text: str) -> None:
    whole, _, micro = text.partition(" ")
    try:
        message.arrival = int(whole) + int(micro or 0) / 1_000_000
    except ValueError:
        message.fail(Stat.BAD)
    message.out_text(queue_file.TIME, text)
    message.raw(queue_file.encode_attribute("create_time", str(int(clock.now()))))
    delay = settings.config.seconds("delay_warning_time")
    if delay > 0:
        message.out_text(queue_file.WARN_TIME, str(int(message.arrival + delay)))


def _full_name(message: Message, settings: Settings, text: str) -> None:
    message.full_name = text
    message.out_text(queue_file.FULL_NAME, text)


def _sender(message: Message, settings: Settings, text: str) -> None:
    recipients.take_sender(message, settings, text)


def _original(message: Message, settings: Settings, text: str) -> None:
    message.pending = message.pending._replace(original=text)


def _recipient(message: Message, settings: Settings, text: str) -> None:
    rcpt, message.pending = message.pending._replace(address=text), Recipient("")
    recipients.take_recipient(message, settings, rcpt)


def _attribute(message: Message, settings: Settings, text: str) -> None:
    name, _, value = text.partition("=")
    if name in PENDING:
        message.pending = PENDING[name](message.pending, value)
        return
    message.attributes[name] = value
    if name == "rewrite_context":
        message.context = _context(message, settings, value)
    elif name == "envelope_id":
        message.envelope_id = value
    elif name == "ret_flags":
        message.ret = Ret(queue_file.RET_NAMES.get(value, ""))
    message.raw(queue_file.encode_attribute(name, value))


def _context(message: Message, settings: Settings, value: str) -> str:
    if value == "local":
        return "local"
    # postconf(5) remote_header_rewrite_domain: empty means hands off strangers' headers.
    return "remote" if settings.config.text("remote_header_rewrite_domain") else ""


def _filter(message: Message, settings: Settings, text: str) -> None:
    # content_filter of who brings the message: smtpd and pickup can each have one of their own.
    message.filter = text


def _redirect(message: Message, settings: Settings, text: str) -> None:
    message.redirect = text


def _flags(message: Message, settings: Settings, text: str) -> None:
    """What an access table decided in smtpd: HOLD, DISCARD."""
    if text.isdigit():
        message.flags |= Flags(int(text)) & (Flags.HOLD | Flags.DISCARD)
        message.judge()


def _copied(kind: int) -> Callable[[Message, Settings, str], None]:
    def copy(message: Message, settings: Settings, text: str) -> None:
        message.out_text(kind, text)

    return copy


def _orig_rcpt(pending: Recipient, value: str) -> Recipient:
    return pending._replace(dsn_original=value)


def _notify(pending: Recipient, value: str) -> Recipient:
    return pending._replace(notify=Notify(int(value)) if value.isdigit() else Notify.UNSET)


def _ignored(message: Message, settings: Settings, text: str) -> None:
    """Records that only we may write: size, create_time."""


PENDING: Final[Mapping[str, Callable[[Recipient, str], Recipient]]] = {
    "dsn_orig_rcpt": _orig_rcpt,
    "notify_flags": _notify,
}
RECORDS: Final[Mapping[int, Callable[[Message, Settings, str], None]]] = {
    queue_file.SIZE: _ignored,
    queue_file.TIME: _time,
    queue_file.CREATE_TIME: _ignored,
    queue_file.FULL_NAME: _full_name,
    queue_file.INSPECT: _copied(queue_file.INSPECT),
    queue_file.FILTER: _filter,
    queue_file.FROM: _sender,
    queue_file.ORIGINAL_RECIPIENT: _original,
    queue_file.RECIPIENT: _recipient,
    queue_file.ATTRIBUTE: _attribute,
    queue_file.REDIRECT: _redirect,
    queue_file.FLAGS: _flags,
    queue_file.VERP: _copied(queue_file.VERP),
    queue_file.WARN_TIME: _ignored,
    queue_file.PADDING: _ignored,
}
