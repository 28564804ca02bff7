"""crypt(3) of the C library's companion, for passwords as Debian makes them.

WHY CTYPES
    Python has lost its crypt module, and nothing pure in Python computes yescrypt in less
    than seconds.  libcrypt.so.1 is essential on Debian.
"""

from __future__ import annotations

import ctypes
import functools
import hmac


class NoLibrary(Exception):
    """There is no libcrypt on this machine."""


def matches(password: str, encrypted: str) -> bool:
    """Whether the password is the one; in time that depends on the method alone."""
    if not encrypted or encrypted.startswith(("*", "!")):
        return False
    computed = crypt(password, encrypted)
    return bool(computed) and hmac.compare_digest(computed.encode(), encrypted.encode())


def crypt(password: str, setting: str) -> str:
    """The encrypted form, "" if the setting is not understood."""
    if "\0" in password:
        return ""
    word = password.encode("utf-8", "surrogateescape")
    found = _library().crypt(word, setting.encode("utf-8", "surrogateescape"))
    text = found.decode() if found else ""
    return "" if text.startswith("*") else text


@functools.cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libcrypt.so.1")
    except OSError as error:
        raise NoLibrary("libcrypt.so.1 is not there") from error
    library.crypt.restype = ctypes.c_char_p
    library.crypt.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    return library
