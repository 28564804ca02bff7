"""Forwarded mail: a new message for the members of an alias that are not delivered to here.

INPUT AND OUTPUT
    ``add(attempt, target)`` collects; ``finish(attempt, target)`` sends one message for each
    pair of Delivered-To: address and sender, when everything else went well.

WHY A NEW MESSAGE
    Each of its recipients has a place in a queue file, and is tried, deferred and bounced by
    itself.  The Delivered-To: header that it gets breaks loops between machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.lib.queue.dsn import deferred, sent
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import CleanupStream, CleanupUnavailable, Flags
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.target import Target
from labctl.node.wire.addresses import external
from labctl.node.wire.mail_date import mail_date


def add(attempt: Attempt, target: Target) -> None:
    """Remember the address for the message of this sender."""
    key = (target.delivered, target.sender)
    attempt.forwards.setdefault(key, []).append(target.rcpt)


def finish(attempt: Attempt, target: Target) -> bool:
    """Send all that was collected; True when none of it has to be tried again."""
    # All of them are sent, even when the first one failed.
    outcomes = [
        _send(attempt, target, delivered, sender, recipients)
        for (delivered, sender), recipients in attempt.forwards.items()
    ]
    return all(outcomes)


def _send(
    attempt: Attempt,
    target: Target,
    delivered: str,
    sender: str,
    recipients: Sequence[Recipient],
) -> bool:
    try:
        with CleanupStream(attempt.config, Flags.BOUNCE | Flags.INTERNAL) as stream:
            _envelope(attempt, stream, sender, recipients)
            stream.content(_headers(attempt, stream.queue_id, delivered) + attempt.content)
            queue_id, result = stream.queue_id, stream.finish()
    except CleanupUnavailable as error:
        attempt.warn(str(error))
        return attempt.conclude(target, deferred("unable to forward message"))
    if result.status:
        return attempt.conclude(target, deferred("unable to forward message"))
    # RFC 3461 5.2.7.1: that the address was expanded is reported already.
    reported = target.without_success_reports()
    return attempt.conclude(reported, sent(f"forwarded as {queue_id}"))


def _envelope(
    attempt: Attempt, stream: CleanupStream, sender: str, recipients: Sequence[Recipient]
) -> None:
    request = attempt.delivery.request
    # RFC 3461 5.2.7.2: what the sender asked for does not hold for the owner of a list.
    if sender == request.sender:
        if request.dsn_envelope_id:
            stream.attribute("envelope_id", request.dsn_envelope_id)
        if request.dsn_ret:
            stream.attribute("ret_flags", RET_FLAGS[request.dsn_ret])
    for name in PASSED_ON:
        if value := request.attributes.get(name):
            stream.attribute(name, value)
    stream.envelope(sender, recipients)


def _headers(attempt: Attempt, queue_id: str, delivered: str) -> bytes:
    config = attempt.config
    host, product = config.text("myhostname"), config.text("mail_name")
    text = f"Received: by {host} ({product})\n\tid {queue_id}; {mail_date(clock.now())}\n"
    if "forward" in config.words("prepend_delivered_header"):
        text += f"Delivered-To: {external(delivered)}\n"
    return text.encode("utf-8", "surrogateescape")


RET_FLAGS: Final = {"FULL": "1", "HDRS": "2"}
PASSED_ON: Final = (
    "log_client_name",
    "log_client_address",
    "log_client_port",
    "log_helo_name",
    "log_protocol_name",
    "sasl_method",
    "sasl_username",
    "sasl_sender",
    "log_ident",
    "rewrite_context",
)
