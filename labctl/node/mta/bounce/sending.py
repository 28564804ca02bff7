"""Make the reports of one message and give them to cleanup: from then on they are mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.bounce.notices import RULES, Kind, Notice, Situation, notices, wanted
from labctl.node.mta.bounce.report import Original, Report, compose
from labctl.node.mta.lib.config import bounce_templates
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.bounce_log import Outcome
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Envelope, Recipient
from labctl.node.mta.lib.services.bounce import Subject
from labctl.node.mta.lib.services.cleanup import CleanupStream, CleanupUnavailable, Flags
from labctl.node.wire.addresses import external

NO_LIMIT: Final = 10**12
UTF8_REQUESTED: Final = 1  # of the size record: the sender can read UTF-8


class ReportFailed(Exception):
    """A report could not be submitted; the message that it is about stays in the queue."""


def send_reports(
    context: ServiceContext,
    kind: Kind,
    subject: Subject,
    outcomes: Sequence[Outcome],
    *,
    everything: bool,
) -> None:
    """Tell everybody who is to be told; nothing happens when nobody is."""
    told = wanted(kind, outcomes, everything=everything)
    if not told:
        return
    config = context.config
    situation = _situation(config, kind, subject)
    original = _original(config, subject)
    if subject.sender.lower() == situation.double_bounce.lower():
        context.log.warning(
            f"{subject.queue_id}: undeliverable postmaster notification discarded"
        )
    situation = situation._replace(size=len(original.content or b""))
    for notice in notices(kind, situation):
        returned = original._replace(headers_only=notice.headers_only)
        queue_id = _submit(context, kind, notice, returned, told, subject)
        whom = "postmaster" if notice.is_copy else "sender"
        context.log.info(
            f"{subject.queue_id}: {whom} {RULES[kind].word} notification: {queue_id}"
        )


def _submit(
    context: ServiceContext,
    kind: Kind,
    notice: Notice,
    original: Original,
    told: tuple[Outcome, ...],
    subject: Subject,
) -> str:
    try:
        with CleanupStream(context.config, Flags.INTERNAL) as stream:
            report = _report(context, kind, notice, original, told, subject, stream.queue_id)
            stream.attribute("rewrite_context", "local")
            stream.envelope(notice.sender, [Recipient(notice.recipient)])
            stream.content(compose(report))
            if not stream.finish().ok:
                raise ReportFailed("cleanup refused the report")
            return stream.queue_id
    except CleanupUnavailable as error:
        raise ReportFailed(str(error)) from error


def _report(
    context: ServiceContext,
    kind: Kind,
    notice: Notice,
    original: Original,
    told: tuple[Outcome, ...],
    subject: Subject,
    queue_id: str,
) -> Report:
    config, now = context.config, clock.now()
    template = templates(context)[kind.value]
    lifetime = config.seconds("maximal_queue_lifetime")
    if kind is Kind.FAILURE:
        # An expired message failed in the end, whatever its last attempt was called.
        told = tuple(Outcome(r, status._replace(action="failed")) for r, status in told)
    return Report(
        template=template,
        text="" if notice.is_copy else _text(context, template),
        hostname=config.text("myhostname"),
        mail_name=config.text("mail_name"),
        queue_id=queue_id,
        now=now,
        to=notice.recipient,
        subject=template.postmaster_subject if notice.is_copy else template.subject,
        # RFC 3834 5.1: a copy answers nobody.
        auto_submitted="auto-generated" if notice.is_copy else "auto-replied",
        original=original,
        outcomes=told,
        kind=RULES[kind].described_as,
        utf8=config.flag("smtputf8_enable"),
        global_types=bool(subject.smtputf8 & UTF8_REQUESTED),
        retry_until=original.arrival + lifetime if kind is Kind.DELAY else 0.0,
    )


def _text(context: ServiceContext, template: bounce_templates.Template) -> str:
    return bounce_templates.expand(template, context.config, context.log.warning)


def templates(context: ServiceContext) -> dict[str, bounce_templates.Template]:
    """The texts, read once in a process; raises Fatal when there is no such file."""
    found: dict[str, bounce_templates.Template] = context.config.remember(
        "bounce templates",
        "",
        lambda _: bounce_templates.load(context.config, context.log.warning),
    )
    return found


def _situation(config: Config, kind: Kind, subject: Subject) -> Situation:
    parameter = RULES[kind].notice_recipient
    return Situation(
        sender=subject.sender,
        dsn_ret=subject.dsn_ret,
        size=0,
        classes=frozenset(config.words("notify_classes")),
        notice_recipient=config.text(parameter) if parameter else "",
        second_notice_recipient=config.text("2bounce_notice_recipient"),
        double_bounce=f"{config.text('double_bounce_sender')}@{config.text('myhostname')}",
        size_limit=config.number("bounce_size_limit") or NO_LIMIT,
    )


def _original(config: Config, subject: Subject) -> Original:
    path = QueueDirectory(config).path(subject.queue_name, subject.queue_id)
    try:
        envelope, content = queue_file.read(path), queue_file.content(path)
    except (OSError, CorruptQueueFile):
        # What remains is worth telling even so.
        envelope, content = Envelope(arrival=clock.now()), None
    sender = subject.sender or f"MAILER-DAEMON@{config.text('myhostname')}"
    return Original(
        subject.queue_id,
        external(sender),
        envelope.arrival,
        subject.dsn_envelope_id,
        content,
        encoding=subject.encoding,
    )
