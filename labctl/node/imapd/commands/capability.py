"""CAPABILITY: what this server can do (RFC 3501 6.1.1)."""

from __future__ import annotations

from typing import Final

from labctl.node.imapd.answers import Call, Done
from labctl.node.imapd.session import Session, State
from labctl.node.wire.imap.args import Arguments

BASE: Final = "IMAP4REV1 I18NLEVEL=1 LITERAL+"
AUTHENTICATED: Final = (
    "IDLE UIDPLUS NAMESPACE CHILDREN MAILBOX-REFERRALS BINARY UNSELECT ESEARCH WITHIN SCAN "
    "SORT THREAD=REFERENCES THREAD=ORDEREDSUBJECT MULTIAPPEND"
)
BEFORE_LOGIN: Final = "SASL-IR LOGIN-REFERRALS"


def capability(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.1.1."""
    arguments.end()
    login = " ".join(login_capabilities(session))
    session.say(f"* CAPABILITY {BASE} {AUTHENTICATED} {login}")
    return Done()


def announced(session: Session) -> str:
    """What the greeting and the answer to a login say without being asked."""
    if session.state is not State.NOT_AUTHENTICATED:
        return f"{BASE} {AUTHENTICATED}"
    return " ".join([BASE, *login_capabilities(session)])


def login_capabilities(session: Session) -> list[str]:
    """What is offered once a user is known."""
    # Mechanisms that send the password in clear are not announced without TLS, but work.
    disabled = session.settings.disable_plaintext and not session.encrypted
    words = [*["STARTTLS"] * session.offers_tls, *["LOGINDISABLED"] * disabled]
    return [BEFORE_LOGIN, *words, *(f"AUTH={name}" for name in session.mechanisms)]
