"""Letters of every shape that a mailbox has to carry, and how to hold two copies together."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from typing import Final

MESSAGE_ID: Final = re.compile(rb"^Message-ID: <(\d+)@", re.MULTILINE)
# mbsync(1) knows its copies by this line.
X_TUID: Final = re.compile(rb"^X-TUID: .*\r?\n", re.MULTILINE)
FROM: Final = re.compile(rb"^From ", re.MULTILINE)

# poplib takes lines of 2,048 octets.
BODIES: Final = (
    b"A line.\n",
    b"",
    b".\n..\n.hidden\n...\n",
    b"From here on it is text.\n\nFrom there too.\n>From and quoted.\n>>From twice.\n",
    b"L" * 998 + b"\n" + b"longer than a line may be: " + b"x" * 1500 + b"\n",
    "Grüße aus Ålesund, żółw, 你好\n".encode(),
    b"\xe9\xff\xfe not UTF-8 \x80\n\x01\x02\x7f controls\n\ttab\n",
    b"\n\n\nempty lines around\n\n\n",
    b"trailing blanks   \n \n\t\n--\n",
    b"Status: RO\nX-UID: 17\n\nX-Keywords: not a header\n",
)
MIME: Final = b"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_b"

--=_b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

caf=C3=A9
--=_b
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="a.bin"

AAECAwQFBgcICQ==
CgsMDQ4P
--=_b--
"""


def letters(count: int) -> list[bytes]:
    """So many letters, always the same, no two alike; lines end with LF."""
    return [letter(number) for number in range(1, count + 1)]


def letter(number: int) -> bytes:
    """The letter of this number."""
    head = (
        f"From: Bob <bob@example.test>\nTo: ann@example.test\nSubject: letter {number:04}\n"
        f"Date: Mon, 5 Jan 2004 10:{number % 60:02}:00 +0000\n"
        f"Message-ID: <{number}@example.test>\n"
    ).encode()
    if number % 11 == 0:
        return head + b"X-Folded: one\n two\n\tthree\n" + MIME
    return head + b"\n" + BODIES[number % len(BODIES)] + filling(number)


def filling(number: int) -> bytes:
    """Lines of letters, none to some kilobytes."""
    dice = random.Random(number)
    lines = [dice.randbytes(30).hex().encode() for _ in range(dice.randrange(40))]
    return b"".join(line + b"\n" for line in lines)


def by_number(contents: Iterable[bytes]) -> Mapping[int, bytes]:
    """Letters by the number in their Message-ID; none may be there twice."""
    found: dict[int, bytes] = {}
    for content in contents:
        number = number_of(content)
        assert number not in found, f"letter {number} is there twice"
        found[number] = content
    return found


def number_of(content: bytes) -> int:
    """Which letter this is a copy of."""
    match = MESSAGE_ID.search(content)
    assert match, content[:300]
    return int(match[1])


def without_tuid(content: bytes) -> bytes:
    """The letter as it was before mbsync(1) put its mark on it."""
    header, empty, body = content.partition(b"\n\n")
    return X_TUID.sub(b"", header + b"\n")[:-1] + empty + body


def body_of(content: bytes) -> bytes:
    """What no agent on the way may touch."""
    return content.partition(b"\n\n")[2]


def quoted(content: bytes) -> bytes:
    """As an mbox can carry the letter; UW-IMAP does not take the quotes off again."""
    header, empty, body = content.partition(b"\n\n")
    return header + empty + FROM.sub(b">From ", body)


def crlf(content: bytes) -> bytes:
    """As the letter goes over the wire."""
    return content.replace(b"\n", b"\r\n")
