"""The client of flush(8): which deferred messages go to which site, and "deliver them now".

INPUT AND OUTPUT
    ``add(config, site, queue_id)`` when mail is deferred; ``send_site`` for ETRN and
    ``postqueue -s``; ``send_file`` for ``postqueue -i``.

WHO IS ELIGIBLE
    postconf(5) fast_flush_domains.  For other sites there is no list, and the answer is DENIED.
"""

from __future__ import annotations

import enum
from typing import Final

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps.match_list import domain_list
from labctl.node.mta.lib.services import ipc


class Answer(enum.Enum):
    """What the service says."""

    OK = "0"
    FAILED = "-1"
    BAD = "-2"
    DENIED = "-3"


def is_eligible(config: Config, site: str) -> bool:
    """Whether mail for this site is remembered."""
    return _bare(site) in domain_list(config, "fast_flush_domains")


def add(config: Config, site: str, queue_id: str) -> Answer:
    """A message for this site has been deferred."""
    if not is_eligible(config, site):
        return Answer.DENIED
    return _ask(config, {"request": "add", "site": _bare(site), "queue_id": queue_id})


def send_site(config: Config, site: str) -> Answer:
    """Try everything for this site now."""
    if not is_eligible(config, site):
        return Answer.DENIED
    return _ask(config, {"request": "send_site", "site": _bare(site)})


def send_file(config: Config, queue_id: str) -> Answer:
    """Try this message now."""
    return _ask(config, {"request": "send_file", "queue_id": queue_id})


def _bare(site: str) -> str:
    """``[host]`` and ``user@host`` are about the host."""
    return site.rpartition("@")[2].strip("[]").lower()


def _ask(config: Config, pairs: dict[str, str]) -> Answer:
    name = config.text("flush_service_name")
    try:
        answer = ipc.request(config, "public", name, pairs, timeout=TIMEOUT)
        return Answer(answer["status"])
    except (OSError, EOFError, KeyError, ValueError):
        return Answer.FAILED


TIMEOUT: Final = 60.0
