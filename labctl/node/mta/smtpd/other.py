"""The commands that move no mail: RSET, NOOP, VRFY, ETRN, QUIT, and what we lack."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.services.flush import Answer
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.session import OK, Session
from labctl.node.wire import addresses, hostnames
from labctl.node.wire.addresses import MalformedPath
from labctl.node.wire.smtp import Reply

HELO_FIRST = Reply(503, "5.5.1", ("Error: send HELO/EHLO first",))


def rset(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.5."""
    if argument:
        return Reply.of("501 5.5.4 Syntax: RSET")
    session.forget_transaction()
    return OK


def noop(_session: Session, _argument: str) -> Reply:
    """RFC 5321 4.1.1.9: an argument is ignored."""
    return OK


def quit_session(session: Session, _argument: str) -> Reply:
    """RFC 5321 4.1.1.10."""
    return session.end("221 2.0.0 Bye")


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


def etrn(session: Session, argument: str) -> Reply:
    """RFC 1985: send what waits for a site."""
    if session.env.config.flag("smtpd_helo_required") and session.helo is None:
        return HELO_FIRST
    if session.transaction is not None:
        return Reply.of("503 Error: MAIL transaction in progress")
    words = argument.split()
    if len(words) != 1:
        return Reply.of("500 Syntax: ETRN domain")
    domain = words[0].lstrip("@#")
    if not hostnames.is_hostname(domain) and not hostnames.is_address_literal(domain):
        return Reply.of("501 Error: invalid parameter syntax")
    verdict = stages.check_etrn(session, domain)
    if verdict is not None:
        return verdict.reply
    answer = session.env.flush(session.env.config, domain)
    return Reply.of(FLUSHED[answer].format(domain=domain))


def starttls(_session: Session, argument: str) -> Reply:
    """RFC 3207; not there."""
    if argument:
        return Reply.of("501 5.5.4 Syntax: STARTTLS")
    return Reply.of("502 5.5.1 Error: command not implemented")


def auth(session: Session, _argument: str) -> Reply:
    """RFC 4954; not there."""
    if session.env.config.flag("smtpd_helo_required") and session.helo is None:
        return HELO_FIRST
    return Reply.of("503 5.5.1 Error: authentication not enabled")


# RFC 1985 5.2.
FLUSHED: Final = {
    Answer.OK: "250 Queuing started",
    Answer.DENIED: "459 <{domain}>: service unavailable",
    Answer.BAD: "501 Error: invalid parameter syntax",
    Answer.FAILED: "458 Unable to queue messages",
}
