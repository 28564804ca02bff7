"""What becomes of a lone LF: postconf(5) smtpd_forbid_bare_newline.

WHY
    Where one server takes LF.LF for the end of a message and the next one does not, a client
    can smuggle a second message, with a sender of its choice, past the checks of the first.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


class Policy(NamedTuple):
    """How strict we are with one client."""

    detect: bool = False  # notice a lone LF at all
    standard_end: bool = False  # only CRLF.CRLF ends DATA
    note: bool = False
    reject: bool = False


def policy(session: Session) -> Policy:
    """The site's choice, unless the client is excepted."""
    config = session.env.config
    name = config.text("smtpd_forbid_bare_newline").lower()
    if name not in POLICIES:
        raise Fatal(f"invalid 'smtpd_forbid_bare_newline' value: '{name}'")
    chosen = POLICIES[name]
    if not chosen.detect:
        return chosen
    excepted = session.env.hosts("smtpd_forbid_bare_newline_exclusions")
    client = session.peer
    return POLICIES["no"] if excepted.matches(client.name, client.address) else chosen


def of_command(session: Session, line: bytes) -> Reply | None:
    """A command line that ended with a lone LF."""
    if line.endswith(b"\r\n") or not line.endswith(b"\n"):
        return None
    chosen = policy(session)
    return seen(session, chosen, session.stage) if chosen.detect else None


def seen(session: Session, chosen: Policy, stage: str) -> Reply | None:
    """A lone LF was noticed: say so once, and refuse if the site wants that."""
    if chosen.note and not session.bare_newline:
        session.env.log.info(f"bare <LF> received after {stage} from {session.client.namaddr}")
    session.bare_newline = True
    if not chosen.reject:
        return None
    code = session.env.config.number("smtpd_forbid_bare_newline_reject_code")
    session.env.log.info(f"disconnect: bare <LF> received from {session.client.namaddr}")
    text = f"{code} {code // 100}.5.2 {session.hostname} Error: bare <LF> received"
    return session.end(text)


POLICIES: Final = {
    "no": Policy(),
    "yes": Policy(detect=True, standard_end=True),
    "normalize": Policy(detect=True, standard_end=True),
    "note": Policy(detect=True, note=True),
    "reject": Policy(detect=True, standard_end=True, reject=True),
}
