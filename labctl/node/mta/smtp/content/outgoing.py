"""A queue file as the letter that leaves: generic addresses, header checks, wire form.

One pass over the structure of the message: each header is rewritten, then checked; each line
of a body is checked.  What is too much for a server of seven bits was converted before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery.agent import Delivery
from labctl.node.mta.smtp.content import generic
from labctl.node.mta.smtp.content.checks import Checks, check_body_line, check_header
from labctl.node.mta.smtp.content.downgrade import downgrade
from labctl.node.mta.smtp.content.wire import to_wire
from labctl.node.mta.smtp.talk.transaction import Letter
from labctl.node.wire import mime
from labctl.node.wire.mime import HeaderClass

SMTPUTF8_REQUESTED = 1  # the other bits say what made it necessary


class Outgoing(NamedTuple):
    """What is done to every message."""

    change: generic.Change | None
    checks: Checks
    line_limit: int
    converts: bool  # postconf(5) disable_mime_output_conversion

    @classmethod
    def of(cls, config: Config, prefix: str) -> Outgoing:
        return cls(
            generic.mapping(config, prefix),
            Checks.of(config, prefix),
            config.number(f"{prefix}_line_length_limit"),
            not config.flag("disable_mime_output_conversion"),
        )

    def address(self, address: str) -> str:
        """An address of the envelope."""
        return self.change(address) if self.change else address

    def letter(self, delivery: Delivery) -> Letter:
        """The message; its content is read only when a server wants it."""
        request = delivery.request
        wants_utf8 = bool(request.smtputf8 & SMTPUTF8_REQUESTED)
        return Letter(
            sender=self.address(request.sender),
            size=request.data_size,
            eight_bit=request.encoding == "8bit",
            # RFC 6531 3.4: eight bits that nobody declared pass as they always did.
            needs_utf8=wants_utf8 and request.smtputf8 != SMTPUTF8_REQUESTED,
            wants_utf8=wants_utf8,
            dsn_envelope_id=request.dsn_envelope_id,
            dsn_ret=request.dsn_ret,
            content=lambda seven_bit: to_wire(
                self._content(delivery, seven_bit=seven_bit and self.converts), self.line_limit
            ),
        )

    def _content(self, delivery: Delivery, *, seven_bit: bool) -> bytes:
        text = delivery.content()
        if seven_bit:
            text = downgrade(text)
        if not self.change and not self.checks:
            return text
        return rewritten(text, self, delivery.request.queue_id, delivery.log)


def rewritten(text: bytes, outgoing: Outgoing, queue_id: str, log: Log) -> bytes:
    """The message with its headers rewritten and checked, and its bodies checked."""
    sink = _Rewriter(outgoing, queue_id, log)
    parser = mime.Parser(sink, mime.Limits())
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        parser.line(line)
    parser.finish()
    return b"\n".join([*sink.lines, b""])


class _Rewriter:
    """The sink of the MIME parser."""

    def __init__(self, outgoing: Outgoing, queue_id: str, log: Log) -> None:
        self.lines: list[bytes] = []
        self._outgoing, self._queue_id, self._log = outgoing, queue_id, log

    def header(self, header_class: HeaderClass, header: bytes) -> None:
        """generic(5) is about the headers of the message, the checks about all."""
        change, checks = self._outgoing.change, self._outgoing.checks
        if change and header_class is HeaderClass.PRIMARY:
            header = generic.rewrite_header(header, change)
        table = checks.table(header_class, header)
        self._keep(check_header(header, table, self._queue_id, self._log))

    def end_of_header(self, header_class: HeaderClass) -> None:
        """Nothing is added here."""

    def body(self, line: bytes, offset: int, *, more: bool) -> None:
        """Boundaries and preambles are body lines too."""
        table = self._outgoing.checks.body
        self._keep(check_body_line(line, table, self._queue_id, self._log))

    def _keep(self, lines: Sequence[bytes]) -> None:
        self.lines += lines
