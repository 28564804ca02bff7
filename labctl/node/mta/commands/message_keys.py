"""The parts of a message that header and body checks look at: for `postmap -q - -bhm`.

BUGS
    The headers inside MIME parts are not looked for: -m adds nothing to -h.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set


def message_keys(lines: Iterable[str], parts: Set[str]) -> Iterator[str]:
    """Yield whole headers (with "h" or "m") and lines of the body (with "b")."""
    rest = iter(lines)
    header = ""
    for line in rest:
        line = line.rstrip("\n")
        if header and line[:1] in (" ", "\t"):
            header += f"\n{line}"
            continue
        if header and parts & {"h", "m"}:
            yield header
        header = line
        if not line:
            break
    if header and parts & {"h", "m"}:
        yield header
    if "b" in parts:
        yield ""  # the line that separates them belongs to the body
        yield from (line.rstrip("\n") for line in rest)
