"""Submit one message: what sendmail(1) does when it is asked for nothing else.

INPUT AND OUTPUT
    ``deliver(command)`` reads the message from standard input and leaves it in maildrop, with
    the envelope of the command line, or, with -t, of its own headers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, NoReturn

from labctl.node.base import accounts
from labctl.node.base.log import Fatal
from labctl.node.mta.commands.caller import refused
from labctl.node.mta.commands.submission.command_line import EX_TEMPFAIL, Command
from labctl.node.mta.commands.submission.message_text import (
    addresses,
    header_recipients,
    message_lines,
)
from labctl.node.mta.commands.submission.speaking import warn, warn_as_postdrop
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import CleanupResult, CleanupUnavailable
from labctl.node.mta.lib.services.maildrop import DropStream, wake_pickup


class User(NamedTuple):
    """Who calls us."""

    uid: int
    name: str
    full_name: str

    @property
    def shown(self) -> str:
        """How complaints name the caller."""
        return f"{self.name}({self.uid})"


def deliver(command: Command) -> int:
    """Queue a message."""
    config = Config.read(command.directory)
    if who := refused(config, "authorized_submit_users"):
        raise Fatal(f"User {who} is not allowed to submit mail", status=EX_TEMPFAIL)
    user = _caller()
    sender = _sender(command, user, config)
    if not command.recipients and not command.extract:
        _give_up(user, NOBODY_NAMED)
    text = _probe(command, sender) if command.mode == "v" else sys.stdin.buffer.read()
    ends = config.text("sendmail_fix_line_endings")
    lines = list(message_lines(text, dots_end=command.dots_end, fix_line_ends=ends))
    recipients = named_recipients(command.recipients)
    if command.extract:
        recipients += header_recipients(lines)
        if not recipients:
            _give_up(user, "No recipient addresses found in message header")
    _submit(_Message(command, user, sender, recipients, lines), config)
    if command.trace_flags:
        print(f"Mail Delivery Status Report will be mailed to <{sender}>.")
    return 0


def named_recipients(words: Sequence[str]) -> list[str]:
    """The addresses of the command line; a word without any is for MAILER-DAEMON."""
    # postconf(5) empty_address_recipient: cleanup puts it where the empty address is.
    return [found for word in words for found in addresses(word) or [""]]


class _Message(NamedTuple):
    command: Command
    user: User
    sender: str
    recipients: Sequence[str]
    lines: Sequence[bytes]


def _submit(message: _Message, config: Config) -> None:
    try:
        stream = DropStream(config)
    except CleanupUnavailable as error:
        raise Fatal(str(error), status=EX_TEMPFAIL) from error
    _write(message, stream, config.number("line_length_limit"))
    result = stream.finish()
    if not result.ok:
        _refused(message.user, result, config)
    if complaint := wake_pickup(config):
        warn_as_postdrop(config, complaint)


def _write(message: _Message, stream: DropStream, line_limit: int) -> None:
    command = message.command
    for name, value in _attributes(command):
        stream.attribute(name, value)
    stream.record(queue_file.FULL_NAME, _encode(_full_name(command, message.user)))
    if command.verp:
        stream.record(queue_file.VERP, _encode(command.verp))
    rcpts = [Recipient(address, notify=command.notify) for address in message.recipients]
    stream.envelope(message.sender, rcpts)
    stream.record(queue_file.CONTENT)
    for line in message.lines:
        stream.raw(queue_file.encode_line(line, line_limit))


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


def _sender(command: Command, user: User, config: Config) -> str:
    """The first address of -f, whatever surrounds it."""
    if command.sender is None:
        return user.name
    found = addresses(command.sender)
    if len(found) > 1:
        warn(config, f"-f option specified malformed sender: {command.sender}")
    return found[0] if found else ""


def _caller() -> User:
    uid = os.getuid()
    account = accounts.by_uid(uid)
    if account is None:
        raise Fatal(f"no login name found for user ID {uid}", status=EX_TEMPFAIL)
    gecos = account.gecos.partition(",")[0]
    # passwd(5): an ampersand stands for the capitalized login name.
    return User(uid, account.name, gecos.replace("&", account.name.capitalize()))


def _full_name(command: Command, user: User) -> str:
    if command.full_name is not None:
        return command.full_name
    return os.environ.get("NAME") or user.full_name


def _probe(command: Command, sender: str) -> bytes:
    """What -bv sends in place of a message."""
    recipients = ",\n".join(f"\t{address}" for address in command.recipients)
    return _encode(f"From: {sender}\nSubject: probe\nTo:{recipients}\n")


def _refused(user: User, result: CleanupResult, config: Config) -> NoReturn:
    # postdrop(1) stands between us and the queue, and says what it has met.
    warn_as_postdrop(config, f"uid={user.uid}: {result.reason}")
    print("sendmail: warning: mail_stream_cleanup: close error", file=sys.stderr)
    _give_up(user, result.verdict.text)


def _give_up(user: User, text: str) -> NoReturn:
    raise Fatal(f"{user.shown}: {text}", status=EX_TEMPFAIL)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


NOBODY_NAMED: Final = (
    "Recipient addresses must be specified on the command line or via the -t option"
)
