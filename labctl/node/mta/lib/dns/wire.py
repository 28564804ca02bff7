"""Messages of the domain name system as bytes: one question out, the answers in.  RFC 1035 4.

INPUT AND OUTPUT
    ``query(name, kind)`` makes a question; ``parse(data)`` reads what came back as a Message,
    whose records keep their data as it was until somebody wants its ``value``.

WHY OUR OWN
    dnspython made every process of the mail system 8 MB larger (docs/decisions/0006-dns.md);
    a stub resolver needs six record types, no zones and no signatures.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.dns import names
from labctl.node.mta.lib.dns.names import BadName, Malformed, Name

# RFC 1035 3.2.2, RFC 3596 2.1.
TYPES: Final[Mapping[str, int]] = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
}
INTERNET: Final = 1
RESPONSE, TRUNCATED, RECURSION_DESIRED = 0x8000, 0x0200, 0x0100
OPCODE: Final = 0x7800
NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NAME_ERROR, NOT_IMPLEMENTED, REFUSED = range(6)
__all__ = ["TYPES", "BadName", "Malformed", "Message", "Question", "Record", "parse", "query"]

_HEADER: Final = struct.Struct("!6H")
_FIXED: Final = struct.Struct("!HHIH")


class Question(NamedTuple):
    """A name and a type; the class is always Internet."""

    name: Name
    type: int


class Record(NamedTuple):
    """One record of an answer; ``data`` stands at ``start`` of ``message``."""

    name: Name
    type: int
    message: bytes
    start: int
    end: int

    @property
    def value(self) -> tuple[int, str]:
        """Preference (0 but for MX) and text.  Raises Malformed."""
        try:
            return VALUES[self.type](self)
        except (struct.error, OSError, ValueError) as error:
            raise Malformed(str(error)) from error

    @property
    def target(self) -> Name:
        """Where an alias leads.  Raises Malformed."""
        return names.folded(names.read(self.message, self.start)[0])

    @property
    def data(self) -> bytes:
        """The bytes, in which names may point elsewhere into the message."""
        return self.message[self.start : self.end]


class Message(NamedTuple):
    """What a server sent, as far as a stub resolver looks at it."""

    id: int
    flags: int
    questions: tuple[Question, ...]
    answers: tuple[Record, ...]

    @property
    def rcode(self) -> int:
        return self.flags & 15

    def records(self, name: Name, kind: int) -> list[Record]:
        """The answers of one name and type, in their order."""
        return [one for one in self.answers if one.type == kind and one.name == name]

    def answers_to(self, query: bytes) -> bool:
        """Whether it is the response to this question, and to no other."""
        asked = parse(query)
        if not self.flags & RESPONSE or self.id != asked.id:
            return False
        if (self.flags ^ asked.flags) & OPCODE:
            return False
        # A server that does not want the question need not repeat it.
        return self.questions == asked.questions or (
            self.rcode in UNWILLING and not self.questions
        )


def query(name: str, kind: str) -> bytes:
    """A question with a random number, for a server that recurses.  Raises BadName."""
    number = int.from_bytes(os.urandom(2), "big")
    header = _HEADER.pack(number, RECURSION_DESIRED, 1, 0, 0, 0)
    return header + names.encode(name) + struct.pack("!HH", TYPES[kind], INTERNET)


def is_truncated(data: bytes) -> bool:
    """Whether the answer did not fit (RFC 1035 4.2.1), and is to be asked for over TCP."""
    return bool(int.from_bytes(data[2:4], "big") & TRUNCATED)


def parse(data: bytes) -> Message:
    """Read question and answer; what follows them is not looked at.  Raises Malformed."""
    try:
        number, flags, questions, answers, _, _ = _HEADER.unpack_from(data)
        position = _HEADER.size
        asked: list[Question] = []
        for _ in range(questions):
            name, position = names.read(data, position)
            kind, _class = struct.unpack_from("!HH", data, position)
            asked.append(Question(names.folded(name), kind))
            position += 4
        records: list[Record] = []
        for _ in range(answers):
            name, position = names.read(data, position)
            kind, class_, _ttl, length = _FIXED.unpack_from(data, position)
            start = position + _FIXED.size
            position = start + length
            if position > len(data):
                raise Malformed("record cut short")
            if class_ == INTERNET:
                records.append(Record(names.folded(name), kind, data, start, position))
    except struct.error as error:
        raise Malformed(str(error)) from error
    return Message(number, flags, tuple(asked), tuple(records))


def _ipv4(record: Record) -> tuple[int, str]:
    return 0, socket.inet_ntop(socket.AF_INET, record.data)


def _ipv6(record: Record) -> tuple[int, str]:
    return 0, socket.inet_ntop(socket.AF_INET6, record.data)


def _host(record: Record) -> tuple[int, str]:
    return 0, names.text(names.read(record.message, record.start)[0])


def _exchanger(record: Record) -> tuple[int, str]:
    (preference,) = struct.unpack_from("!H", record.data)
    return preference, names.text(names.read(record.message, record.start + 2)[0])


def _text(record: Record) -> tuple[int, str]:
    """RFC 1035 3.3.14: strings, which belong together."""
    data, strings = record.data, []
    while data:
        size = data[0]
        if size >= len(data):
            raise Malformed("text cut short")
        strings.append(data[1 : size + 1])
        data = data[size + 1 :]
    return 0, b"".join(strings).decode("ascii", "replace")


UNWILLING: Final = frozenset((FORMAT_ERROR, SERVER_FAILURE, NOT_IMPLEMENTED, REFUSED))
VALUES: Final[Mapping[int, Callable[[Record], tuple[int, str]]]] = {
    TYPES["A"]: _ipv4,
    TYPES["NS"]: _host,
    TYPES["CNAME"]: _host,
    TYPES["PTR"]: _host,
    TYPES["MX"]: _exchanger,
    TYPES["TXT"]: _text,
    TYPES["AAAA"]: _ipv6,
}
