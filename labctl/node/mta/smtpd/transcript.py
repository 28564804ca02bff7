"""The postmaster's copy of a session that went wrong: postconf(5) notify_classes.

INPUT AND OUTPUT
    The dialogue notes what comes in and goes out; ``report`` posts it when an error of a class
    that the postmaster wants to hear of has happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config
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
        kind = error_class(reply) if reply.is_error else ""
        if kind:
            self.errors.add(kind)

    def forgive(self) -> None:
        """A message was accepted: nobody needs to hear of what went wrong before it."""
        self.errors.clear()

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
    """Which class of notify_classes an error belongs to; "" for those of none."""
    for text, kind in CLASSES:
        if text in reply.text:
            return kind
    # RFC 3463 3.8: what is not allowed here; other temporary refusals are of our making too.
    is_ours = reply.status[1:4] == ".7." or reply.code in (450, 451, 452)
    return "policy" if is_ours else "protocol"


def report(session: Session, transcript: Transcript) -> None:
    """Tell the postmaster, if he wants to hear of it."""
    config = session.env.config
    if not transcript.errors.intersection(config.words("notify_classes")):
        return
    recipient = _postmaster(config, transcript)
    host = config.text("myhostname")
    sender = f"{config.text('double_bounce_sender')}@{host}"
    try:
        with CleanupStream(config, Flags.INTERNAL) as stream:
            stream.attribute("rewrite_context", "local")
            stream.envelope(sender, [Recipient(recipient)])
            header = _header(session, stream.queue_id, recipient)
            lines = [*header, "", *_body(session, transcript), ""]
            stream.content("\n".join(lines).encode("utf-8", "surrogateescape"))
            stream.finish()
    except CleanupUnavailable as error:
        session.env.log.warning(str(error))


def _postmaster(config: Config, transcript: Transcript) -> str:
    """postconf(5) bounce_notice_recipient: who hears of mail that could not be taken."""
    is_bounce = "bounce" in transcript.errors
    return config.text("bounce_notice_recipient" if is_bounce else "error_notice_recipient")


def _header(session: Session, queue_id: str, recipient: str) -> list[str]:
    config, date = session.env.config, mail_date(clock.now())
    host, mail_name = config.text("myhostname"), config.text("mail_name")
    postmaster = recipient if "@" in recipient else f"{recipient}@{config.text('myorigin')}"
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


# The first text that occurs in a reply decides.
CLASSES: Final = (
    ("Error: timeout exceeded", ""),
    ("Error: no valid recipients", ""),
    ("Error: too many recipients", ""),
    (": service unavailable", ""),  # of ETRN
    ("rejected: User unknown", "bounce"),
    ("message file too big", "bounce"),
    ("too many hops", "bounce"),
    ("Temporary lookup failure", "data"),
    ("queue file write error", "resource"),
    ("Insufficient system storage", "resource"),
    (" rejected: ", "policy"),
    ("denied", "policy"),
    ("Message size exceeds", "policy"),
    ("onfiguration error", "software"),
    ("protocol error", "software"),
    ("Error: too many errors", "protocol"),
)
