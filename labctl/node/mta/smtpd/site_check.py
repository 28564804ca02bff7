"""Refuse to run as an open relay, or with policy servers that nobody can ask.

postconf(5) smtpd_relay_restrictions: one of the two lists must hold a word that can say no to
strangers; otherwise one forgotten line would open the site to the world.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtpd.lookups.policy_client import read_server

LISTS: Final = tuple(
    f"smtpd_{stage}_restrictions"
    for stage in (
        "client",
        "helo",
        "sender",
        "relay",
        "recipient",
        "data",
        "end_of_data",
        "etrn",
    )
)
WORKING: Final = (
    "reject_unauth_destination",
    "defer_unauth_destination",
    "reject",
    "defer",
    "defer_if_permit",
    "check_relay_domains",
)


def check(config: Config) -> None:
    """Raise Fatal unless relaying is restricted."""
    words = {
        word.lower()
        for parameter in ("smtpd_relay_restrictions", "smtpd_recipient_restrictions")
        for word in _all_words(config, parameter, 0)
    }
    if words.isdisjoint(WORKING):
        listed = ", ".join(WORKING[:-2]) + f", {WORKING[-2]} or {WORKING[-1]}"
        raise Fatal(
            "in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, "
            f"specify at least one working instance of: {listed}"
        )


def check_policy_servers(config: Config) -> None:
    """Raise Fatal for what stands behind check_policy_service and cannot be understood."""
    names = [*LISTS, *config.words("smtpd_restriction_classes")]
    for name in names:
        words = config.words(name) if config.raw(name) is not None else ()
        for word, argument in itertools.pairwise(words):
            if word.lower() == "check_policy_service":
                read_server(config, argument)


def _all_words(config: Config, parameter: str, depth: int) -> list[str]:
    words = _in_earnest(config.words(parameter))
    classes = set(config.words("smtpd_restriction_classes"))
    nested = [word for word in words if word in classes] if depth < 10 else []
    return words + [each for name in nested for each in _all_words(config, name, depth + 1)]


def _in_earnest(words: Sequence[str]) -> list[str]:
    """What stands behind warn_if_reject refuses nobody."""
    before = ("", *words)
    return [
        word
        for word, previous in zip(words, before, strict=False)
        if previous.lower() != "warn_if_reject"
    ]
