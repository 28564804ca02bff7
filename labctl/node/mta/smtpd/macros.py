"""``$client_name`` and the like in reply texts: smtpd_reject_footer, rbl_reply_maps.

WHY A FILTER
    The client chooses what these names stand for, and must not choose how a reply goes on:
    what postconf(5) smtpd_expansion_filter does not list becomes ``_``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mta.lib.config.expansion import expand as expand_names
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtpd.environment import Environment
from labctl.node.mta.smtpd.restrictions.evaluation import Request
from labctl.node.wire import addresses


def expand(
    env: Environment, request: Request, template: str, more: Mapping[str, str] | None = None
) -> str:
    """The template with every name replaced; ``more`` are names of its own."""
    allowed = allowed_characters(env.config)

    def look_up(name: str) -> str | None:
        if more is not None and name in more:
            value = more[name]
        elif name in NAMES:
            value = NAMES[name](env, request)
        else:
            env.log.warning(f'unknown macro name "{name}" in expansion request')
            return None
        return "".join(c if c in allowed or c > "\x7f" else "_" for c in value)

    return expand_names(template, look_up)


def allowed_characters(config: Config) -> frozenset[str]:
    """smtpd_expansion_filter, its backslashes read."""
    found: frozenset[str] = config.remember(
        "set", "smtpd_expansion_filter", _characters(config)
    )
    return found


def _characters(config: Config) -> Callable[[str], frozenset[str]]:
    def read(name: str) -> frozenset[str]:
        return frozenset(ESCAPE.sub(_plain, config.raw(name) or ""))

    return read


def _plain(escape: re.Match[str]) -> str:
    text = escape[1]
    return chr(int(text, 8)) if text.isdigit() else LETTERS.get(text, text)


def _recipient(request: Request) -> addresses.Address:
    return addresses.split(request.recipient or "")


def _sender(request: Request) -> addresses.Address:
    return addresses.split(request.sender or "")


ESCAPE: Final = re.compile(r"\\([0-7]{1,3}|.)")
LETTERS: Final = {"t": "\t", "n": "\n", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
# postconf(5) smtpd_reject_footer and default_rbl_reply.
NAMES: Final[Mapping[str, Callable[[Environment, Request], str]]] = {
    "client": lambda env, request: request.client.namaddr,
    "client_address": lambda env, request: request.client.address,
    "client_name": lambda env, request: request.client.name,
    "client_port": lambda env, request: request.client.port,
    "reverse_client_name": lambda env, request: request.client.reverse_name,
    "server_address": lambda env, request: request.client.server_address,
    "server_port": lambda env, request: request.client.server_port,
    "server_name": lambda env, request: env.config.text("myhostname"),
    "localtime": lambda env, request: time.strftime(
        "%b %d %H:%M:%S", time.localtime(env.now())
    ),
    "helo_name": lambda env, request: request.helo or "",
    "sender": lambda env, request: request.sender or ("<>" if request.sender == "" else ""),
    "sender_name": lambda env, request: _sender(request).local,
    "sender_domain": lambda env, request: _sender(request).domain,
    "recipient": lambda env, request: request.recipient or "",
    "recipient_name": lambda env, request: _recipient(request).local,
    "recipient_domain": lambda env, request: _recipient(request).domain,
    "ccert_subject": lambda env, request: "",
    "ccert_issuer": lambda env, request: "",
    "ccert_fingerprint": lambda env, request: "",
    "ccert_pubkey_fingerprint": lambda env, request: "",
    "sasl_method": lambda env, request: "",
    "sasl_username": lambda env, request: "",
    "sasl_sender": lambda env, request: "",
}
