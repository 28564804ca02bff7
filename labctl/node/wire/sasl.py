"""The server's side of SASL mechanisms, as dialogues without I/O.

INPUT AND OUTPUT
    A mechanism is a generator: it yields challenges, is sent the decoded responses, and
    returns ``Credentials``, or None when the dialogue makes no sense.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Generator, Mapping
from typing import Final, NamedTuple, TypeAlias


class Credentials(NamedTuple):
    """What the client claims; ``proof`` checks a secret that never crosses the wire."""

    user: str
    password: str = ""
    proof: Callable[[str], bool] | None = None
    trusted: bool = False  # who runs us is who he says he is


Dialogue: TypeAlias = Generator[bytes, bytes, Credentials | None]


def plain(_challenge: bytes) -> Dialogue:
    """RFC 4616: authorization identity NUL user NUL password."""
    response = yield b""
    parts = response.split(b"\0")
    if len(parts) != 3:
        return None
    for_whom, user, password = (part.decode("utf-8", "surrogateescape") for part in parts)
    name = f"{for_whom}*{user}" if for_whom and for_whom != user else user
    return Credentials(name, password) if user else None


def login(_challenge: bytes) -> Dialogue:
    """What was never more than a draft: two questions, two answers."""
    user = yield b"User Name\0"
    password = yield b"Password\0"
    name = user.decode("utf-8", "surrogateescape")
    return Credentials(name, password.decode("utf-8", "surrogateescape"))


def cram_md5(challenge: bytes) -> Dialogue:
    """RFC 2195: the client proves that it knows a shared secret."""
    response = yield challenge
    user, space, digest = response.decode("utf-8", "replace").rpartition(" ")
    if not space:
        return None

    def proof(secret: str) -> bool:
        wanted = hmac.new(secret.encode(), challenge, "md5").hexdigest()
        return hmac.compare_digest(wanted.encode(), digest.lower().encode())

    return Credentials(user, proof=proof)


def external(_challenge: bytes) -> Dialogue:
    """RFC 4422 appendix A: whoever runs this program is known already."""
    name = yield b""
    return Credentials(name.decode("utf-8", "replace"), trusted=True)


MECHANISMS: Final[Mapping[str, Callable[[bytes], Dialogue]]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
    "EXTERNAL": external,
}
