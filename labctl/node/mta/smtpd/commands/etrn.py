"""ETRN: send what waits for a site.  RFC 1985."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.services.flush import Answer
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire import hostnames
from labctl.node.wire.smtp import Reply


def etrn(session: Session, argument: str) -> Reply:
    """RFC 1985: send what waits for a site."""
    if session.env.config.flag("smtpd_helo_required") and session.helo is None:
        return Reply.of("503 Error: send HELO/EHLO first")
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
    if answer is Answer.DENIED:
        session.env.log.warning(f"reject: ETRN {domain[:100]}... from {session.client.namaddr}")
    return Reply.of(FLUSHED[answer].format(domain=domain))


# RFC 1985 5.2.
FLUSHED: Final = {
    Answer.OK: "250 Queuing started",
    Answer.DENIED: "459 <{domain}>: service unavailable",
    Answer.BAD: "501 Error: invalid parameter syntax",
    Answer.FAILED: "458 Unable to queue messages",
}
