"""Commands that a client sends before their turn.  RFC 2920."""

from __future__ import annotations

from labctl.node.mta.smtpd.session import Session


def notice(session: Session, verb: str, *, ends_group: bool) -> None:
    """RFC 2920 3.1: nothing may follow these before their reply; SMTP clients never ahead."""
    if session.pipelined or not session.pending:
        return
    if session.protocol == "ESMTP" and not ends_group:
        return
    ahead = session.pending[:100].decode("ascii", "backslashreplace")
    ahead = ahead.replace("\r", "\\r").replace("\n", "\\n")
    session.env.log.info(
        f"improper command pipelining after {verb} from {session.client.namaddr}: {ahead}"
    )
    session.pipelined = True
