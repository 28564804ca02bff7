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


def parse(lines: list[str]) -> ServerReply:
    """The lines of one reply, without their line ends."""
    text = " ".join(line.rstrip() for line in lines)
    match = LINE.match(lines[-1])
    if match is None:
        return ServerReply(0, "5.5.0", text)
    code = int(match["code"])
    status = match["status"]
    # An enhanced code of another class than the reply is a mistake, not information.
    if not status or status[0] != match["code"][0]:
        status = f"{match['code'][0]}.0.0"
    return ServerReply(code, status, _printable(text), tuple(line[4:] for line in lines))


def is_last(line: str) -> bool:
    """RFC 5321 4.2.1: a hyphen after the code announces another line."""
    return line[3:4] != "-" or not line[:3].isdigit()


def refusal(reply: ServerReply, reason: str, host: str) -> DeliveryStatus:
    """A status for the recipient: permanent only when the server says 5xx."""
    permanent = reply.kind == 5
    status = reply.status if reply.kind in (4, 5) else "4.5.0"
    return DeliveryStatus(
        status,
        Action.FAILED if permanent else Action.DELAYED,
        reason,
        diagnostic_type="smtp",
        diagnostic=reply.text,
        remote_mta_type="dns",
        remote_mta=host,
    )


def _printable(text: str) -> str:
    return UNPRINTABLE.sub("?", text)


LINE: Final = re.compile(
    r"(?P<code>[2-5]\d\d)(?:[ -](?:(?P<status>[245]\.\d{1,3}\.\d{1,3})(?=\s|$))?.*)?$",
    re.DOTALL,
)
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")
