"""A delivery status notification as bytes: RFC 3464, three parts in a multipart/report.

INPUT AND OUTPUT
    ``compose(report)`` gives the whole message with LF line ends.  All that varies is in the
    ``Report``; nothing is read from disk or clock here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from labctl.node.mta.bounce.wrap import wrap
from labctl.node.mta.lib.config.bounce_templates import Template
from labctl.node.mta.lib.queue.bounce_log import Outcome, is_expanded
from labctl.node.wire.addresses import external
from labctl.node.wire.mail_date import mail_date

DEFAULT_TYPE: Final = "X-Postfix"


class Original(NamedTuple):
    """The message that the report is about."""

    queue_id: str
    sender: str  # never empty: MAILER-DAEMON stands for the null sender
    arrival: float
    envelope_id: str = ""
    content: bytes | None = None  # None: it is gone
    headers_only: bool = False
    encoding: str = ""  # "7bit", "8bit", or unknown


class Report(NamedTuple):
    """Everything that is said, to whom, and about what."""

    template: Template
    text: str  # the template's, expanded; "" in a copy to the postmaster
    hostname: str
    mail_name: str
    queue_id: str  # of the report
    now: float
    to: str
    subject: str
    auto_submitted: str  # RFC 3834 5
    original: Original
    outcomes: tuple[Outcome, ...]
    kind: str  # "Undelivered " or "": how the original is described
    utf8: bool = True
    global_types: bool = False  # RFC 6533: the original was sent with SMTPUTF8
    retry_until: float = 0.0

    @property
    def boundary(self) -> str:
        return f"{self.original.queue_id}.{int(self.now)}/{self.hostname}"


def compose(report: Report) -> bytes:
    """The message, from Received: to the last boundary."""
    separator = f"--{report.boundary}\n"
    parts = (
        "\n".join(_headers(report)) + "\n\nThis is a MIME-encapsulated message.\n",
        _notification(report),
        "\n".join(_status_part(report)) + "\n",
        "\n".join(_original_part(report)) + "\n",
    )
    head = f"\n{separator}".join(parts).encode("utf-8", "surrogateescape")
    return head + _returned(report.original) + f"\n--{report.boundary}--\n".encode()


def _headers(report: Report) -> Iterator[str]:
    when = mail_date(report.now)
    yield f"Received: by {report.hostname} ({report.mail_name})"
    yield f"\tid {report.queue_id}; {when}"
    yield f"Date: {when}"
    yield f"From: {report.template.sender}"
    yield f"Subject: {report.subject}"
    yield f"To: {report.to}"
    yield f"Auto-Submitted: {report.auto_submitted}"
    yield "MIME-Version: 1.0"
    yield "Content-Type: multipart/report; report-type=delivery-status;"
    yield f'\tboundary="{report.boundary}"'
    yield from _encoding(report)


def _notification(report: Report) -> str:
    charset = "utf-8" if report.utf8 else report.template.charset
    head = (
        "Content-Description: Notification",
        f"Content-Type: text/plain; charset={charset}",
        *(("Content-Transfer-Encoding: 8bit",) if report.utf8 else ()),
    )
    text = f"{report.text.rstrip(chr(10))}\n\n" if report.text else ""
    told = "\n".join(wrap(line) + "\n" for line in map(_sentence, report.outcomes))
    return "\n".join(head) + "\n\n" + text + told


def _sentence(outcome: Outcome) -> str:
    rcpt, status = outcome
    expanded = f" (expanded from <{external(rcpt.original)}>)" if is_expanded(rcpt) else ""
    return f"<{external(rcpt.address)}>{expanded}: {status.reason}"


def _status_part(report: Report) -> Iterator[str]:
    original = report.original
    subtype = "global-delivery-status" if report.global_types else "delivery-status"
    yield "Content-Description: Delivery report"
    yield f"Content-Type: message/{subtype}"
    if report.global_types:
        yield "Content-Transfer-Encoding: 8bit"
    yield ""
    # RFC 3464 2.2: fields of the message, then an empty line and those of each recipient.
    yield f"Reporting-MTA: dns; {report.hostname}"
    if original.envelope_id:
        yield f"Original-Envelope-Id: {original.envelope_id}"
    yield f"X-{report.mail_name}-Queue-ID: {original.queue_id}"
    yield f"X-{report.mail_name}-Sender: {_address_type(original.sender)}; {original.sender}"
    yield f"Arrival-Date: {mail_date(original.arrival)}"
    for outcome in report.outcomes:
        yield ""
        yield from _recipient_fields(report, outcome)


def _recipient_fields(report: Report, outcome: Outcome) -> Iterator[str]:
    rcpt, status = outcome
    yield f"Final-Recipient: {_address_type(rcpt.address)}; {external(rcpt.address)}"
    if rcpt.dsn_original:
        yield f"Original-Recipient: {rcpt.dsn_original}"
    elif rcpt.original:
        yield f"Original-Recipient: {_address_type(rcpt.original)};{rcpt.original}"
    yield f"Action: {'delayed' if report.retry_until else status.action}"
    yield f"Status: {status.status}"
    if status.remote_mta:
        yield f"Remote-MTA: {status.remote_mta_type or 'dns'}; {status.remote_mta}"
    if status.diagnostic:
        diagnostic = f"{status.diagnostic_type or DEFAULT_TYPE}; {status.diagnostic}"
    else:
        diagnostic = f"{DEFAULT_TYPE}; {status.reason}"
    yield wrap(f"Diagnostic-Code: {diagnostic}")
    if report.retry_until:
        yield f"Will-Retry-Until: {mail_date(report.retry_until)}"


def _original_part(report: Report) -> Iterator[str]:
    headers_only = report.original.headers_only
    what = f"{report.kind}Message Headers" if headers_only else f"{report.kind}Message"
    full = "message/global" if report.global_types else "message/rfc822"
    headers = "message/global-headers" if report.global_types else "text/rfc822-headers"
    yield f"Content-Description: {what}"
    yield f"Content-Type: {headers if headers_only else full}"
    yield from _encoding(report)
    yield ""
    yield f"Return-Path: <{report.original.sender}>"


def _encoding(report: Report) -> Iterator[str]:
    """That of the original, which comes along; not every message has said one."""
    if encoding := "8bit" if report.utf8 else report.original.encoding:
        yield f"Content-Transfer-Encoding: {encoding}"


def _returned(original: Original) -> bytes:
    if original.content is None:
        return b""
    if not original.headers_only:
        return original.content
    headers, separator, _ = original.content.partition(b"\n\n")
    return headers + b"\n" if separator else original.content


def _address_type(address: str) -> str:
    # RFC 6533 3: an address type of its own for what is not ASCII.
    return "rfc822" if address.isascii() else "utf-8"
