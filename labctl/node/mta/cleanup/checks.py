"""What header_checks(5) and body_checks(5) say is done: the actions, one function each.

INPUT AND OUTPUT
    ``apply(message, where, text, result, settings)`` obeys one table result and returns an
    Outcome: the text to go on with (None drops it) and lines to put before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Log
from labctl.node.mta.cleanup.message import Message
from labctl.node.mta.cleanup.settings import Settings
from labctl.node.mta.lib.queue import dsn
from labctl.node.mta.lib.services.cleanup import Flags, Stat
from labctl.node.wire.headers import name_length

LOGGED_LENGTH: Final = 200


class Where(NamedTuple):
    """What is looked at, and by which table."""

    context: str  # "header" or "body"
    table: str  # "header_checks", "mime_header_checks", ...


class Outcome(NamedTuple):
    """What becomes of the header or line."""

    text: bytes | None
    before: bytes | None = None


class Finding(NamedTuple):
    """One match, as the actions see it."""

    message: Message
    where: Where
    text: bytes
    argument: str
    settings: Settings

    @property
    def log(self) -> Log:
        return self.settings.log

    def tell(self, action: str, text: str) -> None:
        """The log line of an action."""
        self.log.info(describe(self, action, printable(_bytes(text), utf8=self.settings.utf8)))


def apply(
    message: Message, where: Where, text: bytes, result: str, settings: Settings
) -> Outcome:
    """Obey the right-hand side of a table."""
    verb, argument = VERB.fullmatch(result.lstrip()).groups()  # type: ignore[union-attr]
    action = ACTIONS.get(verb.upper())
    if action is None:
        settings.log.warning(f"unknown command in {where.table} map: {result}")
        return Outcome(text)
    outcome = action(Finding(message, where, text, argument, settings))
    message.judge()
    return outcome


def describe(finding: Finding, action: str, text: str) -> str:
    """``ID: warning: header Subject: x from host[address]; from=<> to=<> proto= helo=<>: y``"""
    message, attributes = finding.message, finding.message.attributes
    shown = printable(finding.text[:LOGGED_LENGTH], utf8=finding.settings.utf8)
    origin = attributes.get("log_message_origin", "local")
    parts = [f"{message.queue_id}: {action}: {finding.where.context} {shown} from {origin};"]
    if message.sender is not None:
        parts.append(f"from=<{message.sender}>")
    if message.recipient:
        parts.append(f"to=<{message.recipient}>")
    if protocol := attributes.get("log_protocol_name"):
        parts.append(f"proto={protocol}")
    if helo := attributes.get("log_helo_name"):
        parts.append(f"helo=<{helo}>")
    return " ".join(parts) + (f": {text}" if text else "")


def printable(text: bytes, *, utf8: bool = True) -> str:
    """For the log: control characters become question marks, valid UTF-8 stays if wanted."""
    if not utf8 and not text.isascii():
        text = bytes(octet if octet < 128 else QUESTION_MARK for octet in text)
    return UNPRINTABLE.sub("?", text.decode("utf-8", "replace").replace("\ufffd", "?"))


def _reject(finding: Finding) -> Outcome:
    message = finding.message
    reason = finding.argument or "message content rejected"
    status, text = dsn.split(reason, "5.7.1")
    if status[0] not in "45":
        finding.log.warning(f"bad DSN action in {finding.argument} -- need 4.x.x or 5.x.x")
        status = "4" + status[1:]
    message.status |= Stat.DEFER if status[0] == "4" else Stat.CONT
    message.reason = f"{status} {text}"
    message.flags &= ~Flags.FILTER
    finding.tell("reject", message.reason)
    return Outcome(finding.text)


def _warn(finding: Finding) -> Outcome:
    finding.tell("warning", finding.argument)
    return Outcome(finding.text)


def _info(finding: Finding) -> Outcome:
    finding.tell("info", finding.argument)
    return Outcome(finding.text)


def _filter(finding: Finding) -> Outcome:
    argument, table = finding.argument, finding.where.table
    if not argument:
        finding.log.warning(f"missing FILTER command argument in {table} map")
    elif ":" not in argument:
        finding.log.warning(
            f"bad FILTER command {argument} in {table} -- need transport:destination"
        )
    else:
        finding.message.filter = argument
        finding.tell("filter", argument)
    return Outcome(finding.text)


def _pass(finding: Finding) -> Outcome:
    finding.tell("pass", finding.argument)
    finding.message.flags &= ~Flags.FILTER
    return Outcome(finding.text)


def _discard(finding: Finding) -> Outcome:
    finding.tell("discard", finding.argument)
    finding.message.flags = (finding.message.flags | Flags.DISCARD) & ~Flags.FILTER
    return Outcome(finding.text)


def _hold(finding: Finding) -> Outcome:
    if not finding.message.flags & (Flags.HOLD | Flags.DISCARD):
        finding.tell("hold", finding.argument)
        finding.message.flags |= Flags.HOLD
    return Outcome(finding.text)


def _prepend(finding: Finding) -> Outcome:
    if not _is_fit(finding, "PREPEND"):
        return Outcome(finding.text)
    finding.tell("prepend", finding.argument)
    return Outcome(finding.text, before=_bytes(finding.argument))


def _replace(finding: Finding) -> Outcome:
    if not _is_fit(finding, "REPLACE"):
        return Outcome(finding.text)
    finding.tell("replace", finding.argument)
    return Outcome(_bytes(finding.argument))


def _redirect(finding: Finding) -> Outcome:
    if _is_address(finding, "REDIRECT target"):
        finding.message.redirect = finding.argument
        finding.tell("redirect", finding.argument)
        finding.message.flags &= ~Flags.FILTER
    return Outcome(finding.text)


def _bcc(finding: Finding) -> Outcome:
    if _is_address(finding, "BCC address"):
        finding.message.bcc.append(finding.argument)
        finding.tell("bcc", finding.argument)
    return Outcome(finding.text)


def _strip(finding: Finding) -> Outcome:
    finding.tell("strip", finding.argument)
    return Outcome(None)


def _ignore(finding: Finding) -> Outcome:
    return Outcome(None)


def _dunno(finding: Finding) -> Outcome:
    return Outcome(finding.text)


def _is_fit(finding: Finding, verb: str) -> bool:
    """Whether the argument can stand where it is meant to."""
    argument, table = finding.argument, finding.where.table
    if not argument:
        noun = "text"
        finding.log.warning(f"{verb} action without {noun} in {table} map")
        return False
    if finding.where.context == "header" and not name_length(_bytes(argument)):
        finding.log.warning(
            f'bad {verb} header text "{argument}" in {table} map'
            ' -- need "headername: headervalue"'
        )
        return False
    return True


def _is_address(finding: Finding, noun: str) -> bool:
    if "@" in finding.argument:
        return True
    table = finding.where.table
    finding.log.warning(f'bad {noun} "{finding.argument}" in {table} map -- need user@domain')
    return False


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# In the order of header_checks(5).
ACTIONS: Final[Mapping[str, Callable[[Finding], Outcome]]] = {
    "BCC": _bcc,
    "DISCARD": _discard,
    "DUNNO": _dunno,
    "OK": _dunno,
    "FILTER": _filter,
    "HOLD": _hold,
    "IGNORE": _ignore,
    "INFO": _info,
    "PASS": _pass,
    "PREPEND": _prepend,
    "REDIRECT": _redirect,
    "REPLACE": _replace,
    "REJECT": _reject,
    "STRIP": _strip,
    "WARN": _warn,
}
VERB: Final = re.compile(r"(\S*)\s*(.*)", re.DOTALL)
QUESTION_MARK: Final = ord("?")
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")
