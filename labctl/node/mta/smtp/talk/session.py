"""A greeted connection: what the server can do, how often it was used, until QUIT."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from labctl.node.mta.smtp.hosts.finder import Host
from labctl.node.mta.smtp.talk.dialogue import ConversationLost, Dialogue


@dataclass(slots=True)
class Session:
    """One server that has greeted us."""

    dialogue: Dialogue
    host: Host
    features: Mapping[str, str]  # EHLO keyword in upper case -> its parameters
    connected: float  # when the connection was there for this message
    uses: int = 1
    since: float = 0.0  # when it was made
    has_quit: bool = False  # QUIT has been said, and not been answered yet

    def offers(self, keyword: str) -> bool:
        return keyword in self.features

    def reset(self, doing: str, timeout: float) -> bool:
        """RFC 5321 4.1.1.5: back to the state after EHLO; whether the server agrees."""
        try:
            return self.dialogue.command("RSET", doing, timeout).kind == 2
        except ConversationLost:
            return False


def take_back_and_leave(session: Session, timeout: float, *, wait: bool) -> None:
    """RSET and QUIT; in one go where RFC 2920 lets us."""
    dialogue, doing = session.dialogue, "sending final RSET"
    if not session.offers("PIPELINING"):
        session.reset(doing, timeout)
        say_goodbye(dialogue, timeout, wait=wait)
        return
    with contextlib.suppress(ConversationLost):
        dialogue.send(["RSET", "QUIT"], doing, timeout)
        dialogue.read(doing, timeout)
    await_farewell(dialogue, timeout, wait=wait)


def await_farewell(dialogue: Dialogue, timeout: float, *, wait: bool) -> None:
    """QUIT has been said."""
    if wait and not dialogue.is_broken:
        with contextlib.suppress(ConversationLost):
            dialogue.read("sending QUIT", timeout)
    dialogue.close()


def say_goodbye(dialogue: Dialogue, timeout: float, *, wait: bool) -> None:
    """RFC 5321 4.1.1.10: QUIT, and the reply to it unless smtp_skip_quit_response says no."""
    if not dialogue.is_broken:
        with contextlib.suppress(ConversationLost):
            dialogue.send(["QUIT"], "sending QUIT", timeout)
    await_farewell(dialogue, timeout, wait=wait)
