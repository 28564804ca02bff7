"""What ETRN does: have the queue manager try what waits for a site.

postconf(5) fast_flush_domains: for other sites nobody keeps a list, and the answer is no.
"""

from __future__ import annotations

from labctl.node.mta.lib import ipc
from labctl.node.mta.lib.addresses import domain_list
from labctl.node.mta.lib.main_cf import Config


def flush_site(config: Config, domain: str) -> str:
    """The reply to ETRN (RFC 1985 5.2), with ``{domain}`` to be filled in."""
    if domain not in domain_list(config, "fast_flush_domains"):
        return "459 <{domain}>: service unavailable"
    if _ask(config, domain):
        return "250 Queuing started"
    return "458 Unable to queue messages"


def _ask(config: Config, domain: str) -> bool:
    request = {"request": "send_site", "site": domain}
    service = config.text("flush_service_name")
    timeout = config.seconds("ipc_timeout")
    try:
        answer = ipc.request(config, "public", service, request, timeout=timeout)
    except (OSError, EOFError, ipc.ProtocolError):
        return False
    return answer.get("status") == "0"
