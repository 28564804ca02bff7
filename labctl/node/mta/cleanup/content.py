"""The content: headers checked, counted, rewritten, dropped; body lines checked.

INPUT AND OUTPUT
    ``ContentStage`` is the sink of wire.mime.Parser.  Lines that it puts out are records of the
    queue file.
"""

from __future__ import annotations

from typing import Final

from labctl.node.mta.cleanup import addresses, checks, missing
from labctl.node.mta.cleanup.message import UTF8_HEADER, Message
from labctl.node.mta.cleanup.settings import Settings
from labctl.node.mta.lib.maps import MapError, Maps
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.services.cleanup import Flags, Stat
from labctl.node.wire import header_addresses, headers
from labctl.node.wire.addresses import internal
from labctl.node.wire.headers import KNOWN, Kind
from labctl.node.wire.mime import Fault, HeaderClass, Parser
from labctl.node.wire.mime_fields import parse_encoding

NICE_CUT: Final = 0.9
FAULT_SHOWN: Final = 100
ADDRESSED: Final = Kind.SENDER | Kind.RECIPIENT


class ContentStage:
    """What cleanup does with each header, with the end of headers, with each body line."""

    def __init__(self, message: Message, settings: Settings) -> None:
        self._message = message
        self._settings = settings
        self._faults: list[Fault] = []
        self._detects_8bit = settings.config.flag("detect_8bit_encoding_header")
        self._body_limit = settings.config.number("body_checks_size_limit")

    def header(self, header_class: HeaderClass, header: bytes) -> None:
        """One complete header."""
        # As in Postfix, text ends at a NUL; no table and no program would read on.
        header = header.partition(b"\0")[0]
        kind = KNOWN.get(headers.name(header))
        kept = self._checked(header_class, header, kind)
        if kept is None:
            return
        if kept is not header:
            header, kind = kept, KNOWN.get(headers.name(kept))
        if kind is not None and Kind.MIME in kind:
            self._note_encoding(header)
        self._message.note_utf8(header, UTF8_HEADER)
        if header_class is not HeaderClass.PRIMARY:
            out_header(self._message, self._settings, header)
        elif kind is not None:
            self._known(header, kind)
        elif headers.name(header) not in self._settings.drop_headers:
            out_header(self._message, self._settings, header)

    def end_of_header(self, header_class: HeaderClass) -> None:
        """The place for what is missing is after what is there."""
        if header_class is HeaderClass.PRIMARY and self._message.wants_output:
            missing.add(self._message, self._settings)

    def body(self, line: bytes, offset: int, *, more: bool) -> None:
        """One line of a body."""
        if self._settings.body_checks and self._is_checked(offset):
            found = self._look_up(self._settings.body_checks, line)
            if found is not None:
                where = checks.Where("body", "body_checks")
                outcome = checks.apply(self._message, where, line, found, self._settings)
                if outcome.before is not None:
                    self._message.out(queue_file.NORMAL, outcome.before)
                if outcome.text is None:
                    return
                line = outcome.text
        self._message.out(queue_file.LONG if more else queue_file.NORMAL, line)

    def fault(self, fault: Fault, text: bytes) -> None:
        """The MIME structure is not as postconf(5) strict_8bitmime and its like want it."""
        message = self._message
        origin = message.attributes.get("log_message_origin", "local")
        self._settings.log.info(
            f"{message.queue_id}: reject: mime-error {fault.value}:"
            f" {checks.printable(text[:FAULT_SHOWN], utf8=self._settings.utf8)} from {origin};"
            f" from=<{message.sender}> to=<{message.recipient}>"
        )
        self._faults.append(fault)

    def judge(self) -> None:
        """At the end of the content: until then all checks have had their say."""
        for fault in self._faults:
            self._message.fail(Stat.CONT, f"5.6.0 {fault.value}")

    def _is_checked(self, offset: int) -> bool:
        if Flags.FILTER not in self._message.flags:
            return False
        return not self._body_limit or offset < self._body_limit

    def _checked(
        self, header_class: HeaderClass, header: bytes, kind: Kind | None
    ) -> bytes | None:
        """The header after its checks; None when it goes away."""
        if Flags.FILTER not in self._message.flags:
            return header
        # header_checks(5): MIME headers are looked up in a table of their own everywhere.
        if kind is not None and Kind.MIME in kind:
            header_class = HeaderClass.MULTIPART
        table = self._settings.checks[header_class]
        found = self._look_up(table, header) if table else None
        if found is None:
            return header
        where = checks.Where("header", header_class.value)
        outcome = checks.apply(self._message, where, header, found, self._settings)
        if outcome.before is not None:
            out_header(self._message, self._settings, outcome.before)
        return outcome.text

    def _look_up(self, table: Maps, text: bytes) -> str | None:
        try:
            return table.lookup(text.decode("utf-8", "surrogateescape"))
        except MapError:
            self._settings.log.warning(
                f"{self._message.queue_id}: {table.name} map lookup problem"
                " -- message not accepted, try again later"
            )
            self._message.fail(Stat.WRITE)
            return None

    def _known(self, header: bytes, kind: Kind) -> None:
        message, name = self._message, headers.name(header)
        message.headers_seen.add(name)
        if name in MESSAGE_IDS:
            text = checks.printable(headers.value(header), utf8=self._settings.utf8)
            self._settings.log.info(f"{message.queue_id}: {MESSAGE_IDS[name]}={text}")
        if name == b"received":
            self._count_hop()
        if Kind.RESENT in kind:
            message.resent = True
        if name in self._settings.drop_headers:
            return
        if message.context and kind & ADDRESSED:
            self._rewrite(header, kind)
        else:
            out_header(message, self._settings, header)

    def _count_hop(self) -> None:
        # RFC 5321 6.3: count Received lines to detect loops.
        self._message.hops += 1
        if self._message.hops >= self._settings.config.number("hopcount_limit"):
            warning = f"{self._message.queue_id}: message rejected: hopcount exceeded"
            self._settings.log.warning(warning)
            self._message.fail(Stat.HOPS)

    def _note_encoding(self, header: bytes) -> None:
        """postconf(5) detect_8bit_encoding_header: of any part; eight bits win."""
        if headers.name(header) != b"content-transfer-encoding" or not self._detects_8bit:
            return
        if parse_encoding(header.partition(b":")[2]).domain != "7bit":
            self._message.attributes["encoding"] = "8bit"

    def _rewrite(self, header: bytes, kind: Kind) -> None:
        name, _, text = header.decode("utf-8", "surrogateescape").partition(":")
        limit = self._settings.config.number("header_address_token_limit")
        before = header_addresses.parse(text, limit)
        which = "header_sender" if Kind.SENDER in kind else "header_recipient"
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
        if Flags.MAP_OK not in self._message.flags:
            return standard
        plain = internal(standard)
        mapped = addresses.canonical(self._message, self._settings, plain, which)
        return standard if mapped == plain else header_addresses.quoted(mapped)


def parser(stage: ContentStage, message: Message, settings: Settings) -> Parser:
    """Who reads the content and tells the stage of its structure."""
    limits = settings.mime_limits
    if Flags.FILTER not in message.flags:
        limits = limits._replace(unwanted=frozenset())
    elif Flags.SMTPUTF8 in message.flags:
        # RFC 6531 3.2: such headers are in UTF-8.
        limits = limits._replace(unwanted=limits.unwanted - {Fault.HEADER_8BIT})
    return Parser(stage, limits, structure=settings.structure, report=stage.fault)


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


MESSAGE_IDS: Final = {b"message-id": "message-id", b"resent-message-id": "resent-message-id"}
