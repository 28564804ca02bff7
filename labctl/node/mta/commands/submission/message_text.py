"""Standard input of sendmail(1) as the lines of a message, and the recipients that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labctl.node.wire import address_tokens, header_addresses, headers
from labctl.node.wire.headers import KNOWN, Kind


def message_lines(
    text: bytes, *, dots_end: bool, fix_line_ends: str = "always"
) -> Iterator[bytes]:
    """The lines of a message, without line ends and the From_ line of a mailbox."""
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    # postconf(5) sendmail_fix_line_endings: strict means, when the first line has one.
    strip = fix_line_ends == "always"
    if fix_line_ends == "strict" and lines:
        strip = lines[0].endswith(b"\r")
    skipping = True
    for line in lines:
        if strip:
            line = line.removesuffix(b"\r")
        if dots_end and line == b".":
            return
        if skipping and line.lstrip(b">").startswith(b"From "):
            continue
        skipping = False
        yield line


def header_recipients(lines: Sequence[bytes]) -> list[str]:
    """Addresses of To, Cc and Bcc, or of their Resent- forms when there are any."""
    plain: list[str] = []
    resent: list[str] = []
    for header in _headers(lines):
        kind = KNOWN.get(headers.name(header), Kind.NONE)
        if not kind & Kind.EXTRACT:
            continue
        value = header.partition(b":")[2].decode("utf-8", "surrogateescape")
        target = resent if kind & Kind.RESENT else plain
        target.extend(addresses(value))
    return resent or plain


def _headers(lines: Sequence[bytes]) -> Iterator[bytes]:
    header = b""
    for line in lines:
        if header and headers.is_continuation(line):
            header += b"\n" + line
            continue
        if header:
            yield header
        if not headers.name_length(line):
            return
        header = line
    if header:
        yield header


def addresses(text: str) -> list[str]:
    """The addresses of a list, as programs compare them."""
    written = header_addresses.addresses(text)
    return [address_tokens.internal(address_tokens.scan(item)) for item in written]
