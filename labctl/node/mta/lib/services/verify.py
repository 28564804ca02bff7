"""The client of verify(8): is an address deliverable, as far as a probe could tell?

INPUT AND OUTPUT
    ``query(config, address)`` answers at once; TODO means that a probe is on its way.
    Delivery agents call ``update`` with what became of a probe.

FAILURES
    A service that does not answer is TODO: the SMTP client is asked to come again.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.lib.services import ipc


class Status(enum.Enum):
    """What is known of an address."""

    OK = "ok"
    DEFER = "defer"  # a probe failed for now
    BOUNCE = "bounce"  # a probe failed for good
    TODO = "todo"  # no probe has come back yet


class Known(NamedTuple):
    """What the last probe said."""

    status: Status
    text: str = ""


def query(config: Config, address: str) -> Known:
    """What is known now; an unknown address gets a probe."""
    answer = _ask(config, {"request": "query", "address": address})
    try:
        return Known(Status(answer["recipient_status"]), answer["reason"])
    except (KeyError, ValueError):
        return Known(Status.TODO, "address verification service unavailable")


def update(config: Config, address: str, status: DeliveryStatus) -> bool:
    """Tell what became of a probe; False when nobody heard it."""
    attributes = {
        "request": "update",
        "address": address,
        "recipient_status": of_delivery(status).value,
        "reason": status.reason,
    }
    return bool(_ask(config, attributes))


def of_delivery(status: DeliveryStatus) -> Status:
    """What the outcome of a probe says of the address."""
    if status.is_success:
        return Status.OK
    return Status.BOUNCE if status.is_permanent else Status.DEFER


def _ask(config: Config, attributes: dict[str, str]) -> dict[str, str]:
    service = config.text("address_verify_service_name")
    timeout = config.seconds("ipc_timeout")
    try:
        return ipc.request(config, "private", service, attributes, timeout=timeout)
    except (OSError, EOFError, ipc.ProtocolError):
        return {}
