"""The content of a message file, with the lines of the wire."""

from __future__ import annotations

import re
from typing import Final

_RETURN_PATH: Final = re.compile(
    rb"^Return-Path:[ \t]*<([^>\r\n]*)>", re.MULTILINE | re.IGNORECASE
)
_BARE_NEWLINE: Final = re.compile(rb"(?<!\r)\n")


class Content:
    """Reads messages, and keeps the last one: clients fetch a message piece by piece."""

    def __init__(self) -> None:
        self._uid = 0
        self._parts = (b"", b"")

    def of(self, uid: int, path: str) -> tuple[bytes, bytes] | None:
        """Header (with its empty line) and text; None if there is no such file."""
        if uid != self._uid:
            try:
                with open(path, "rb") as file:
                    self._parts = split(file.read())
            except (FileNotFoundError, IsADirectoryError):
                return None
            self._uid = uid
        return self._parts

    @staticmethod
    def sender(header: bytes) -> str:
        """Whom the From_ line of a copy names."""
        match = _RETURN_PATH.search(header)
        return (match[1].decode("utf-8", "surrogateescape") if match else "") or "MAILER-DAEMON"


def split(raw: bytes) -> tuple[bytes, bytes]:
    """Header and text with CRLF lines; the header has its empty line also where it is all."""
    data = _BARE_NEWLINE.sub(b"\r\n", raw)
    if data.startswith(b"\r\n"):
        return data[:2], data[2:]
    head, blank, text = data.partition(b"\r\n\r\n")
    if blank:
        return head + blank, text
    return head + (b"\r\n" if head.endswith(b"\r\n") else b"\r\n\r\n" if head else b"\r\n"), b""


def wire_size(path: str) -> int:
    """RFC822.SIZE of the message in this file; 0 if it is gone."""
    try:
        with open(path, "rb") as file:
            header, text = split(file.read())
    except (FileNotFoundError, IsADirectoryError):
        return 0
    return len(header) + len(text)
