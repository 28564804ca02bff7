"""Password hashes of crypt(5) with SHA-512, the "$6$" that Debian's shadow files have.

ALGORITHM
    Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", the steps of which are named
    at the lines that obey them. tests/ hold it against a kept library.

WHY NOT A LIBRARY
    Python's own crypt went away with 3.13, and the library that replaces it takes longer
    to import than a whole lab takes to start.
"""

from __future__ import annotations

from hashlib import sha512
from typing import Final

ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SIZE: Final = 64


def sha512_crypt(password: str, salt: str, rounds: int) -> str:
    """Hash a password; the salt has at most 16 characters, and 1000 rounds are the least."""
    key, pepper = password.encode(), salt.encode()
    digest = _first_digest(key, pepper)
    # Steps 13 to 20: sequences as long as the key and the salt, made of digests.
    p = _stretched(sha512(key * len(key)).digest(), len(key))
    s = _stretched(sha512(pepper * (16 + digest[0])).digest(), len(pepper))
    for number in range(rounds):  # step 21
        odd = number & 1
        block = p if odd else digest
        if number % 3:
            block += s
        if number % 7:
            block += p
        digest = sha512(block + (digest if odd else p)).digest()
    return f"$6$rounds={rounds}${salt}${_encoded(digest)}"


def _first_digest(key: bytes, salt: bytes) -> bytes:
    """Steps 1 to 12."""
    alternate = sha512(key + salt + key).digest()
    context = key + salt + _stretched(alternate, len(key))
    length = len(key)
    while length:
        context += alternate if length & 1 else key
        length >>= 1
    return sha512(context).digest()


def _stretched(digest: bytes, length: int) -> bytes:
    return (digest * (length // SIZE + 1))[:length]


def _encoded(digest: bytes) -> str:
    """Step 22: groups of three bytes, 21 apart and turned on each time; the last byte alone."""
    text = ""
    for group in range(21):
        indexes = [group, group + 21, group + 42]
        turn = group % 3
        first, second, third = indexes[turn:] + indexes[:turn]
        text += _letters(digest[first] << 16 | digest[second] << 8 | digest[third], 4)
    return text + _letters(digest[63], 2)


def _letters(number: int, count: int) -> str:
    return "".join(ALPHABET[number >> 6 * place & 63] for place in range(count))
