"""What the postmaster is told about a server that talks nonsense: notify_classes = protocol."""

from __future__ import annotations

from collections.abc import Iterator

from labctl.node.base import clock
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import CleanupStream, CleanupUnavailable, Flags
from labctl.node.mta.smtp.talk.dialogue import Wiretap
from labctl.node.wire.mail_date import mail_date


def report(tap: Wiretap, server: str, config: Config, log: Log) -> None:
    """Post the transcript, if something was wrong and the postmaster wants to know."""
    if not tap.is_suspect or "protocol" not in config.words("notify_classes"):
        return
    sender = f"{config.text('double_bounce_sender')}@{config.text('myhostname')}"
    try:
        with CleanupStream(config, Flags.INTERNAL) as stream:
            stream.attribute("rewrite_context", "local")
            stream.envelope(sender, [Recipient(config.text("error_notice_recipient"))])
            lines = [*_header(server, config, stream.queue_id), "", *_body(server, tap), ""]
            stream.content("\n".join(lines).encode("utf-8", "surrogateescape"))
            stream.finish()
    except CleanupUnavailable as error:
        log.warning(str(error))


def _header(server: str, config: Config, queue_id: str) -> Iterator[str]:
    date, host = mail_date(clock.now()), config.text("myhostname")
    name, who = config.text("mail_name"), config.text("error_notice_recipient")
    yield f"Received: by {host} ({name})"
    yield f"\tid {queue_id}; {date}"
    yield f"Date: {date}"
    yield f"From: Mail Delivery System <MAILER-DAEMON@{host}>"
    yield f"To: Postmaster <{who}@{config.text('myorigin')}>"
    yield f"Subject: {name} SMTP client: errors from {server}"


def _body(server: str, tap: Wiretap) -> Iterator[str]:
    yield f"Unexpected response from {server}."
    yield ""
    yield "Transcript of session follows."
    yield ""
    yield from tap.history
    yield ""
    yield "For other details, see the local mail logfile"
