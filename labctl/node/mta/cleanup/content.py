"""The content: headers checked, counted, rewritten, dropped, added; body lines checked.

INPUT AND OUTPUT
    ``ContentStage`` is the sink of wire.mime.Parser.  Lines that it puts out are records of the
    queue file.
"""

from __future__ import annotations

import time
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.cleanup import addresses, checks
from labctl.node.mta.cleanup.message import Message
from labctl.node.mta.cleanup.settings import Settings
from labctl.node.mta.lib.maps import MapError
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.services.cleanup import Flags, Stat
from labctl.node.wire import header_addresses, headers
from labctl.node.wire.addresses import external, internal
from labctl.node.wire.headers import KNOWN, Kind
from labctl.node.wire.mail_date import mail_date
from labctl.node.wire.mime import HeaderClass

NICE_CUT: Final = 0.9


class ContentStage:
    """What cleanup does with each header, with the end of headers, with each body line."""

    def __init__(self, message: Message, settings: Settings) -> None:
        self._message = message
        self._settings = settings
        self._body_limit = settings.config.number("body_checks_size_limit")

    def header(self, header_class: HeaderClass, header: bytes) -> None:
        """One complete header."""
        kind = KNOWN.get(headers.name(header))
        kept = self._checked(header_class, header, kind)
        if kept is None:
            return
        if kept is not header:
            header, kind = kept, KNOWN.get(headers.name(kept))
        if header_class is not HeaderClass.PRIMARY:
            out_header(self._message, self._settings, header)
        elif kind is not None:
            self._known(header, kind)
        elif headers.name(header) not in self._settings.drop_headers:
            out_header(self._message, self._settings, header)

    def end_of_header(self, header_class: HeaderClass) -> None:
        """The place for what is missing is after what is there."""
        if header_class is HeaderClass.PRIMARY:
            add_missing(self._message, self._settings)

    def body(self, line: bytes, offset: int, *, more: bool) -> None:
        """One line of a body."""
        if self._settings.body_checks and self._is_checked(offset):
            found = self._look_up(self._settings.body_checks, line)
            if found is not None:
                where = checks.Where("body", "body_checks")
                outcome = checks.apply(self._message, where, line, found, self._settings.log)
                if outcome.before is not None:
                    self._message.out(queue_file.NORMAL, outcome.before)
                if outcome.text is None:
                    return
                line = outcome.text
        self._message.out(queue_file.LONG if more else queue_file.NORMAL, line)

    def _is_checked(self, offset: int) -> bool:
        if not self._message.flags & Flags.FILTER:
            return False
        return not self._body_limit or offset < self._body_limit

    def _checked(
        self, header_class: HeaderClass, header: bytes, kind: Kind | None
    ) -> bytes | None:
        """The header after its checks; None when it goes away."""
        if not self._message.flags & Flags.FILTER:
            return header
        # header_checks(5): MIME headers are looked up in a table of their own everywhere.
        if kind is not None and kind & Kind.MIME:
            header_class = HeaderClass.MULTIPART
        table = self._settings.checks[header_class]
        found = self._look_up(table, header) if table else None
        if found is None:
            return header
        where = checks.Where("header", header_class.value)
        outcome = checks.apply(self._message, where, header, found, self._settings.log)
        if outcome.before is not None:
            out_header(self._message, self._settings, outcome.before)
        return outcome.text

    def _look_up(self, table: object, text: bytes) -> str | None:
        try:
            key = text.decode("utf-8", "surrogateescape")
            result: str | None = table.lookup(key)  # type: ignore[attr-defined]  # Maps
        except MapError as error:
            self._settings.log.warning(
                f"{self._message.queue_id}: {error} map lookup problem"
                " -- message not accepted, try again later"
            )
            self._message.fail(Stat.WRITE)
            return None
        return result

    def _known(self, header: bytes, kind: Kind) -> None:
        message, name = self._message, headers.name(header)
        message.headers_seen.add(name)
        if name in MESSAGE_IDS:
            text = headers.value(header).decode("utf-8", "replace")
            self._settings.log.info(f"{message.queue_id}: {MESSAGE_IDS[name]}={text}")
        if name == b"received":
            self._count_hop()
        if name == b"content-transfer-encoding":
            self._note_encoding(header)
        if kind & Kind.RESENT:
            message.resent = True
        if name in self._settings.drop_headers:
            return
        if kind & (Kind.SENDER | Kind.RECIPIENT) and message.context:
            self._rewrite(header, kind)
        else:
            out_header(message, self._settings, header)

    def _count_hop(self) -> None:
        # RFC 5321 6.3: count Received lines to detect loops.
        self._message.hops += 1
        if self._message.hops == self._settings.config.number("hopcount_limit"):
            warning = f"{self._message.queue_id}: message rejected: hopcount exceeded"
            self._settings.log.warning(warning)
            self._message.fail(Stat.HOPS)

    def _note_encoding(self, header: bytes) -> None:
        encoding = headers.value(header).lower()
        if encoding in (b"7bit", b"8bit", b"binary"):
            self._message.attributes["encoding"] = encoding.decode()

    def _rewrite(self, header: bytes, kind: Kind) -> None:
        name, _, text = header.decode("utf-8", "surrogateescape").partition(":")
        limit = self._settings.config.number("header_address_token_limit")
        before = header_addresses.parse(text, limit)
        which = "header_sender" if kind & Kind.SENDER else "header_recipient"
        try:
            after = header_addresses.rewrite(before, lambda item: self._address(item, which))
        except addresses.RewriteFailure as failure:
            self._settings.log.warning(f"{self._message.queue_id}: {failure.warning}")
            self._message.fail(failure.status, failure.reason)
            return
        if after == before:
            out_header(self._message, self._settings, header)
            return
        lines = header_addresses.fold(f"{name}: {header_addresses.unparse(after)}")
        rewritten = "\n".join(lines).encode("utf-8", "surrogateescape")
        out_header(self._message, self._settings, rewritten)

    def _address(self, written: str, which: str) -> str:
        context = self._message.context
        standard = addresses.standard_external(self._settings, written, context)
        if not self._message.flags & Flags.MAP_OK:
            return standard
        plain = internal(standard)
        mapped = addresses.canonical(self._message, self._settings, plain, which)
        return standard if mapped == plain else header_addresses.quoted(mapped)


def out_header(message: Message, settings: Settings, header: bytes) -> None:
    """The lines of a header as records, cut at header_size_limit."""
    limit = settings.mime_limits.header_size
    if len(header) <= limit:
        for line in header.split(b"\n"):
            message.out(queue_file.NORMAL, line)
        return
    position = 0
    for line in header.split(b"\n"):
        if position + len(line) > limit:
            # Cut between lines, unless that would lose a lot.
            if position <= NICE_CUT * limit:
                message.out(queue_file.NORMAL, line[: limit - position])
            return
        message.out(queue_file.NORMAL, line)
        position += len(line) + 1


def add_missing(message: Message, settings: Settings) -> None:
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
        _add(message, f"{resent}Date", mail_date(message.arrival))
    if f"{resent}from".lower().encode() not in message.headers_seen:
        _add(message, f"{resent}From", _from(message, settings))
    undisclosed = settings.config.text("undisclosed_recipients_header")
    if undisclosed and not message.headers_seen & VISIBLE:
        message.out(queue_file.NORMAL, undisclosed.encode())


def _add_message_id(message: Message, settings: Settings, resent: str) -> None:
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(clock.now()))
    identity = f"<{stamp}.{message.queue_id}@{settings.hostname}>"
    _add(message, f"{resent}Message-Id", identity)
    settings.log.info(f"{message.queue_id}: {resent.lower()}message-id={identity}")
    message.headers_seen.add(f"{resent}message-id".lower().encode())


def _from(message: Message, settings: Settings) -> str:
    address = external(message.sender or "") or "MAILER-DAEMON"
    if not message.sender or not message.full_name:
        return address
    if settings.config.text("header_from_format") == "obsolete":
        return f"{address} ({message.full_name})"
    return f"{header_addresses.phrase(message.full_name)} <{address}>"


def _add(message: Message, name: str, value: str) -> None:
    message.out(queue_file.NORMAL, headers.encode(name, value))


MESSAGE_IDS: Final = {b"message-id": "message-id", b"resent-message-id": "resent-message-id"}
VISIBLE: Final = {b"to", b"resent-to", b"cc", b"resent-cc"}
