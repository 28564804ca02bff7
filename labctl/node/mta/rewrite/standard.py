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
from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.wire.address_tokens import Kind, Token, internal, scan
from labctl.node.wire.addresses import ATEXT
from labctl.node.wire.header_addresses import quoted


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
    if COMPLETE.fullmatch(address):
        return address
    tokens = scan(address)
    if not tokens or tokens == [NOBODY]:
        return address
    if tokens == [AT]:
        return '""'
    if AT not in (tokens := strip_route(tokens)):
        tokens = _with_at(tokens, rules)
    if _lacks_domain(tokens) and rules.domain:
        tokens = [*tokens, DOT, *scan(rules.domain)]
    return quoted(internal(strip_trailing_dot(tokens)))


def strip_route(tokens: list[Token]) -> list[Token]:
    """RFC 5321 appendix C: ``@a,@b:ann@c`` is ``ann@c``."""
    if tokens[0] == AT and COLON in tokens[:-1]:
        return tokens[tokens.index(COLON) + 1 :]
    return tokens


def strip_trailing_dot(tokens: list[Token]) -> list[Token]:
    """``a@b.`` is ``a@b``; ``a@b..`` and ``a@.`` are broken and stay so."""
    if len(tokens) > 1 and tokens[-1] == DOT and tokens[-2] not in (DOT, AT):
        return tokens[:-1]
    return tokens


def last(tokens: Sequence[Token], token: Token) -> int:
    """Where the last such token stands; -1 for nowhere."""
    return next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at] == token), -1)


def _with_at(tokens: list[Token], rules: Rules) -> list[Token]:
    if rules.swap_bangpath and BANG in tokens:
        bang = tokens.index(BANG)
        return [*tokens[bang + 1 :], AT, *tokens[:bang]]
    if rules.percent_hack and (percent := last(tokens, PERCENT)) >= 0:
        return [*tokens[:percent], AT, *tokens[percent + 1 :]]
    return [*tokens, AT, *scan(rules.origin)] if rules.origin else tokens


def _lacks_domain(tokens: list[Token]) -> bool:
    """A domain of one word; broken forms that end in @ stay so."""
    at = last(tokens, AT)
    domain = tokens[at + 1 :] if at >= 0 else []
    return bool(domain) and all(
        token != DOT and token.kind is not Kind.LITERAL for token in domain
    )


def _rules(config: Config, origin: str, domain: str) -> Rules:
    return Rules(
        origin if config.flag("append_at_myorigin") else "",
        domain if config.flag("append_dot_mydomain") else "",
        config.flag("swap_bangpath"),
        config.flag("allow_percent_hack"),
    )


AT: Final = Token(Kind.OPERATOR, "@")
DOT: Final = Token(Kind.OPERATOR, ".")
COLON: Final = Token(Kind.OPERATOR, ":")
BANG: Final = Token(Kind.OPERATOR, "!")
PERCENT: Final = Token(Kind.OPERATOR, "%")
NOBODY: Final = Token(Kind.QUOTED, "")
# Nearly every address is one of these, and stays as it is.
COMPLETE: Final = re.compile(rf"{ATEXT}(?:\.{ATEXT})*@[\w-]+(?:\.[\w-]+)+")
