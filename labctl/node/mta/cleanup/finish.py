"""The end of a message: extracted segment, the verdict, and the moment of responsibility.

ORDER
    X, recipients that we add, FILTER, REDIRECT, E; the size record in its place at the begin;
    write, mode bit, fsync.  From that fsync on we are responsible for the message.
"""

from __future__ import annotations

import os

from labctl.node.base import clock
from labctl.node.mta.cleanup import recipients
from labctl.node.mta.cleanup.message import CANNOT_BOUNCE, Message
from labctl.node.mta.cleanup.settings import Settings
from labctl.node.mta.lib.delivery import log_line as delivery_log
from labctl.node.mta.lib.queue import dsn, queue_file
from labctl.node.mta.lib.queue.directory import COMPLETE, NewFile, QueueDirectory
from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus, Ret
from labctl.node.mta.lib.queue.queue_file import Recipient, Size
from labctl.node.mta.lib.services import bounce
from labctl.node.mta.lib.services.bounce import Subject
from labctl.node.mta.lib.services.cleanup import CleanupResult, Flags, Stat
from labctl.node.mta.lib.services.delivery_request import Times


def extracted(message: Message, settings: Settings) -> None:
    """After the content: what the tables and checks have added."""
    message.data_end = message.writer.offset
    message.out(queue_file.EXTRACTED)
    if encoding := message.attributes.get("encoding"):
        message.raw(queue_file.encode_attribute("encoding", encoding))
    copies = list(message.bcc)
    if Flags.BCC_OK in message.flags and (always := settings.config.text("always_bcc")):
        copies.insert(0, always)
    for copy in copies:
        recipients.add_copy(message, settings, copy)


def end(message: Message) -> None:
    """What is to be done with the message as a whole, E, and the size record."""
    # Only now: restrictions at the end of data have their say behind the content.
    if message.filter:
        message.out_text(queue_file.FILTER, message.filter)
    if message.redirect:
        message.out_text(queue_file.REDIRECT, message.redirect)
    if not message.recipients and message.wants_output:
        message.fail(Stat.RCPT)
    message.out(queue_file.END)
    if not message.wants_output and not _must_return(message):
        return
    try:
        _write_end(message)
    except OSError as error:
        message.fail_to_write(error)


def _write_end(message: Message) -> None:
    if not message.wants_output:
        _close_cut_file(message)
    length = message.data_end - message.data_offset
    size = Size(length, message.data_offset, message.recipients, 0, length, message.smtputf8)
    message.writer.finish(queue_file.encode_size(size))


def _close_cut_file(message: Message) -> None:
    """What ended at message_size_limit is returned, and read for that as any other file."""
    if not message.data_offset:
        message.writer.write(queue_file.encode(queue_file.CONTENT))
        message.data_offset = message.writer.offset
    if not message.data_end:
        message.data_end = message.writer.offset
        message.writer.write(queue_file.encode(queue_file.EXTRACTED))
    message.writer.write(queue_file.encode(queue_file.END))


def settle(
    message: Message, settings: Settings, queue: QueueDirectory, file: NewFile
) -> CleanupResult:
    """Make the file a message of the queue, or return it, or take it back."""
    if message.status is Stat.OK and Flags.DISCARD not in message.flags:
        _commit(message, queue, file)
    if _must_return(message):
        _return_to_sender(message, settings)
        _remove(queue, file)
        return CleanupResult(Stat.OK)
    if message.status or Flags.DISCARD in message.flags:
        _remove(queue, file)
    return CleanupResult(message.status, message.reason)


def _must_return(message: Message) -> bool:
    bounces = Flags.BOUNCE in message.flags and not message.status & CANNOT_BOUNCE
    return bounces and message.status is not Stat.OK


def _commit(message: Message, queue: QueueDirectory, file: NewFile) -> None:
    try:
        if Flags.HOLD in message.flags:
            # Before it is complete: qmgr must not see it in incoming even for a moment.
            queue.rename(file.queue_id, "incoming", "hold")
        os.fchmod(file.fd, COMPLETE)
        os.fsync(file.fd)
    except OSError as error:
        message.fail_to_write(error)


def _remove(queue: QueueDirectory, file: NewFile) -> None:
    for name in ("incoming", "hold"):
        queue.remove(name, file.queue_id)


def _return_to_sender(message: Message, settings: Settings) -> None:
    """The submitter is gone: who sent it hears of it by mail."""
    detail = CleanupResult(message.status).verdict
    status, text = dsn.split(message.reason or detail.text, detail.status)
    outcome = DeliveryStatus(status, Action.FAILED, text)
    now = clock.now()
    times = Times(message.arrival, now, now)
    for rcpt in _recipients(settings, message):
        line = delivery_log.delivery_line(
            message.queue_id,
            rcpt,
            delivery_log.Hop(),
            times,
            now=now,
            result=f"dsn={status}, status=bounced ({text})",
        )
        settings.log.info(line)
        bounce.append(settings.config, "bounce", message.queue_id, rcpt, outcome)
    subject = Subject(
        "incoming",
        message.queue_id,
        message.sender or "",
        message.attributes.get("encoding", ""),
        0,
        message.envelope_id,
        # What nobody here wants to read need not travel back: headers are enough.
        Ret.HEADERS if message.status & Stat.CONT else message.ret,
    )
    if not bounce.flush(settings.config, subject):
        settings.log.warning(f"{message.queue_id}: bounce message failure")


def _recipients(settings: Settings, message: Message) -> tuple[Recipient, ...]:
    path = f"{settings.config.text('queue_directory')}/incoming/{message.queue_id}"
    return queue_file.read(path).recipients
