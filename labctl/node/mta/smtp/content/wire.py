"""The content as the wire wants it: CRLF, dots doubled, no line too long.  RFC 5321 4.5.2."""

from __future__ import annotations


def to_wire(text: bytes, limit: int) -> bytes:
    """From LF lines to what follows DATA, the final dot excepted.

    ``limit`` is smtp_line_length_limit: a longer line goes on in the next, after a space, so
    that a long header stays one header.  0 means no limit.
    """
    if text and not text.endswith(b"\n"):
        text += b"\n"
    if limit and _has_long_line(text, limit):
        text = b"\n".join(_broken(line, limit) for line in text.split(b"\n"))
    if text.startswith(b"."):
        text = b"." + text
    return text.replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")


def _has_long_line(text: bytes, limit: int) -> bool:
    # Most messages are short of line: one look at each line end, no list of lines.
    start = 0
    while (end := text.find(b"\n", start)) >= 0:
        if end - start > limit:
            return True
        start = end + 1
    return False


def _broken(line: bytes, limit: int) -> bytes:
    # The space that begins a continuation counts too.
    step = max(limit - 1, 1)
    rest = range(limit, len(line), step)
    return b"\n ".join([line[:limit], *(line[start : start + step] for start in rest)])
