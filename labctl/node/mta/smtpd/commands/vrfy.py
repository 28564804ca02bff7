"""VRFY: would mail to an address be taken?  RFC 5321 4.1.1.6."""

from __future__ import annotations

from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands import path as paths
from labctl.node.mta.smtpd.commands.parameters import Refusal
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


def vrfy(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.6: 252, we do not tell more than RCPT would."""
    config = session.env.config
    if config.flag("disable_vrfy_command"):
        return Reply.of("502 5.5.1 VRFY command is disabled")
    words = argument.split()
    utf8 = bool(words) and config.flag("smtputf8_enable") and words[-1].upper() == "SMTPUTF8"
    if utf8:
        words.pop()
    if not words:
        return Reply.of("501 5.5.4 Syntax: VRFY address [SMTPUTF8]")
    written = " ".join(words)
    try:
        address = paths.address(session, written, paths.VRFY, utf8=utf8)
    except Refusal as refusal:
        return refusal.reply
    verdict = stages.check_rcpt(session, address)
    return verdict.reply if verdict else Reply(252, "2.0.0", (written,))
