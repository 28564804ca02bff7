"""HELO and EHLO: who the client says it is, and what we offer."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands.keywords import keywords, tell_hidden
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply

HELO_FIRST: Final = Reply(503, "5.5.1", ("Error: send HELO/EHLO first",))


def helo(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.1, without extensions."""
    return _hello(session, argument, "SMTP") or Reply(250, "", (session.hostname,))


def ehlo(session: Session, argument: str) -> Reply:
    """RFC 5321 4.1.1.1, with the extensions that this client may use."""
    refusal = _hello(session, argument, "ESMTP")
    if refusal is not None:
        return refusal
    tell_hidden(session)
    return Reply(250, "", (session.hostname, *keywords(session)))


def _hello(session: Session, argument: str, protocol: str) -> Reply | None:
    verb = "HELO" if protocol == "SMTP" else "EHLO"
    name = " ".join(argument.split())
    if not name:
        return Reply(501, "", (f"Syntax: {verb} hostname",))
    # RFC 5321 4.1.4: also in the middle of a session, and then it resets.
    session.forget_transaction()
    session.helo = None
    if not session.env.config.flag("smtpd_delay_reject"):
        verdict = stages.check_helo(session, name)
        if verdict is not None:
            return verdict.reply
    session.helo = "".join(c if c.isprintable() and c not in NEUTERED else "?" for c in name)
    # Once ESMTP, always: a client that knows pipelining does not forget it.
    if session.protocol != "ESMTP":
        session.protocol = protocol
    return None


# What would break the syntax of a Received header.
NEUTERED: Final = frozenset(' <>()\\";@')
