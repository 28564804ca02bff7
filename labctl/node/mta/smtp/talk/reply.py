"""What a server answers, and how we tell it to log readers and senders.  RFC 5321 4.2."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus


class ServerReply(NamedTuple):
    """One reply; ``text`` is all of it on one line, codes included, as the server sent it."""

    code: int
    status: str  # RFC 2034; made up from the code where the server has none
    text: str
    lines: tuple[str, ...] = ()  # without codes: what EHLO lists

    @property
    def kind(self) -> int:
        """The first digit."""
        return self.code // 100

    @property
    def is_our_mistake(self) -> bool:
        """RFC 5321 4.2.1: x0z is about syntax; 555 about parameters (RFC 5321 4.1.1.11)."""
        return not 400 <= self.code <= 599 or 500 <= self.code < 510 or self.code == 555


def parse(lines: list[str], last: str = "") -> ServerReply:
    """The lines of one reply, without their line ends; ``last`` where not all were kept."""
    lines = [printable(line) for line in lines]
    match = LAST.match(last or lines[-1])
    code = int(match["code"]) if match else 0
    # A server that answers out of protocol gets no second try with the same words.
    status = "5.5.0"
    if match and match["code"][0] in "245":
        # An enhanced code of another class than the reply is a mistake, not information.
        known = match["status"] and match["status"][0] == match["code"][0]
        status = match["status"] if known else f"{match['code'][0]}.0.0"
    return ServerReply(code, status, " ".join(lines), tuple(line[4:] for line in lines))


def is_last(line: str) -> bool:
    """RFC 5321 4.2.1: a code and a blank; a hyphen instead announces another line."""
    return LAST.match(line) is not None


def is_continued(line: str) -> bool:
    """Another line of the same reply follows."""
    return line[:3].isdecimal() and line[:3].isascii() and line[3:4] == "-"


def refusal(reply: ServerReply, reason: str, host: str) -> DeliveryStatus:
    """A status for the recipient; the class of the enhanced code decides."""
    status = reply.status
    if status[0] not in "45":
        # It said yes where only "go on" or no makes sense.
        status, reason = "5.5.0", f"Protocol error: {reason}"
    return DeliveryStatus(
        status,
        Action.FAILED if status[0] == "5" else Action.DELAYED,
        reason,
        diagnostic_type="smtp",
        diagnostic=reply.text,
        remote_mta_type="dns",
        remote_mta=host,
    )


def printable(text: str) -> str:
    """What can go into a log file."""
    return UNPRINTABLE.sub("?", text)


LAST: Final = re.compile(
    r"(?P<code>[0-9]{3})(?: +(?P<status>[245]\.\d{1,3}\.\d{1,3})(?=\s|$)| |$)", re.ASCII
)
UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f\udc80-\udcff]")
