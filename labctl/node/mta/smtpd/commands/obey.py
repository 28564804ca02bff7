"""What happens around every command.

INPUT AND OUTPUT
    ``greet(session)`` and ``receive_line(session, line)`` return the reply; counters, error
    limits and the order of commands are settled here.
"""

from __future__ import annotations

from labctl.node.mta.lib.maps.match_list import string_list
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands import plain
from labctl.node.mta.smtpd.commands.table import COMMANDS, Command
from labctl.node.mta.smtpd.limits import errors, pipelining
from labctl.node.mta.smtpd.restrictions.verdict import Rejection
from labctl.node.mta.smtpd.session import Mode, Session
from labctl.node.wire import smtp
from labctl.node.wire.smtp import Reply


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


def hang_up_if_wanted(session: Session, verdict: Rejection) -> Reply:
    """A refusal with 421 or 521 ends the session (RFC 5321 3.8)."""
    if verdict.hang_up or verdict.code in (421, 521):
        session.mode = Mode.CLOSED
    return verdict.reply


def _run(session: Session, verb: str, command: Command, argument: str) -> Reply:
    config = session.env.config
    pipelining.notice(session, verb, ends_group=command.ends_group)
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
    if reply.is_error and not (free and errors.in_overshoot(session)):
        session.errors += 1
    accepted = not reply.is_error and command.counts_success
    session.counters.count(verb, accepted=accepted)
    return reply


def _unknown(session: Session, verb: str, line: str) -> Reply:
    config = session.env.config
    session.stage = "UNKNOWN"
    if verb.lower() in string_list(config, "smtpd_noop_commands"):
        return plain.noop(session, "")
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
