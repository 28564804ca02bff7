"""The name of a message file in a Maildir: what is unique about it, and its flags.

INPUT AND OUTPUT
    ``1700000000.V1I2M3.host:2,FS`` has the unique part before the colon; the letters after
    ``:2,`` are flags in the order of ASCII (https://cr.yp.to/proto/maildir.html).  Small
    letters are keywords: ``a`` is the first one of the mailbox.
"""

from __future__ import annotations

from typing import Final

from labctl.node.store import flags as flag

INFO: Final = ":2,"
KEYWORDS_AT_MOST: Final = 26

LETTERS: Final[tuple[tuple[str, int], ...]] = (
    ("D", flag.DRAFT),
    ("F", flag.FLAGGED),
    ("R", flag.ANSWERED),
    ("S", flag.SEEN),
    ("T", flag.DELETED),
)


def unique_of(name: str) -> str:
    """The part that stays the same while flags change."""
    return name.partition(":")[0]


def flags_of(name: str) -> tuple[int, int]:
    """System flags and keywords; a name without ``:2,`` has none."""
    letters = name.partition(INFO)[2]
    flags = sum(bit for letter, bit in LETTERS if letter in letters)
    keywords = sum(1 << (ord(letter) - ord("a")) for letter in set(letters) if _small(letter))
    return flags, keywords


def with_flags(name: str, flags: int, keywords: int) -> str:
    """The name that says this of the message."""
    letters = "".join(letter for letter, bit in LETTERS if flags & bit)
    words = "".join(chr(ord("a") + n) for n in flag.bits(keywords) if n < KEYWORDS_AT_MOST)
    return f"{unique_of(name)}{INFO}{letters}{words}"


def _small(letter: str) -> bool:
    return "a" <= letter <= "z"
