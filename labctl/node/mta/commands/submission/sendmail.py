"""sendmail(1): the command that every program calls to send mail.

INPUT AND OUTPUT
    A message on standard input goes to maildrop, with its envelope from the command line, or,
    with -t, from its own headers.  Other modes: -bp mailq, -bi newaliases, -q flush.

NOT HERE
    -bs (SMTP on standard input) and daemon modes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from labctl.node.base import accounts, clock
from labctl.node.base.accounts import Account
from labctl.node.base.log import Fatal, Log
from labctl.node.base.programs import load
from labctl.node.mta.commands.submission.command_line import EX_TEMPFAIL, Command, parse
from labctl.node.mta.commands.submission.maildrop import TooBig, drop
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.queue import queue_file
from labctl.node.wire import headers
from labctl.node.wire.addresses import internal
from labctl.node.wire.header_addresses import addresses
from labctl.node.wire.headers import KNOWN, Kind


def main(argv: Sequence[str]) -> int:
    """Whatever the options, and the name we were called by, ask for."""
    try:
        command = parse(argv)
        return MODES[command.mode](command)
    except Fatal as failure:
        _tell(str(failure))
        raise Fatal(str(failure), status=failure.status) from failure


def deliver(command: Command) -> int:
    """Queue a message."""
    config = Config.read(command.directory)
    log = mail_log(config, "sendmail")
    user = accounts.by_uid(os.getuid())
    who = f"{user.name if user else 'unknown'}({os.getuid()})"
    if not command.recipients and not command.extract:
        raise _fatal(
            who,
            "Recipient addresses must be specified on the command line or via the -t option",
        )
    text = _probe(command, user) if command.mode == "v" else sys.stdin.buffer.read()
    lines = list(message_lines(text, dots_end=command.dots_end))
    recipients = [internal(found) for word in command.recipients for found in addresses(word)]
    if command.extract:
        recipients += header_recipients(lines)
        if not recipients:
            raise _fatal(who, "No recipient addresses found in message header")
    try:
        drop(config, _records(command, config, user, recipients, lines), log)
    except TooBig as error:
        _warn_too_big(log)
        raise _fatal(who, "message file too big") from error
    if command.trace_flags:
        reports_to = _sender(command, user)
        print(f"Mail Delivery Status Report will be mailed to <{reports_to}>.")
    return 0


def _probe(command: Command, user: Account | None) -> bytes:
    """What -bv sends in place of a message."""
    fields = (
        ("From", _sender(command, user)),
        ("Subject", "probe"),
        ("To", ", ".join(command.recipients)),
    )
    return "".join(f"{name}: {value}\n" for name, value in fields).encode()


def _warn_too_big(log: Log) -> None:
    """What postdrop(1) says, which stands between us and the queue."""
    text = f"uid={os.getuid()}: File too large"
    log.named("postdrop").warning(text)
    print(f"postdrop: warning: {text}", file=sys.stderr)
    print("sendmail: warning: mail_stream_cleanup: close error", file=sys.stderr)


def message_lines(text: bytes, *, dots_end: bool) -> Iterator[bytes]:
    """The lines of a message, without line ends and the From_ line of a mailbox."""
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    skipping = True
    for line in lines:
        # postconf(5) sendmail_fix_line_endings: default is always
        line = line.removesuffix(b"\r")
        if dots_end and line == b".":
            return
        if skipping and line.lstrip(b">").startswith(b"From "):
            continue
        skipping = False
        yield line


def header_recipients(lines: Sequence[bytes]) -> list[str]:
    """Addresses of To, Cc and Bcc, or of their Resent- forms when there are any."""
    plain: list[str] = []
    resent: list[str] = []
    for header in _headers(lines):
        kind = KNOWN.get(headers.name(header), Kind.NONE)
        if not kind & Kind.EXTRACT:
            continue
        value = header.partition(b":")[2].decode("utf-8", "surrogateescape")
        target = resent if kind & Kind.RESENT else plain
        target.extend(internal(address) for address in addresses(value))
    return resent or plain


def _headers(lines: Sequence[bytes]) -> Iterator[bytes]:
    header = b""
    for line in lines:
        if header and headers.is_continuation(line):
            header += b"\n" + line
            continue
        if header:
            yield header
        if not headers.name_length(line):
            return
        header = line
    if header:
        yield header


def _records(
    command: Command,
    config: Config,
    user: Account | None,
    recipients: Sequence[str],
    lines: Sequence[bytes],
) -> Iterator[bytes]:
    """The maildrop file, record by record."""
    now = clock.now()
    yield queue_file.encode(queue_file.TIME, f"{int(now)} {int(now % 1 * 1e6)}".encode())
    for name, value in _attributes(command):
        yield queue_file.encode_attribute(name, value)
    yield _text(queue_file.FULL_NAME, _full_name(command, user))
    yield _text(queue_file.FROM, _sender(command, user))
    if command.verp:
        yield _text(queue_file.VERP, command.verp)
    for recipient in recipients:
        if command.notify:
            yield queue_file.encode_attribute("notify_flags", str(int(command.notify)))
        yield _text(queue_file.RECIPIENT, recipient)
    yield queue_file.encode(queue_file.CONTENT)
    limit = config.number("line_length_limit")
    for line in lines:
        yield queue_file.encode_line(line, limit)
    yield queue_file.encode(queue_file.EXTRACTED)
    yield queue_file.encode(queue_file.END)


def _attributes(command: Command) -> Iterator[tuple[str, str]]:
    if command.encoding:
        yield "encoding", command.encoding
    if command.envelope_id:
        yield "envelope_id", command.envelope_id
    if command.ret:
        yield "ret_flags", "1" if command.ret == "FULL" else "2"
    if command.trace_flags:
        yield "trace_flags", str(command.trace_flags)
    yield "rewrite_context", command.context


def _text(kind: int, text: str) -> bytes:
    return queue_file.encode(kind, text.encode("utf-8", "surrogateescape"))


def _sender(command: Command, user: Account | None) -> str:
    if command.sender is not None:
        return internal(_bare(command.sender))
    return user.name if user else f"uid-{os.getuid()}"


def _bare(address: str) -> str:
    """``-f '<ann@b>'`` and ``-f 'Ann <ann@b>'`` mean ann@b."""
    found = addresses(address)
    return found[0] if found else ""


def _full_name(command: Command, user: Account | None) -> str:
    if command.full_name is not None:
        return command.full_name
    if name := os.environ.get("NAME"):
        return name
    gecos = user.gecos.partition(",")[0] if user else ""
    # passwd(5): an ampersand stands for the capitalized login name.
    return AMPERSAND.sub(user.name.capitalize() if user else "", gecos)


def _fatal(who: str, text: str) -> Fatal:
    return Fatal(f"{who}: {text}", status=EX_TEMPFAIL)


def _tell(text: str) -> None:
    """Errors are in the log too: whoever runs a cron job never sees standard error."""
    try:
        config = Config.read()
        # postlogd(8) takes lines from setgid programs; sendmail itself is not one.
        if not config.text("maillog_file") or os.geteuid() == 0:
            mail_log(config, "sendmail").fatal(text)
    except Fatal:
        return  # the configuration is what is wrong, and the launcher says so


def _run(name: str, *arguments: str) -> Callable[[Command], int]:
    def run(command: Command) -> int:
        status: int = load(name).main([name, *arguments])
        return status

    return run


def _flush(command: Command) -> int:
    arguments = ["-f"]
    if command.flush_id:
        arguments = ["-i", command.flush_id]
    elif command.flush_site:
        arguments = ["-s", command.flush_site]
    return _run("postqueue", *arguments)(command)


def _not_there(command: Command) -> int:
    raise Fatal(f"-b{command.mode}: this mode is not there yet", status=EX_TEMPFAIL)


AMPERSAND: Final = re.compile("&")
MODES: Final[Mapping[str, Callable[[Command], int]]] = {
    "d": _run("postfix", "start"),
    "h": lambda command: 0,  # host status, which Sendmail keeps and we do not
    "i": _run("newaliases"),
    "l": _run("postfix", "start"),
    "m": deliver,
    "p": _run("postqueue", "-p"),
    "q": _flush,
    "s": _not_there,
    "v": deliver,
}
