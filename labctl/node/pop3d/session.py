"""One POP3 session, from greeting to QUIT, as UW-IMAP's ipop3d answers it.

INPUT AND OUTPUT
    ``receive(line)`` takes one command line and returns the bytes of the reply.  After each
    reply the caller looks at ``state``: CLOSED means that the connection ends.

STATES
    AUTHORIZATION --USER, PASS--> TRANSACTION --QUIT--> CLOSED        (RFC 1939 3)
          +---- AUTH, APOP ---------^

NOT HERE
    The mailbox is opened by ``Environment.open_inbox``; who may is decided by ``login``.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from labctl.node.store import flags as flag
from labctl.node.store.mailbox import Mailbox
from labctl.node.store.message import Message
from labctl.node.wire import pop3


class State(enum.Enum):
    """RFC 1939 3."""

    AUTHORIZATION = "authorization"
    TRANSACTION = "transaction"
    CLOSED = "closed"


class Environment(Protocol):
    """What the session needs of the world."""

    mechanisms: tuple[str, ...]
    plaintext: bool
    challenge: str  # of APOP, "" without shared secrets
    offers_tls: bool

    def login(self, user: str, password: str) -> Mailbox | str: ...

    def apop(self, user: str, digest: str) -> Mailbox | str: ...

    def authenticate(self, mechanism: str, initial: str | None) -> Mailbox | str: ...

    def log_update(self, left: int, deleted: int, seen: int) -> None: ...


@dataclass(slots=True)
class Item:
    """One message as this session numbers it."""

    message: Message
    deleted: bool = False
    read: bool = False


@dataclass
class Session:
    """What one client has said so far; commands in, replies out."""

    environment: Environment
    state: State = State.AUTHORIZATION
    user: str = ""
    mailbox: Mailbox | None = None
    items: list[Item] = field(default_factory=list)
    last: int = 0
    tls_begins: bool = False  # RFC 2595 4: as soon as the answer to STLS is sent

    def receive(self, line: bytes) -> bytes:
        """Obey one command, or say why not."""
        command = pop3.parse(line)
        if not command.verb:
            return error("Null command")
        run = COMMANDS[self.state].get(command.verb)
        if run is None or not self._allowed(command.verb):
            return error(f"Unknown {self.state.name} state command")
        return run(self, command.argument)

    def begin(self, outcome: Mailbox | str) -> bytes:
        """After a login: the mailbox, or the reason why there is none."""
        if isinstance(outcome, str):
            if outcome not in TRY_AGAIN:
                self.state = State.CLOSED
            return error(outcome)
        self.mailbox = outcome
        # RFC 1939 8: what another program marked as deleted is not there for us.
        self.items = [Item(m) for m in outcome.messages if not m.flags & flag.DELETED]
        self.state = State.TRANSACTION
        return ok(f"Mailbox open, {len(self.items)} messages")

    def item(self, argument: str) -> Item | None:
        """The message of this number, unless it was deleted here."""
        index = pop3.number(argument) - 1
        if not 0 <= index < len(self.items) or self.items[index].deleted:
            return None
        return self.items[index]

    def octets(self, item: Item) -> int:
        assert self.mailbox is not None
        return self.mailbox.size(item.message) + pop3.STATUS_LENGTH

    def present(self) -> list[tuple[int, Item]]:
        return [(n, item) for n, item in enumerate(self.items, 1) if not item.deleted]

    def update(self) -> None:
        """RFC 1939 6: what was read is marked, what was deleted goes."""
        assert self.mailbox is not None
        read = [item for item in self.items if item.read and not item.deleted]
        deleted = [item for item in self.items if item.deleted]
        for item in read:
            self._set(item, flag.SEEN)
        for item in deleted:
            self._set(item, flag.DELETED)
        left, gone = len(self.items) - len(deleted), len(deleted)
        self.environment.log_update(left, gone, len(read))

    def _set(self, item: Item, bit: int) -> None:
        assert self.mailbox is not None
        message = item.message
        self.mailbox.set_flags(message, message.flags | bit, message.keywords)

    def _allowed(self, verb: str) -> bool:
        return self.environment.plaintext or verb not in ("USER", "PASS")


def ok(text: str) -> bytes:
    """RFC 1939 3: a positive reply."""
    return f"+OK {text}\r\n".encode("utf-8", "surrogateescape")


def error(text: str) -> bytes:
    """RFC 1939 3: a negative reply."""
    return f"-ERR {text}\r\n".encode("utf-8", "surrogateescape")


def _user(session: Session, argument: str) -> bytes:
    if not argument.strip():
        return error("Missing username argument")
    session.user = argument
    return ok("User name accepted, password please")


def _pass(session: Session, argument: str) -> bytes:
    if not session.user:
        return error("Unknown AUTHORIZATION state command")
    if not argument:
        return error("Missing password argument")
    return session.begin(session.environment.login(session.user, argument))


def _apop(session: Session, argument: str) -> bytes:
    if not session.environment.challenge:
        return error("Not supported")
    user, _, digest = argument.strip().partition(" ")
    if not digest:
        return error("Missing APOP argument")
    return session.begin(session.environment.apop(user, digest))


def _auth(session: Session, argument: str) -> bytes:
    words = argument.split()
    if not words:
        names = session.environment.mechanisms
        return _listing("Supported authentication mechanisms:", list(names))
    initial = words[1] if len(words) > 1 else None
    return session.begin(session.environment.authenticate(words[0].upper(), initial))


def _capa(session: Session, _argument: str) -> bytes:
    environment = session.environment
    lines = ["TOP", "LOGIN-DELAY 180", "UIDL"]
    if environment.offers_tls:
        lines.append("STLS")
    if environment.plaintext:
        lines.append("USER")
    if environment.mechanisms:
        lines.append("SASL " + " ".join(environment.mechanisms))
    return _listing("Capability list follows:", lines)


def _rpop(_session: Session, _argument: str) -> bytes:
    return error("Nice try, bunkie")


def _stls(session: Session, _argument: str) -> bytes:
    if session.environment.offers_tls:
        session.tls_begins = True
        return ok("STLS completed")
    return error("STLS failed: This server does not support TLS")


def _quit(session: Session, _argument: str) -> bytes:
    session.state = State.CLOSED
    if session.mailbox is not None:
        session.update()
        session.mailbox.close(expunge=any(item.deleted for item in session.items))
        session.mailbox = None
    return ok("Sayonara")


def _stat(session: Session, _argument: str) -> bytes:
    present = session.present()
    return ok(f"{len(present)} {sum(session.octets(item) for _, item in present)}")


def _list(session: Session, argument: str) -> bytes:
    return _scan(session, argument, _octets, "Mailbox scan listing follows")


def _uidl(session: Session, argument: str) -> bytes:
    return _scan(session, argument, _unique_id, "Unique-ID listing follows")


def _scan(
    session: Session, argument: str, value: Callable[[Session, Item], str], headline: str
) -> bytes:
    """One line for the message that is asked for, or a listing with one for each."""
    if argument:
        item = session.item(argument)
        if item is None:
            return error("No such message")
        return ok(f"{pop3.number(argument)} {value(session, item)}")
    return _listing(
        headline, [f"{number} {value(session, item)}" for number, item in session.present()]
    )


def _octets(session: Session, item: Item) -> str:
    return str(session.octets(item))


def _unique_id(session: Session, item: Item) -> str:
    assert session.mailbox is not None
    return f"{session.mailbox.uid_validity:08x}{item.message.uid:08x}"


def _retr(session: Session, argument: str) -> bytes:
    if not argument:
        return error("Missing message number argument")
    item = session.item(argument)
    if item is None:
        return error("No such message")
    octets, content = session.octets(item), _content(session, item, None)
    if content is None:
        return error("No such message")
    session.last = max(session.last, pop3.number(argument))
    item.read = True
    return ok(f"{octets} octets") + content


def _top(session: Session, argument: str) -> bytes:
    if not argument:
        return error("Missing message number argument")
    wanted, _, count = argument.partition(" ")
    if not wanted.isdigit():
        return error("Bad message number argument")
    item = session.item(wanted)
    if item is None:
        return error("No such message")
    if not count.strip().isdigit():
        return error("Bad line count argument")
    content = _content(session, item, int(count))
    if content is None:
        return error("No such message")
    session.last = max(session.last, int(wanted))
    return ok("Top of message follows") + content


def _content(session: Session, item: Item, lines: int | None) -> bytes | None:
    """The lines of the reply, None if another session has taken the message away."""
    assert session.mailbox is not None
    message = item.message
    seen = bool(message.flags & flag.SEEN)
    old = not message.flags & flag.RECENT
    header = pop3.with_status(session.mailbox.header(message), seen=seen, old=old)
    text = session.mailbox.text(message)
    if session.mailbox.gone(message):
        return None
    return pop3.stuffed(header + (text if lines is None else pop3.first_lines(text, lines)))


def _dele(session: Session, argument: str) -> bytes:
    if not argument:
        return error("Missing message number argument")
    item = session.item(argument)
    if item is None:
        return error("No such message")
    item.deleted = True
    session.last = max(session.last, pop3.number(argument))
    return ok("Message deleted")


def _rset(session: Session, _argument: str) -> bytes:
    for item in session.items:
        item.deleted = item.read = False
    session.last = 0
    return ok("Reset state")


def _last(session: Session, _argument: str) -> bytes:
    return ok(str(session.last))


def _noop(_session: Session, _argument: str) -> bytes:
    return ok("No-op to you too!")


def _xtnd(_session: Session, _argument: str) -> bytes:
    return error("Sorry I can't do that")


def _listing(title: str, lines: list[str]) -> bytes:
    return ok(title) + "".join(f"{line}\r\n" for line in [*lines, "."]).encode()


# After these the client may try again; any other failure ends the connection.
TRY_AGAIN: Final = ("Bad login", "Bad authentication", "Bad APOP")
Run: TypeAlias = Callable[[Session, str], bytes]

# In the order of RFC 1939, 2449 and 5034, and then what only UW has.
COMMANDS: Final[Mapping[State, Mapping[str, Run]]] = {
    State.AUTHORIZATION: {
        "USER": _user,
        "PASS": _pass,
        "APOP": _apop,
        "QUIT": _quit,
        "CAPA": _capa,
        "STLS": _stls,
        "AUTH": _auth,
        "RPOP": _rpop,
    },
    State.TRANSACTION: {
        "STAT": _stat,
        "LIST": _list,
        "RETR": _retr,
        "DELE": _dele,
        "NOOP": _noop,
        "RSET": _rset,
        "QUIT": _quit,
        "TOP": _top,
        "UIDL": _uidl,
        "CAPA": _capa,
        "LAST": _last,
        "XTND": _xtnd,
    },
    State.CLOSED: {},
}
