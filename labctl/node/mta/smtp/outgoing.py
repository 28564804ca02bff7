"""A queue file as the letter that leaves: generic addresses, header checks, wire form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery.agent import Delivery
from labctl.node.mta.smtp import checks, generic
from labctl.node.mta.smtp.checks import Checks
from labctl.node.mta.smtp.content import to_wire
from labctl.node.mta.smtp.downgrade import downgrade
from labctl.node.mta.smtp.settings import Settings
from labctl.node.mta.smtp.transaction import Letter
from labctl.node.wire import headers


class Outgoing(NamedTuple):
    """What is done to every message."""

    change: generic.Change | None
    checks: Checks
    line_limit: int
    converts: bool  # postconf(5) disable_mime_output_conversion

    @classmethod
    def of(cls, config: Config, settings: Settings) -> Outgoing:
        prefix = "lmtp" if settings.lmtp else "smtp"
        change = generic.mapping(config, prefix)
        converts = not config.flag("disable_mime_output_conversion")
        return cls(change, Checks.of(config, prefix), settings.line_limit, converts)

    def address(self, address: str) -> str:
        """An address of the envelope."""
        return self.change(address) if self.change else address

    def letter(self, delivery: Delivery) -> Letter:
        """The message; its content is read only when a server wants it."""
        request = delivery.request
        return Letter(
            sender=self.address(request.sender),
            size=request.data_size,
            eight_bit=request.encoding == "8bit",
            smtputf8=bool(request.smtputf8),
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
        head, separator, body = text.partition(b"\n\n")
        lines = b"\n".join(self._headers(head, delivery))
        return lines + separator + self._body(body, delivery)

    def _headers(self, head: bytes, delivery: Delivery) -> Iterator[bytes]:
        for header in _unfolded(head):
            changed = generic.rewrite_header(header, self.change) if self.change else header
            queue_id = delivery.request.queue_id
            yield from checks.check_header(changed, self.checks, queue_id, delivery.log)

    def _body(self, body: bytes, delivery: Delivery) -> bytes:
        return checks.check_body(body, self.checks, delivery.request.queue_id, delivery.log)


def _unfolded(head: bytes) -> list[bytes]:
    """Headers with their continuation lines."""
    found: list[bytes] = []
    for line in head.split(b"\n"):
        if found and headers.is_continuation(line):
            found[-1] += b"\n" + line
        else:
            found.append(line)
    return found
