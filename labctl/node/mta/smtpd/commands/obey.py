"""What happens around every command.

INPUT AND OUTPUT
    ``greet(session)`` and ``receive_line(session, line)`` return the reply; counters, error
    limits and the order of commands are settled here.
"""

from __future__ import annotations

from labctl.node.mta.lib.maps.match_list import string_list
from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.commands import command_filter
from labctl.node.mta.smtpd.commands.table import COMMANDS, Command
from labctl.node.mta.smtpd.limits import errors, pipelining
from labctl.node.mta.smtpd.session import OK, Mode, Session
from labctl.node.wire import smtp
from labctl.node.wire.smtp import Reply

UNKNOWN = "UNKNOWN"


def greet(session: Session) -> Reply:
    """The first line that a client hears: the banner, or that it is not welcome."""
    config = session.env.config
    if not config.flag("smtpd_delay_reject"):
        session.denied = stages.check_client(session)
    if session.denied is not None:
        session.errors += 1
        return hang_up_if_wanted(session, session.denied.reply)
    return Reply(220, "", (config.text("smtpd_banner"),))


def receive_line(session: Session, line: bytes) -> Reply:
    """Obey one command, or say why not; a refusal changes nothing."""
    # What comes behind a NUL is not seen: a command is text.
    line = line.partition(b"\0")[0]
    if session.env.config.flag("smtputf8_enable"):
        if not _is_utf8(line):
            return _refuse(session, Reply.of("500 5.5.2 Error: bad UTF-8 syntax"))
        text = line.decode("utf-8")
    else:
        # Bytes that mean nothing: logs and replies show each of them as one.
        text = line.decode("ascii", "surrogateescape")
    text = command_filter.apply(session, text)
    verb, argument = smtp.parse_command(text)
    if not verb:
        return _refuse(session, Reply.of("500 5.5.2 Error: bad syntax"))
    if verb.lower() in string_list(session.env.config, "smtpd_noop_commands"):
        errors.count_junk(session)
        return OK
    session.counters.begin(verb)
    command = COMMANDS.get(verb)
    if command is None:
        session.stage = UNKNOWN
        if _is_abuse(session, text):
            return session.end("221 2.7.0 Error: I can break rules, too. Goodbye.")
    if session.denied is not None and verb != "QUIT":
        namaddr = session.client.namaddr
        return _refuse(session, Reply.of(f"503 5.7.0 Error: access denied for {namaddr}"))
    if command is None:
        return _refuse(session, Reply.of("500 5.5.2 Error: command not recognized"))
    return hang_up_if_wanted(session, _run(session, verb, command, argument))


def hang_up_if_wanted(session: Session, reply: Reply) -> Reply:
    """A reply with 421 or 521 is the last one (RFC 5321 3.8)."""
    if reply.code in (421, 521):
        session.mode = Mode.CLOSED
    return reply


def _run(session: Session, verb: str, command: Command, argument: str) -> Reply:
    session.stage = verb
    pipelining.notice(session, verb, ends_group=command.ends_group)
    if session.pipelined and session.env.config.flag("smtpd_forbid_unauth_pipelining"):
        return session.end("554 5.5.0 Error: SMTP protocol synchronization")
    overshoot = session.transaction.overshoot if session.transaction else 0
    reply = command.run(session, argument)
    free = session.transaction is not None and session.transaction.overshoot > overshoot
    if session.mode not in (Mode.DATA, Mode.CHUNK):  # these count when the content is here
        session.errors += reply.is_error and not (free and errors.in_overshoot(session))
        if not reply.is_error and command.counts_success:
            session.counters.accept(verb)
    if command.is_junk:
        errors.count_junk(session)
    return reply


def _is_abuse(session: Session, line: str) -> bool:
    """What belongs to another protocol: a browser or proxy that was talked into relaying."""
    first = line.split()[0]
    listed = string_list(session.env.config, "smtpd_forbidden_commands")
    if first not in listed and not _is_header(first):
        return False
    session.env.log.warning(
        f"non-SMTP command from {session.client.namaddr}: {line.strip()[:100]}"
    )
    return True


def _is_header(word: str) -> bool:
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
    session.errors += 1
    return reply
