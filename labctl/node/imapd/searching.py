"""Which messages match a search program (RFC 3501 6.4.4, RFC 5032).

INPUT AND OUTPUT
    ``find(session, program)`` gives the numbers of the messages that match, ascending.

TEXT
    Texts are compared as RFC 5051 wants, after transfer encodings and charsets are undone.
    A message without any of these is compared as it is, which is most of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from labctl.node.base import clock
from labctl.node.imapd.answers import No
from labctl.node.imapd.content import envelope_of, structure_of
from labctl.node.imapd.session import Session
from labctl.node.store import flags as flag
from labctl.node.store.message import Message
from labctl.node.wire.charsets import (
    SUPPORTED,
    canonical,
    decoded,
    header_text,
    is_supported,
    text_of,
)
from labctl.node.wire.dates import Date, parse_field
from labctl.node.wire.imap import sets as imap_sets
from labctl.node.wire.imap.envelope import fields
from labctl.node.wire.imap.mime import Part, parameter
from labctl.node.wire.imap.search import Key, Program

Test = Callable[[Session, int, Message], bool]
# In capitals: without one of these a text means what its octets say.
_ENCODED: Final = (b"=?", b"BASE64", b"QUOTED-PRINTABLE", b"CHARSET")


def check_charset(name: str) -> None:
    """RFC 3501 6.4.4: NO [BADCHARSET], with those that are known."""
    if name and not is_supported(name):
        raise No(f"[BADCHARSET ({' '.join(SUPPORTED)})] Unknown charset: {name}")


def find(session: Session, program: Program) -> list[int]:
    """The numbers of all messages that match."""
    matches = _compile(session, program.keys, program.charset)
    messages = enumerate(session.mailbox.messages, 1)
    return [number for number, message in messages if matches(session, number, message)]


def sent_epoch(session: Session, message: Message) -> int:
    """When the message was sent, in UTC; when it came if the Date field does not say."""
    sent = _sent_date(session, message)
    return session.mailbox.date(message).epoch if sent is None else sent.epoch


def _sent_date(session: Session, message: Message) -> Date | None:
    value = envelope_of(session, message).date
    return parse_field(value) if value else None


def _compile(session: Session, key: Key, charset: str) -> Test:
    if key.name in ("AND", "NOT", "OR"):
        tests = [_compile(session, child, charset) for child in key.values]
        return _COMBINED[key.name](tests)
    if key.name in FLAG_KEYS:
        mask, wanted = FLAG_KEYS[key.name]
        return lambda _session, _number, message: message.flags & mask == wanted
    return COMPILERS[key.name](session, key.values, charset)


def _all_of(tests: list[Test]) -> Test:
    return lambda session, number, message: all(t(session, number, message) for t in tests)


def _none_of(tests: list[Test]) -> Test:
    return lambda session, number, message: not tests[0](session, number, message)


def _any_of(tests: list[Test]) -> Test:
    return lambda session, number, message: any(t(session, number, message) for t in tests)


_COMBINED: Final[Mapping[str, Callable[[list[Test]], Test]]] = {
    "AND": _all_of,
    "NOT": _none_of,
    "OR": _any_of,
}

# Which flags are looked at, and which of these must be set.
FLAG_KEYS: Final[Mapping[str, tuple[int, int]]] = {
    "ALL": (0, 0),
    "ANSWERED": (flag.ANSWERED, flag.ANSWERED),
    "DELETED": (flag.DELETED, flag.DELETED),
    "DRAFT": (flag.DRAFT, flag.DRAFT),
    "FLAGGED": (flag.FLAGGED, flag.FLAGGED),
    "NEW": (flag.RECENT | flag.SEEN, flag.RECENT),
    "OLD": (flag.RECENT, 0),
    "RECENT": (flag.RECENT, flag.RECENT),
    "SEEN": (flag.SEEN, flag.SEEN),
    "UNANSWERED": (flag.ANSWERED, 0),
    "UNDELETED": (flag.DELETED, 0),
    "UNDRAFT": (flag.DRAFT, 0),
    "UNFLAGGED": (flag.FLAGGED, 0),
    "UNSEEN": (flag.SEEN, 0),
}


# ---------------------------------------------------------------- sets, keywords, sizes


def _set(session: Session, values: tuple[Any, ...], _charset: str) -> Test:
    count = len(session.mailbox.messages)
    ranges = _ranges(values[0], max(count, 1))
    return lambda _session, number, _message: any(low <= number <= high for low, high in ranges)


def _uid(session: Session, values: tuple[Any, ...], _charset: str) -> Test:
    messages = session.mailbox.messages
    ranges = _ranges(values[0], messages[-1].uid if messages else 0)
    return lambda _session, _number, m: any(low <= m.uid <= high for low, high in ranges)


def _ranges(text: bytes, last: int) -> list[tuple[int, int]]:
    """A number that does not exist is no mistake here: nothing matches it."""
    try:
        return imap_sets.uids(text, last)
    except imap_sets.BadSet as error:
        raise No(str(error)) from error


def _keyword(session: Session, values: tuple[Any, ...], _charset: str) -> Test:
    bit = session.mailbox.keyword_bit(values[0].decode("latin-1"), create=False)
    return lambda _session, _number, message: bool(message.keywords & bit)


def _unkeyword(session: Session, values: tuple[Any, ...], charset: str) -> Test:
    return _none_of([_keyword(session, values, charset)])


def _larger(_session: Session, values: tuple[Any, ...], _charset: str) -> Test:
    return lambda session, _number, message: session.mailbox.size(message) > values[0]


def _smaller(_session: Session, values: tuple[Any, ...], _charset: str) -> Test:
    return lambda session, _number, message: session.mailbox.size(message) < values[0]


# ---------------------------------------------------------------- dates


def _received(compare: Callable[[Any, Any], bool]) -> Callable[..., Test]:
    def make(_session: Session, values: tuple[Any, ...], _charset: str) -> Test:
        # RFC 3501 6.4.4: the time and the zone are disregarded.
        return lambda session, _number, message: compare(
            session.mailbox.date(message).local()[:3], values[0]
        )

    return make


def _sent(compare: Callable[[Any, Any], bool]) -> Callable[..., Test]:
    def make(_session: Session, values: tuple[Any, ...], _charset: str) -> Test:
        def test(session: Session, _number: int, message: Message) -> bool:
            sent = _sent_date(session, message)
            return sent is not None and compare(sent.day, values[0])

        return test

    return make


def _older(_session: Session, values: tuple[Any, ...], _charset: str) -> Test:
    limit = int(clock.now()) - values[0]
    return lambda session, _number, message: session.mailbox.date(message).epoch <= limit


def _younger(_session: Session, values: tuple[Any, ...], _charset: str) -> Test:
    limit = int(clock.now()) - values[0]
    return lambda session, _number, message: session.mailbox.date(message).epoch >= limit


# ---------------------------------------------------------------- text


def _field(name: bytes) -> Callable[..., Test]:
    def make(session: Session, values: tuple[Any, ...], charset: str) -> Test:
        return _header(session, (name, *values), charset)

    return make


def _header(_session: Session, values: tuple[Any, ...], charset: str) -> Test:
    name, wanted = values[0].upper(), canonical(text_of(values[1], charset or "UTF-8"))

    def test(session: Session, _number: int, message: Message) -> bool:
        found = fields(session.mailbox.header(message)).get(name, ())
        return any(wanted in canonical(header_text(value)) for value in found)

    return test


def _body(_session: Session, values: tuple[Any, ...], charset: str) -> Test:
    wanted = canonical(text_of(values[0], charset or "UTF-8"))

    def test(session: Session, _number: int, message: Message) -> bool:
        return _in_text(session, message, wanted, session.mailbox.header(message))

    return test


def _text(_session: Session, values: tuple[Any, ...], charset: str) -> Test:
    wanted = canonical(text_of(values[0], charset or "UTF-8"))

    def test(session: Session, _number: int, message: Message) -> bool:
        header = session.mailbox.header(message)
        return _in_header(header, wanted) or _in_text(session, message, wanted, header)

    return test


def _in_header(header: bytes, wanted: str) -> bool:
    if b"=?" not in header and header.isascii():
        return wanted.isascii() and wanted.encode() in header.upper()
    return wanted in canonical(header_text(header))


def _in_text(session: Session, message: Message, wanted: str, header: bytes) -> bool:
    text, header = session.mailbox.text(message).upper(), header.upper()
    encoded = any(word in text or word in header for word in _ENCODED)
    if not encoded and wanted.isascii():
        return wanted.encode() in text
    return _in_part(structure_of(session, message), wanted)


def _in_part(part: Part, wanted: str) -> bool:
    if part.header and wanted in canonical(header_text(part.header)):
        return True
    if part.type == b"MULTIPART":
        return any(_in_part(child, wanted) for child in part.parts)
    if part.message is not None:
        header = canonical(header_text(part.message_header))
        return wanted in header or _in_part(part.message, wanted)
    if part.type != b"TEXT":
        return False
    charset = (parameter(part, b"CHARSET") or b"US-ASCII").decode("latin-1")
    return wanted in canonical(text_of(decoded(part.text, part.encoding), charset))


def _before(a: Any, b: Any) -> bool:
    return bool(a < b)


def _on(a: Any, b: Any) -> bool:
    return bool(a == b)


def _since(a: Any, b: Any) -> bool:
    return bool(a >= b)


COMPILERS: Final[Mapping[str, Callable[..., Test]]] = {
    "SET": _set,
    "BCC": _field(b"BCC"),
    "BEFORE": _received(_before),
    "BODY": _body,
    "CC": _field(b"CC"),
    "FROM": _field(b"FROM"),
    "HEADER": _header,
    "KEYWORD": _keyword,
    "LARGER": _larger,
    "ON": _received(_on),
    "SENTBEFORE": _sent(_before),
    "SENTON": _sent(_on),
    "SENTSINCE": _sent(_since),
    "SINCE": _received(_since),
    "SMALLER": _smaller,
    "SUBJECT": _field(b"SUBJECT"),
    "TEXT": _text,
    "TO": _field(b"TO"),
    "UID": _uid,
    "UNKEYWORD": _unkeyword,
    "OLDER": _older,
    "YOUNGER": _younger,
}
