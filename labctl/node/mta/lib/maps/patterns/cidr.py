"""cidr: tables: `network/bits result`, with `!`, if and endif (cidr_table(5))."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from labctl.node.mta.lib.maps.patterns.rules import (
    Dialect,
    Parsed,
    RuleError,
    RuleTable,
    Words,
    build,
)
from labctl.node.mta.lib.maps.table import Request

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def open_table(request: Request) -> RuleTable[bool]:
    """Read the rules of a cidr: table."""
    return build(request, Dialect(_parse, _result, WORDS))


def parse_network(text: str) -> Network:
    """Read an address or a network; bits set behind the prefix are a mistake."""
    address, slash, prefix = text.partition("/")
    if address.startswith("[") and not address.endswith("]"):
        raise RuleError(f"missing ']' character after \"{text}\": skipping this rule")
    address = address.removeprefix("[").removesuffix("]")
    if slash and not prefix.isdigit():
        raise RuleError(f'bad mask value in "{text}": skipping this rule')
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        raise RuleError(f'bad address pattern: "{text}": skipping this rule') from None
    try:
        network = ipaddress.ip_network(f"{host}/{prefix}" if slash else str(host), strict=False)
    except ValueError:
        raise RuleError(f'bad mask length in "{text}": skipping this rule') from None
    if network.network_address != host:
        problem = f'non-null host address bits in "{text}"'
        hint = f'perhaps you should use "{network}" instead'
        raise RuleError(f"{problem}, {hint}: skipping this rule")
    return network


def _parse(text: str) -> Parsed[bool]:
    words = text.lstrip("! \t").split(None, 1)
    negated = text[: len(text) - len(text.lstrip("! \t"))].count("!") % 2 == 1
    if not words:
        raise RuleError("no address pattern: skipping this rule")
    network = parse_network(words[0])

    def matches(key: str) -> bool | None:
        try:
            address = ipaddress.ip_address(key)
        except ValueError:
            return None
        # An address of the other family is not meant, not even by "!".
        if address.version != network.version:
            return None
        return True if (address in network) != negated else None

    return Parsed(matches, words[1].strip() if len(words) > 1 else "")


WORDS = Words(
    no_if="ENDIF without IF: skipping this rule",
    garbage="garbage after ENDIF: skipping this rule",
    unrecognized="",
    long_condition='bad mask value in "{}": skipping this rule',
)


def _result(text: str, parsed: Parsed[bool]) -> Callable[[bool], str]:
    if not text:
        raise RuleError("no lookup result: skipping this rule")
    return lambda found: text
