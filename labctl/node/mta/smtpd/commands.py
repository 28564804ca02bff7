"""The table of commands, and what happens around every one of them.

INPUT AND OUTPUT
    ``greet(session)`` and ``receive_line(session, line)`` return the reply; counters, error
    limits and the order of commands are settled here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.maps.match_list import string_list
from labctl.node.mta.smtpd import envelope, hello, message, other, stages, xclient
from labctl.node.mta.smtpd.restrictions.verdict import Rejection
from labctl.node.mta.smtpd.session import Mode, Session
from labctl.node.wire import smtp
from labctl.node.wire.smtp import Reply

Run = Callable[[Session, str], Reply]


class Command(NamedTuple):
    """One verb."""

    run: Run
    ends_group: bool = False  # RFC 2920 3.1: last of a pipelined group
    is_junk: bool = False  # postconf(5) smtpd_junk_command_limit
    counts_success: bool = True


def greet(session: Session) -> Reply:
    """The first line that a client hears: the banner, or that it is not welcome."""
    config = session.env.config
    if not config.flag("smtpd_delay_reject"):
        session.denied = stages.check_client(session)
    if session.denied is not None:
        return hang_up_if_wanted(session, session.denied)
    return Reply(220, "", (config.text("smtpd_banner"),))


def receive_line(session: Session, line: bytes) -> Reply:
    """Obey one command, or say why not; a refusal changes nothing."""
    text = line.decode("utf-8", "surrogateescape")
    if session.env.config.flag("smtputf8_enable") and not _is_utf8(line):
        session.errors += 1
        return Reply.of("500 5.5.2 Error: bad UTF-8 syntax")
    verb, argument = smtp.parse_command(text)
    if not verb:
        session.errors += 1
        return Reply.of("500 5.5.2 Error: bad syntax")
    if session.denied is not None and verb != "QUIT":
        namaddr = session.client.namaddr
        return _refuse(session, Reply.of(f"503 5.7.0 Error: access denied for {namaddr}"))
    command = COMMANDS.get(verb)
    if command is None:
        return _unknown(session, verb, text)
    return _run(session, verb, command, argument)


def too_many_errors(session: Session) -> Reply | None:
    """postconf(5) smtpd_hard_error_limit: asked before every command."""
    if session.errors < session.env.config.number("smtpd_hard_error_limit"):
        return None
    text = f"421 4.7.0 {session.hostname} Error: too many errors"
    return session.end(text, "too many errors")


def is_slowed(session: Session) -> bool:
    """postconf(5) smtpd_soft_error_limit: from there on every reply is delayed."""
    return session.errors >= session.env.config.number("smtpd_soft_error_limit")


def hang_up_if_wanted(session: Session, verdict: Rejection) -> Reply:
    """A refusal with 421 or 521 ends the session (RFC 5321 3.8)."""
    if verdict.hang_up or verdict.code in (421, 521):
        session.mode = Mode.CLOSED
    return verdict.reply


def _run(session: Session, verb: str, command: Command, argument: str) -> Reply:
    config = session.env.config
    _notice_pipelining(session, verb, command)
    if session.pipelined and config.flag("smtpd_forbid_unauth_pipelining"):
        session.counters.count(verb, accepted=False)
        return session.end("554 5.5.0 Error: SMTP protocol synchronization")
    if command.is_junk:
        if session.junk >= config.number("smtpd_junk_command_limit"):
            session.errors += 1
        session.junk += 1
    session.stage = verb
    overshoot = session.transaction.overshoot if session.transaction else 0
    reply = command.run(session, argument)
    if reply.code in (421, 521):
        session.mode = Mode.CLOSED
    free = session.transaction is not None and session.transaction.overshoot > overshoot
    if session.mode in (Mode.DATA, Mode.CHUNK):
        return reply  # counted when the content is here
    if reply.is_error and not (free and _in_overshoot(session)):
        session.errors += 1
    accepted = not reply.is_error and command.counts_success
    session.counters.count(verb, accepted=accepted)
    return reply


def _in_overshoot(session: Session) -> bool:
    """postconf(5) smtpd_recipient_overshoot_limit: so many are no offence."""
    assert session.transaction is not None
    limit = session.env.config.number("smtpd_recipient_overshoot_limit")
    return session.transaction.overshoot <= limit


def _notice_pipelining(session: Session, verb: str, command: Command) -> None:
    """RFC 2920 3.1: nothing may follow these before their reply; SMTP clients never ahead."""
    if session.pipelined or not session.pending:
        return
    if session.protocol == "ESMTP" and not command.ends_group:
        return
    ahead = session.pending[:100].decode("ascii", "backslashreplace")
    ahead = ahead.replace("\r", "\\r").replace("\n", "\\n")
    session.env.log.info(
        f"improper command pipelining after {verb} from {session.client.namaddr}: {ahead}"
    )
    session.pipelined = True


def _unknown(session: Session, verb: str, line: str) -> Reply:
    config = session.env.config
    session.stage = "UNKNOWN"
    if verb.lower() in string_list(config, "smtpd_noop_commands"):
        return other.noop(session, "")
    first = line.split()[0]
    if first in string_list(config, "smtpd_forbidden_commands") or _is_header(first):
        session.env.log.warning(
            f"non-SMTP command from {session.client.namaddr}: {line.strip()[:100]}"
        )
        session.counters.count("unknown", accepted=False)
        return session.end("221 2.7.0 Error: I can break rules, too. Goodbye.")
    return _refuse(session, Reply.of("500 5.5.2 Error: command not recognized"))


def _is_header(word: str) -> bool:
    """A mail header where a command should be: a proxy that was talked into relaying."""
    name, colon, _ = word.partition(":")
    return bool(colon and name) and all("!" <= character <= "~" for character in name)


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse(session: Session, reply: Reply) -> Reply:
    session.stage = "UNKNOWN"
    session.errors += 1
    session.counters.count("unknown", accepted=False)
    return reply


# In the order of RFC 5321 4.1.1, then the extensions.
COMMANDS: Final[Mapping[str, Command]] = {
    "HELO": Command(hello.helo, ends_group=True, is_junk=True),
    "EHLO": Command(hello.ehlo, ends_group=True, is_junk=True),
    "MAIL": Command(envelope.mail),
    "RCPT": Command(envelope.rcpt),
    "DATA": Command(message.data, ends_group=True),
    "BDAT": Command(message.bdat),
    "RSET": Command(other.rset, is_junk=True),
    "NOOP": Command(other.noop, ends_group=True, is_junk=True),
    "VRFY": Command(other.vrfy, ends_group=True, is_junk=True),
    "ETRN": Command(other.etrn, is_junk=True),
    "QUIT": Command(other.quit_session),
    "STARTTLS": Command(other.starttls, ends_group=True),
    "AUTH": Command(other.auth, ends_group=True),
    "XCLIENT": Command(xclient.xclient, counts_success=False),
    "XFORWARD": Command(xclient.xforward),
}
