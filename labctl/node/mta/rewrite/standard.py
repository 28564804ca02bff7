"""The standard form of an address: user@full.domain, whatever was written.

INPUT AND OUTPUT
    ``standard_form(address, rules)`` works on the external form (quotes where needed) and
    returns the external form.  ``local_rules()`` and ``remote_rules()`` say, from main.cf,
    what is added to incomplete addresses of either context.

ORDER (trivial-rewrite(8), STANDARDS and the text on rewriting)
    strip a source route, host!user, user%host, @myorigin, .mydomain, the trailing dot.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config


class Rules(NamedTuple):
    """What the configuration says about incomplete addresses."""

    origin: str = ""  # appended after "@"; empty: not appended
    domain: str = ""  # appended after "."; empty: not appended
    swap_bangpath: bool = True
    percent_hack: bool = True


def local_rules(config: Config) -> Rules:
    """For mail of our own: postconf(5) append_at_myorigin, append_dot_mydomain."""
    return _rules(config, config.text("myorigin"), config.text("mydomain"))


def remote_rules(config: Config) -> Rules:
    """For mail of strangers: postconf(5) remote_header_rewrite_domain stands for both."""
    domain = config.text("remote_header_rewrite_domain")
    return _rules(config, domain, domain)


def standard_form(address: str, rules: Rules) -> str:
    """The address, complete."""
    if address in ("", "@", '""'):
        return "" if address == "@" else address
    address = strip_route(address)
    at = find_operator(address, "@")
    if at < 0:
        address = _with_at(address, rules)
        at = find_operator(address, "@")
    domain = address[at + 1 :] if at >= 0 else ""
    if rules.domain and domain and not domain.startswith("[") and "." not in domain:
        address = f"{address}.{rules.domain}"
    return strip_trailing_dot(address)


def strip_route(address: str) -> str:
    """RFC 5321 appendix C: ``@a,@b:ann@c`` is ``ann@c``."""
    colon = address.find(":")
    if address.startswith("@") and 0 < colon < len(address) - 1:
        return address[colon + 1 :]
    return address


def strip_trailing_dot(address: str) -> str:
    """``a@b.`` is ``a@b``; ``a@b..`` and ``a@.`` are broken and stay so."""
    if address.endswith(".") and not address.endswith(("..", "@.")) and len(address) > 1:
        return address[:-1]
    return address


def swap_bang(address: str) -> str | None:
    """``host!user`` as ``user@host``; None without a bang."""
    host, bang, user = _partition(address, "!")
    return f"{user}@{host}" if bang else None


def promote_percent(address: str) -> str | None:
    """``user%host`` as ``user@host``, the last one; None without a percent sign."""
    at = find_operator(address, "%")
    return f"{address[:at]}@{address[at + 1 :]}" if at >= 0 else None


def find_operator(address: str, operator: str) -> int:
    """Where the last such character stands that is not inside of quotes; -1 for nowhere."""
    if '"' not in address and "\\" not in address:
        return address.rfind(operator)
    masked = QUOTED.sub(lambda match: "\0" * len(match.group()), address)
    return masked.rfind(operator)


def _with_at(address: str, rules: Rules) -> str:
    if rules.swap_bangpath and (swapped := swap_bang(address)) is not None:
        return swapped
    if rules.percent_hack and (promoted := promote_percent(address)) is not None:
        return promoted
    return f"{address}@{rules.origin}" if rules.origin else address


def _partition(address: str, operator: str) -> tuple[str, str, str]:
    masked = QUOTED.sub(lambda match: "\0" * len(match.group()), address)
    at = masked.find(operator)
    if at < 0:
        return address, "", ""
    return address[:at], operator, address[at + 1 :]


def _rules(config: Config, origin: str, domain: str) -> Rules:
    return Rules(
        origin if config.flag("append_at_myorigin") else "",
        domain if config.flag("append_dot_mydomain") else "",
        config.flag("swap_bangpath"),
        config.flag("allow_percent_hack"),
    )


QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\\.')
