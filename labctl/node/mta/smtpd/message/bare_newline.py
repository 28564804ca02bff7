"""What becomes of a lone LF: postconf(5) smtpd_forbid_bare_newline.

WHY
    Where one server takes LF.LF for the end of a message and the next one does not, a client
    can smuggle a second message, with a sender of its choice, past the checks of the first.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.session import Mode, Session
from labctl.node.wire.smtp import Reply


class Policy(NamedTuple):
    """How strict we are with one client."""

    detect: bool = False  # notice a lone LF at all
    standard_end: bool = False  # only CRLF.CRLF ends DATA
    reject: bool = False


def check_setting(config: Config) -> None:
    """Raise Fatal for a value that we do not understand."""
    value = config.text("smtpd_forbid_bare_newline")
    if value.lower() not in POLICIES:
        raise Fatal(f"bad parameter value: 'smtpd_forbid_bare_newline = {value}'")


def policy(session: Session) -> Policy:
    """The site's choice, unless the client is excepted."""
    chosen = POLICIES[session.env.config.text("smtpd_forbid_bare_newline").lower()]
    if not chosen.detect:
        return chosen
    excepted = session.env.hosts("smtpd_forbid_bare_newline_exclusions")
    client = session.peer
    return POLICIES["no"] if excepted.matches(client.name, client.address) else chosen


def of_command(session: Session, line: bytes) -> Reply | None:
    """A command line that ended with a lone LF: the refusal ends the session."""
    if line.endswith(b"\r\n") or not line.endswith(b"\n") or not policy(session).reject:
        return None
    refusal = _refuse(session)
    session.mode = Mode.CLOSED
    return refusal


def of_data(session: Session) -> Reply | None:
    """Content with a lone LF: the refusal is the reply to the message."""
    return _of_content(session, "END-OF-MESSAGE")


def of_chunk(session: Session) -> Reply | None:
    """The same for BDAT: the reply to the chunk."""
    return _of_content(session, "BDAT content")


def _of_content(session: Session, stage: str) -> Reply | None:
    if not policy(session).reject:
        return None
    session.stage = stage
    refusal = _refuse(session)
    session.mode = Mode.COMMAND
    session.forget_transaction()
    return refusal


def _refuse(session: Session) -> Reply:
    stages.note(session, "reject", "bare <LF> received")
    code = session.env.config.number("smtpd_forbid_bare_newline_reject_code")
    return Reply(code, f"{code // 100}.5.2", (f"{session.hostname} Error: bare <LF> received",))


POLICIES: Final = {
    "no": Policy(),
    "yes": Policy(detect=True, standard_end=True),
    "normalize": Policy(detect=True, standard_end=True),
    "reject": Policy(detect=True, standard_end=True, reject=True),
}
