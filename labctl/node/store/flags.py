"""System flags and keywords of a message, and how mbox headers spell them.

INPUT AND OUTPUT
    A message has one integer of system flags, and one of keywords: bit N is the Nth keyword
    of its mailbox.  RECENT is not a flag of the file; it says that the file has no OLD yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

SEEN: Final = 1
DELETED: Final = 2
FLAGGED: Final = 4
ANSWERED: Final = 8
DRAFT: Final = 16
RECENT: Final = 32

# RFC 3501 2.3.2, in the order in which UW-IMAP names them in FETCH.
NAMES: Final[tuple[tuple[int, str], ...]] = (
    (RECENT, "\\Recent"),
    (SEEN, "\\Seen"),
    (DELETED, "\\Deleted"),
    (FLAGGED, "\\Flagged"),
    (ANSWERED, "\\Answered"),
    (DRAFT, "\\Draft"),
)
SYSTEM: Final[dict[str, int]] = {name.upper(): bit for bit, name in NAMES if bit != RECENT}

# The letters of X-Status, in the order in which they are written.
X_STATUS: Final[tuple[tuple[int, bytes], ...]] = (
    (DELETED, b"D"),
    (FLAGGED, b"F"),
    (ANSWERED, b"A"),
    (DRAFT, b"T"),
)

# One bit of a 32-bit word each, less the two that c-client keeps for itself.
KEYWORDS_AT_MOST: Final = 30


def flag_names(flags: int, keywords: int, known: Sequence[str]) -> list[str]:
    """The names as FETCH FLAGS prints them."""
    return [name for bit, name in NAMES if flags & bit] + keyword_names(keywords, known)


def keyword_names(keywords: int, known: Sequence[str]) -> list[str]:
    """The names of the bits, in the order of the mailbox."""
    return [known[index] for index in bits(keywords) if index < len(known)]


def bits(word: int) -> Iterator[int]:
    """The positions of the bits that are set, lowest first."""
    while word:
        lowest = word & -word
        yield lowest.bit_length() - 1
        word ^= lowest


def find_keyword(name: str, known: Sequence[str]) -> int | None:
    """Where a keyword stands; RFC 3501 keywords ignore case."""
    wanted = name.upper()
    return next((index for index, word in enumerate(known) if word.upper() == wanted), None)


def x_status(flags: int) -> bytes:
    """The letters of X-Status."""
    return b"".join(letter for bit, letter in X_STATUS if flags & bit)
