"""VRFY: would mail to an address be taken?  RFC 5321 4.1.1.6."""

from __future__ import annotations

from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands.hello import HELO_FIRST
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire import addresses
from labctl.node.wire.addresses import MalformedPath
from labctl.node.wire.smtp import Reply


def vrfy(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.6: 252, we do not tell more than RCPT would."""
    config = session.env.config
    if config.flag("disable_vrfy_command"):
        return Reply.of("502 5.5.1 VRFY command is disabled")
    if config.flag("smtpd_helo_required") and session.helo is None:
        return HELO_FIRST
    words = argument.split()
    if len(words) > 1 and words[-1].upper() == "SMTPUTF8":
        words.pop()
    if not words:
        return Reply.of("501 5.5.4 Syntax: VRFY address [SMTPUTF8]")
    written = " ".join(words)
    try:
        address = addresses.path_address(written)
    except MalformedPath:
        address = ""
    if not address:
        session.env.log.warning(
            f"Illegal address syntax from {session.client.namaddr} in VRFY command: {written}"
        )
        return Reply.of("501 5.1.3 Bad recipient address syntax")
    verdict = stages.check_rcpt(session, address)
    return verdict.reply if verdict else Reply(252, "2.0.0", (written,))
