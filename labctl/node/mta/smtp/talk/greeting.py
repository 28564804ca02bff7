"""The handshake: the server's greeting, then EHLO, or HELO where EHLO is refused.

STATES
    connected --greeting--> --EHLO, or HELO where EHLO is refused--> ready --QUIT--> closed
    A server that refuses to talk at all fails as a *site*: qmgr will leave it alone a while.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import MapError, maps_of
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, deferred, failed
from labctl.node.mta.smtp.hosts.finder import Host
from labctl.node.mta.smtp.talk.dialogue import Dialogue
from labctl.node.mta.smtp.talk.reply import ServerReply, refusal


class SiteFailed(Exception):
    """The server will not talk to us; ``status`` says why."""

    def __init__(self, status: DeliveryStatus) -> None:
        super().__init__(status.reason)
        self.status = status


class Manners(NamedTuple):
    """How we introduce ourselves."""

    helo_name: str
    myhostname: str
    lmtp: bool
    always_ehlo: bool
    never_ehlo: bool
    skip_5xx_greeting: bool
    timeout: float
    discard: Callable[[str], tuple[str, ...]]  # by address: EHLO keywords not to see

    @classmethod
    def of(cls, config: Config, *, lmtp: bool) -> Manners:
        prefix = "lmtp" if lmtp else "smtp"
        return cls(
            config.text(f"{prefix}_lhlo_name" if lmtp else "smtp_helo_name"),
            config.text("myhostname"),
            lmtp,
            config.flag("smtp_always_send_ehlo"),
            config.flag("smtp_never_send_ehlo"),
            config.flag(f"{prefix}_skip_5xx_greeting"),
            config.seconds(f"{prefix}_lhlo_timeout" if lmtp else "smtp_helo_timeout"),
            discarded(config, lmtp=lmtp),
        )


class Arrival(NamedTuple):
    """A connection that has just been made, and to whom."""

    dialogue: Dialogue
    host: Host
    destination: str  # for the words "mail for ... loops back"
    queue_id: str
    log: Log


def greet(arrival: Arrival, manners: Manners) -> Mapping[str, str]:
    """Read the greeting and introduce ourselves; the EHLO keywords.

    Raises SiteFailed or ConversationLost.
    """
    doing = "receiving the initial server greeting"
    greeting = arrival.dialogue.read(doing, manners.timeout)
    if greeting.kind != 2:
        if greeting.kind == 5 and manners.skip_5xx_greeting:
            greeting = greeting._replace(status="4" + greeting.status[1:])
        raise SiteFailed(_refused(greeting, arrival))
    if arrival.host.detect_loops and _names_us(greeting, manners):
        text = f"greeted me with my own hostname {manners.myhostname}"
        arrival.log.warning(f"host {arrival.host.name_address_port} {text}")
    answer = _introduce(arrival, manners, greeting)
    if arrival.host.detect_loops and _names_us(answer, manners):
        _complain_of_loop(arrival, manners)
    return _features(answer, arrival, manners) if answer.is_extended else {}


class _Answer(NamedTuple):
    """The reply to EHLO or HELO."""

    reply: ServerReply
    is_extended: bool

    @property
    def lines(self) -> tuple[str, ...]:
        return self.reply.lines


def _introduce(arrival: Arrival, manners: Manners, greeting: ServerReply) -> _Answer:
    verb = "LHLO" if manners.lmtp else "EHLO"
    extended = manners.always_ehlo or "ESMTP" in greeting.text.upper().split()
    if manners.lmtp or (extended and not manners.never_ehlo):
        answer = _say(arrival, manners, verb)
        if answer.kind == 2:
            return _Answer(answer, is_extended=True)
        if manners.lmtp or answer.code == 421:
            raise SiteFailed(_refused(answer, arrival))
    answer = _say(arrival, manners, "HELO")
    if answer.kind != 2:
        raise SiteFailed(_refused(answer, arrival))
    return _Answer(answer, is_extended=False)


def _say(arrival: Arrival, manners: Manners, verb: str) -> ServerReply:
    doing = f"performing the {verb} handshake"
    return arrival.dialogue.command(f"{verb} {manners.helo_name}", doing, manners.timeout)


def _complain_of_loop(arrival: Arrival, manners: Manners) -> None:
    arrival.log.warning(
        f"host {arrival.host.name_address_port} replied to HELO/EHLO with my own hostname"
        f" {manners.myhostname}"
    )
    reason = f"mail for {arrival.destination} loops back to myself"
    # A backup that we happen to be may be a mistake of today; the best host that we are not.
    best = arrival.host.is_best
    raise SiteFailed(failed(reason, "5.4.6") if best else deferred(reason, "4.4.6"))


def _features(answer: _Answer, arrival: Arrival, manners: Manners) -> dict[str, str]:
    ignored = _ignored(arrival, manners)
    found: dict[str, str] = {}
    # RFC 5321 4.1.1.1: the first line is the server's name.
    for line in answer.lines[1:]:
        words = line.replace("=", " ").split()
        if not words or (keyword := words[0].upper()) in ignored:
            continue
        if keyword != "SIZE":
            found[keyword] = " ".join(words[1:])
        elif words[1:]:
            found[keyword] = _size_limit(words[1], arrival)
    return found


def _size_limit(word: str, arrival: Arrival) -> str:
    """RFC 1870 4: a number; 0 means that there is no limit."""
    if word.isdecimal():
        return word
    where = arrival.host.name_address_port
    arrival.log.warning(f'bad EHLO SIZE limit "{word}" from {where}')
    return ""


def _ignored(arrival: Arrival, manners: Manners) -> frozenset[str]:
    try:
        words = manners.discard(arrival.host.address)
    except MapError:
        # Without knowing what to leave unsaid we say nothing.
        name = DISCARDED[manners.lmtp].replace("keywords", "keyword_address_maps")
        text = f"{arrival.queue_id}: {name} map lookup error for {arrival.host.address}"
        arrival.log.warning(text)
        where = arrival.host.name_address
        reason = f"local data error while talking to {where}"
        raise SiteFailed(deferred(reason, "4.3.0")) from None
    keywords = {word.upper() for word in words}
    shown = [name for name in KEYWORDS if name in keywords]
    if shown and "SILENT-DISCARD" not in keywords:
        arrival.log.info(f"discarding EHLO keywords: {' '.join(shown)}")
    return frozenset(keywords)


def discarded(config: Config, *, lmtp: bool) -> Callable[[str], tuple[str, ...]]:
    """Which keywords of a server are not believed: by its address, or in general."""
    general = config.words(DISCARDED[lmtp])
    tables = maps_of(config, DISCARDED[lmtp].replace("keywords", "keyword_address_maps"))

    def by_address(address: str) -> tuple[str, ...]:
        found = tables.lookup(address) if tables else None
        return general if found is None else tuple(found.replace(",", " ").split())

    return by_address


def _names_us(answer: ServerReply | _Answer, manners: Manners) -> bool:
    words = answer.lines[0].split() if answer.lines else []
    return bool(words) and words[0].lower() == manners.myhostname.lower()


def _refused(answer: ServerReply, arrival: Arrival) -> DeliveryStatus:
    host = arrival.host
    if answer.is_our_mistake:
        arrival.dialogue.tap.is_suspect = True
    reason = f"host {host.name_address} refused to talk to me: {answer.text}"
    return refusal(answer, reason, host.name)


DISCARDED: Final = {False: "smtp_discard_ehlo_keywords", True: "lmtp_discard_lhlo_keywords"}
# Those that postconf(5) knows, in its order.
KEYWORDS: Final = (
    "8BITMIME",
    "AUTH",
    "ETRN",
    "PIPELINING",
    "SIZE",
    "VRFY",
    "XCLIENT",
    "XFORWARD",
    "STARTTLS",
    "ENHANCEDSTATUSCODES",
    "DSN",
    "SMTPUTF8",
    "CHUNKING",
)
