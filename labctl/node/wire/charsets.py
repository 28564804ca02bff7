"""Character sets of mail: the names that a client may use, and text out of octets."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

# In the order in which UW-IMAP lists them when it refuses another.
_NAMES: Final = """
    US-ASCII UTF-8 UTF-7 ISO-8859-1 ISO-8859-2 ISO-8859-3 ISO-8859-4 ISO-8859-5 ISO-8859-6
    ISO-8859-7 ISO-8859-8 ISO-8859-9 ISO-8859-10 ISO-8859-11 ISO-8859-13 ISO-8859-14
    ISO-8859-15 ISO-8859-16 KOI8-R KOI8-U KOI8-RU TIS-620 VISCII GBK GB2312 CN-GB
    ISO-2022-CN CN-GB-12345 BIG5 CN-BIG5 BIG-5 ISO-2022-JP EUC-JP SHIFT_JIS SHIFT-JIS
    ISO-2022-JP-1 ISO-2022-JP-2 ISO-2022-KR EUC-KR KSC5601 KSC_5601 KS_C_5601-1987
    KS_C_5601-1989 KS_C_5601-1992 KS_C_5601-1997 WINDOWS-874 CP874 WINDOWS-936 CP936
    WINDOWS-949 CP949 X-WINDOWS-949 WINDOWS-1250 CP1250 WINDOWS-1251 CP1251 WINDOWS-1252
    CP1252 WINDOWS-1253 CP1253 WINDOWS-1254 CP1254 WINDOWS-1255 CP1255 WINDOWS-1256 CP1256
    WINDOWS-1257 CP1257 WINDOWS-1258 CP1258 IBM367 IBM437 IBM737 IBM775 IBM850 IBM852
    IBM855 IBM857 IBM860 IBM861 IBM862 IBM863 IBM864 IBM865 IBM866 IBM869 IBM874
    ANSI_X3.4-1968 UNICODE-1-1-UTF-7 UCS-2 UCS-4 UTF-16
"""
SUPPORTED: Final = tuple(_NAMES.split())

# What Python calls otherwise.
_CODECS: Final[Mapping[str, str]] = {
    "UNICODE-1-1-UTF-7": "utf-7",
    "UCS-2": "utf-16-be",
    "UCS-4": "utf-32-be",
    "UTF-16": "utf-16-be",
    "KOI8-RU": "koi8-u",
    "VISCII": "cp1258",
    "CN-GB": "gb2312",
    "CN-GB-12345": "gbk",
    "ISO-2022-CN": "gb2312",
    "CN-BIG5": "big5",
    "BIG-5": "big5",
    "SHIFT-JIS": "shift_jis",
    "KSC5601": "euc-kr",
    "KSC_5601": "euc-kr",
    "X-WINDOWS-949": "cp949",
    "IBM874": "cp874",
    "WINDOWS-874": "cp874",
    "WINDOWS-936": "gbk",
    "WINDOWS-949": "cp949",
    "IBM367": "ascii",
    "X-UNKNOWN": "latin-1",
}
_WORD: Final = re.compile(rb"=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN: Final = re.compile(rb"(\?=)[ \t\r\n]+(?==\?)")


def is_supported(name: str) -> bool:
    """Whether we can compare text in this character set."""
    return name.upper() in SUPPORTED


def text_of(data: bytes, charset: str) -> str:
    """Decode, whatever it takes: an unknown charset is read as ISO 8859-1."""
    name = charset.upper().partition("*")[0]  # RFC 2231 5: a language may follow
    try:
        return data.decode(_CODECS.get(name, name), "replace")
    except (LookupError, UnicodeError):
        return data.decode("latin-1")


def header_text(value: bytes) -> str:
    """A header field with its encoded words decoded (RFC 2047)."""
    if b"=?" not in value:
        return _raw_text(value)
    pieces: list[str] = []
    at = 0
    value = _BETWEEN.sub(rb"\1", value)
    for match in _WORD.finditer(value):
        pieces.append(_raw_text(value[at : match.start()]))
        pieces.append(_encoded_word(match))
        at = match.end()
    return "".join(pieces) + _raw_text(value[at:])


def decoded(data: bytes, encoding: bytes) -> bytes:
    """Undo a content transfer encoding; what is broken is decoded as far as it goes."""
    if encoding == b"QUOTED-PRINTABLE":
        return quopri.decodestring(data)
    if encoding == b"BASE64":
        return _base64(data)
    return data


def canonical(text: str) -> str:
    """The form in which texts are compared (RFC 5051 i;unicode-casemap)."""
    if text.isascii():
        return text.upper()
    return unicodedata.normalize("NFKD", text.title().upper())


def _encoded_word(match: re.Match[bytes]) -> str:
    charset, kind, data = match[1].decode("latin-1"), match[2], match[3]
    if kind in b"qQ":
        return text_of(quopri.decodestring(data, header=True), charset)
    return text_of(_base64(data), charset)


def _raw_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _base64(data: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return base64.b64decode(clean[: len(clean) // 4 * 4])
