"""May the headers of this client's mail be completed with our domain?

postconf(5) local_header_rewrite_clients: "local" for clients that are ours, else "remote".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.smtpd.client import Client
from labctl.node.mta.smtpd.environment import Environment


def rewrite_context(env: Environment, client: Client) -> str:
    """The word that cleanup and trivial-rewrite understand."""
    words = iter(env.config.words("local_header_rewrite_clients"))
    return "local" if any(_is_ours(env, client, word, words) for word in words) else "remote"


def _is_ours(env: Environment, client: Client, word: str, rest: Iterator[str]) -> bool:
    if word.lower() == "check_address_map":
        word = next(rest, "")
    if ":" in word:
        return env.table(word).lookup(client.address) is not None
    check = CHECKS.get(word.lower())
    if check is None:
        env.log.warning(f"unknown local_header_rewrite_clients value: {word}")
        return False
    return check(env, client)


def _is_own(env: Environment, client: Client) -> bool:
    return client.address in own_addresses(env.config)


def _is_neighbour(env: Environment, client: Client) -> bool:
    return env.hosts("mynetworks").matches(client.name, client.address)


def _never(env: Environment, client: Client) -> bool:
    """Without AUTH and STARTTLS nobody is known by a login or a certificate."""
    return False


CHECKS: Final[Mapping[str, Callable[[Environment, Client], bool]]] = {
    "permit_inet_interfaces": _is_own,
    "permit_mynetworks": _is_neighbour,
    "permit_sasl_authenticated": _never,
    "permit_tls_clientcerts": _never,
    "permit_tls_all_clientcerts": _never,
}
