"""Headers that a message should have and has not: RFC 5322 3.6, for our own mail.

postconf(5) always_add_missing_headers, header_from_format, undisclosed_recipients_header.
"""

from __future__ import annotations

import time
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.cleanup.message import Message
from labctl.node.mta.cleanup.settings import Settings
from labctl.node.mta.lib.queue import queue_file
from labctl.node.wire import header_addresses, headers
from labctl.node.wire.addresses import external
from labctl.node.wire.mail_date import mail_date


def add(message: Message, settings: Settings) -> None:
    """Message-Id, Date and From, for our own mail or with always_add_missing_headers."""
    resent = "Resent-" if message.resent else ""
    missing = message.context or settings.config.flag("always_add_missing_headers")
    if missing and f"{resent}message-id".lower().encode() not in message.headers_seen:
        _add_message_id(message, settings, resent)
    if b"message-id" not in message.headers_seen:
        settings.log.info(f"{message.queue_id}: message-id=<>")
    if not missing:
        return
    if f"{resent}date".lower().encode() not in message.headers_seen:
        _put(message, f"{resent}Date", mail_date(message.arrival))
    if f"{resent}from".lower().encode() not in message.headers_seen:
        _put(message, f"{resent}From", _from(message, settings))
    undisclosed = settings.config.text("undisclosed_recipients_header")
    if undisclosed and not message.headers_seen & VISIBLE:
        message.out(queue_file.NORMAL, undisclosed.encode())


def _add_message_id(message: Message, settings: Settings, resent: str) -> None:
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(clock.now()))
    identity = f"<{stamp}.{message.queue_id}@{settings.hostname}>"
    _put(message, f"{resent}Message-Id", identity)
    settings.log.info(f"{message.queue_id}: {resent.lower()}message-id={identity}")
    message.headers_seen.add(f"{resent}message-id".lower().encode())


def _from(message: Message, settings: Settings) -> str:
    address = external(message.sender or "") or "MAILER-DAEMON"
    if not message.sender or not message.full_name:
        return address
    if settings.config.text("header_from_format") == "obsolete":
        return f"{address} ({message.full_name})"
    return f"{header_addresses.phrase(message.full_name)} <{address}>"


def _put(message: Message, name: str, value: str) -> None:
    message.out(queue_file.NORMAL, headers.encode(name, value))


VISIBLE: Final = {b"to", b"resent-to", b"cc", b"resent-cc"}
