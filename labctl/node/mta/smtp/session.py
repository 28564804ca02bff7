"""A greeted connection: what the server can do, until QUIT.

STATES
    connected --greeting--> --EHLO, or HELO where EHLO is refused--> ready --QUIT--> closed
    A server that refuses to talk at all fails as a *site*: qmgr will leave it alone a while.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, failed
from labctl.node.mta.smtp.dialogue import Dialogue
from labctl.node.mta.smtp.hosts import Host
from labctl.node.mta.smtp.reply import ServerReply, refusal


class SiteFailed(Exception):
    """The server will not talk to us; ``status`` says why."""

    def __init__(self, status: DeliveryStatus) -> None:
        super().__init__(status.reason)
        self.status = status


@dataclass(slots=True)
class Session:
    """One server that has greeted us."""

    dialogue: Dialogue
    host: Host
    features: Mapping[str, str]  # EHLO keyword in upper case -> its parameters
    connected: float  # when the connection was made
    uses: int = 1

    def offers(self, keyword: str) -> bool:
        return keyword in self.features

    def quit(self, config: Config) -> None:
        """RFC 5321 4.1.1.10: wait for the reply, unless smtp_skip_quit_response says no."""
        timeout = config.seconds("smtp_quit_timeout")
        with contextlib.suppress(Exception):
            self.dialogue.send(["QUIT"], "sending QUIT", timeout)
            if not config.flag("smtp_skip_quit_response"):
                self.dialogue.read("sending QUIT", timeout)
        self.dialogue.close()


class Manners(NamedTuple):
    """How we introduce ourselves."""

    helo_name: str
    myhostname: str
    lmtp: bool
    always_ehlo: bool
    never_ehlo: bool
    skip_5xx_greeting: bool
    timeout: float
    discard: frozenset[str]  # EHLO keywords that we do not want to see

    @classmethod
    def of(cls, config: Config, *, lmtp: bool) -> Manners:
        prefix = "lmtp" if lmtp else "smtp"
        return cls(
            config.text(f"{prefix}_lhlo_name" if lmtp else "smtp_helo_name"),
            config.text("myhostname"),
            lmtp,
            config.flag("smtp_always_send_ehlo"),
            config.flag("smtp_never_send_ehlo"),
            config.flag("smtp_skip_5xx_greeting"),
            config.seconds(f"{prefix}_lhlo_timeout" if lmtp else "smtp_helo_timeout"),
            frozenset(w.upper() for w in config.words(DISCARDED[lmtp])),
        )


def greet(
    dialogue: Dialogue, host: Host, manners: Manners, log: Log, *, destination: str
) -> Mapping[str, str]:
    """Read the greeting and introduce ourselves; the EHLO keywords.

    Raises SiteFailed or ConversationLost.
    """
    greeting = dialogue.read("receiving the initial server greeting", manners.timeout)
    if greeting.kind != 2:
        if greeting.kind == 5 and manners.skip_5xx_greeting:
            greeting = greeting._replace(
                code=greeting.code - 100, status="4" + greeting.status[1:]
            )
        raise SiteFailed(_refused(greeting, host))
    if _names_us(greeting, manners) and host.detect_loops:
        words = "greeted me with my own hostname"
        log.warning(f"host {host.name_address_port} {words} {manners.myhostname}")
    return _introduce(dialogue, host, manners, log, greeting, destination)


def _introduce(
    dialogue: Dialogue,
    host: Host,
    manners: Manners,
    log: Log,
    greeting: ServerReply,
    destination: str,
) -> Mapping[str, str]:
    verb = "LHLO" if manners.lmtp else "EHLO"
    extended = manners.always_ehlo or "ESMTP" in greeting.text.upper().split()
    if manners.lmtp or (extended and not manners.never_ehlo):
        doing = f"performing the {verb} handshake"
        answer = dialogue.command(f"{verb} {manners.helo_name}", doing, manners.timeout)
        if answer.kind == 2:
            if _names_us(answer, manners) and host.detect_loops and not manners.lmtp:
                _complain_of_loop(log, host, manners, destination)
            return _keywords(answer, manners)
        if manners.lmtp or answer.code == 421:
            raise SiteFailed(_refused(answer, host))
    doing = "performing the HELO handshake"
    answer = dialogue.command(f"HELO {manners.helo_name}", doing, manners.timeout)
    if answer.kind != 2:
        raise SiteFailed(_refused(answer, host))
    if _names_us(answer, manners) and host.detect_loops:
        _complain_of_loop(log, host, manners, destination)
    return {}


def _complain_of_loop(log: Log, host: Host, manners: Manners, destination: str) -> None:
    log.warning(
        f"host {host.name_address_port} replied to HELO/EHLO with my own hostname"
        f" {manners.myhostname}"
    )
    raise SiteFailed(failed(f"mail for {destination} loops back to myself", "5.4.6"))


def _keywords(answer: ServerReply, manners: Manners) -> dict[str, str]:
    # RFC 5321 4.1.1.1: the first line is the server's name.
    pairs = (line.partition(" ") for line in answer.lines[1:])
    found = {keyword.upper(): parameters.strip() for keyword, _, parameters in pairs}
    return {key: value for key, value in found.items() if key not in manners.discard}


def _names_us(answer: ServerReply, manners: Manners) -> bool:
    words = answer.lines[0].split() if answer.lines else []
    return bool(words) and words[0].lower() == manners.myhostname.lower()


def _refused(answer: ServerReply, host: Host) -> DeliveryStatus:
    reason = f"host {host.name_address} refused to talk to me: {answer.text}"
    return refusal(answer, reason, host.name)


DISCARDED: Final = {False: "smtp_discard_ehlo_keywords", True: "lmtp_discard_lhlo_keywords"}
