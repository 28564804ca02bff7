"""The postmaster's copy of a session that went wrong: postconf(5) notify_classes.

INPUT AND OUTPUT
    The dialogue notes what comes in and goes out; ``report`` posts it when an error of a class
    that the postmaster wants to hear of has happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import CleanupStream, CleanupUnavailable, Flags
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.mail_date import mail_date
from labctl.node.wire.smtp import Reply

LINES_KEPT: Final = 1000


@dataclass(slots=True)
class Transcript:
    """What was said, and which classes of errors there were."""

    errors: set[str] = field(default_factory=set)
    _said: list[bytes | Reply] = field(default_factory=list)

    def heard(self, line: bytes) -> None:
        """The client said something."""
        self._keep(line)

    def said(self, reply: Reply) -> None:
        """We answered."""
        self._keep(reply)
        if reply.is_error:
            self.errors.add(error_class(reply))

    @property
    def lines(self) -> list[str]:
        """The whole dialogue as text; hardly anybody ever reads it."""
        return [line for said in self._said for line in _text(said)][:LINES_KEPT]

    def _keep(self, said: bytes | Reply) -> None:
        if len(self._said) < LINES_KEPT:
            self._said.append(said)


def _text(said: bytes | Reply) -> list[str]:
    if isinstance(said, bytes):
        return [" In:  " + said.decode("utf-8", "surrogateescape").rstrip("\r\n")]
    lines = said.encode().decode("utf-8", "surrogateescape").splitlines()
    return [f" Out: {line}" for line in lines]


def error_class(reply: Reply) -> str:
    """Which class of notify_classes an error belongs to."""
    if reply.code in (451, 452):
        return next((kind for text, kind in TEMPORARY if text in reply.text), "policy")
    return "policy" if " rejected: " in reply.text or "denied" in reply.text else "protocol"


def report(session: Session, transcript: Transcript) -> None:
    """Tell the postmaster, if he wants to hear of it."""
    config = session.env.config
    if not transcript.errors.intersection(config.words("notify_classes")):
        return
    host = config.text("myhostname")
    sender = f"{config.text('double_bounce_sender')}@{host}"
    postmaster = config.text("error_notice_recipient")
    try:
        with CleanupStream(config, Flags.INTERNAL) as stream:
            stream.attribute("rewrite_context", "local")
            stream.envelope(sender, [Recipient(postmaster)])
            lines = [*_header(session, stream.queue_id), "", *_body(session, transcript), ""]
            stream.content("\n".join(lines).encode("utf-8", "surrogateescape"))
            stream.finish()
    except CleanupUnavailable as error:
        session.env.log.warning(str(error))


def _header(session: Session, queue_id: str) -> list[str]:
    config, date = session.env.config, mail_date(clock.now())
    host, mail_name = config.text("myhostname"), config.text("mail_name")
    postmaster = f"{config.text('error_notice_recipient')}@{config.text('myorigin')}"
    return [
        f"Received: by {host} ({mail_name})",
        f"\tid {queue_id}; {date}",
        f"Date: {date}",
        f"From: Mail Delivery System <MAILER-DAEMON@{host}>",
        f"To: Postmaster <{postmaster}>",
        f"Subject: {mail_name} SMTP server: errors from {session.client.namaddr}",
    ]


def _body(session: Session, transcript: Transcript) -> list[str]:
    reason = [f"Session aborted, reason: {session.reason}"] if session.reason else []
    end = ["", *reason, "", "For other details, see the local mail logfile"]
    return ["Transcript of session follows.", "", *transcript.lines, *end]


# What is wrong with us, and not with the client.
TEMPORARY: Final = (
    ("queue file write error", "resource"),
    ("Insufficient system storage", "resource"),
    ("lookup failure", "resource"),
    ("onfiguration error", "software"),
    ("protocol error", "software"),
)
