"""resolv.conf(5): which name servers to ask, how long to wait, how often to try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

DEFAULT_PATH: Final = "/etc/resolv.conf"


class ResolverOptions(NamedTuple):
    """The defaults are those of the C library."""

    servers: tuple[str, ...] = ("127.0.0.1",)
    timeout: float = 5.0
    attempts: int = 2


def read(path: str = DEFAULT_PATH) -> ResolverOptions:
    """Read the file; without one the name server of this machine is asked."""
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            return parse(lines.read().splitlines())
    except OSError:
        return ResolverOptions()


def parse(lines: Sequence[str]) -> ResolverOptions:
    """Read the lines that matter to us: `nameserver` and `options`."""
    rows = [line.split() for line in lines if line[:1] not in ("#", ";")]
    servers = [row[1] for row in rows if len(row) > 1 and row[0] == "nameserver"]
    words = [word for row in rows if row and row[0] == "options" for word in row[1:]]
    options = dict(word.split(":", 1) for word in words if ":" in word)
    default = ResolverOptions()
    return ResolverOptions(
        tuple(servers[:MAX_SERVERS]) or default.servers,
        float(_number(options.get("timeout", ""), 5, MAX_TIMEOUT)),
        _number(options.get("attempts", ""), 2, MAX_ATTEMPTS),
    )


def _number(text: str, default: int, limit: int) -> int:
    return min(max(int(text), 1), limit) if text.isdigit() else default


MAX_SERVERS: Final = 3
MAX_TIMEOUT: Final = 30
MAX_ATTEMPTS: Final = 5
