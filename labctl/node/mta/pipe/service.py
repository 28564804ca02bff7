"""The pipe(8) service: hand messages to a command that master.cf names.

NAME
    pipe - delivery to an external command, one transport each

SECURITY
    The command runs as user=, which may be neither root nor the mail system, and it gets its
    arguments one by one: no shell reads what a sender wrote.
"""

from __future__ import annotations

import functools
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.delivery import command_process
from labctl.node.mta.lib.delivery.agent import (
    Delivery,
    DeliveryRequest,
    Hop,
    Recipient,
    serve_batches,
)
from labctl.node.mta.lib.delivery.command import Command, Result, exported, time_limit
from labctl.node.mta.lib.delivery.delivered_to import addresses
from labctl.node.mta.lib.delivery.mail_copy import Copy, original_of
from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus, deferred, failed, sent
from labctl.node.mta.pipe import copy as copies
from labctl.node.mta.pipe import macros
from labctl.node.mta.pipe.attributes import Attributes, Flag, read

SPOKEN_LIMIT: Final = 100
SINGLE_RECIPIENT: Final[frozenset[Flag]] = frozenset({Flag.DELIVERED_TO, Flag.ORIGINAL_TO})


def serve(context: ServiceContext) -> None:
    """Deliver until the limits are reached."""

    # A service that nobody uses may be wrong; who asks it hears at once, and defers.
    @functools.cache
    def attributes() -> Attributes:
        return read(context.arguments, context.config)

    def deliver_batch(delivery: Delivery) -> None:
        deliver(attributes(), context.service, delivery)

    serve_batches(context, deliver_batch, get_ready=attributes)


def deliver(attributes: Attributes, service: str, delivery: Delivery) -> None:
    """One run of the command for all recipients of the request."""
    delivery.hop = Hop(service)
    status = _deliver(attributes, service, delivery)
    for rcpt in delivery.request.recipients:
        delivery.settle(rcpt, status)


def _deliver(attributes: Attributes, service: str, delivery: Delivery) -> DeliveryStatus:
    request = delivery.request
    if flag := _needs_one_recipient(attributes, request):
        limit = f"{service}_destination_recipient_limit"
        delivery.log.warning(f"pipe flag `{flag}' requires {limit} = 1")
        return deferred("mail system configuration error", "4.3.5")
    if attributes.size and request.data_size > attributes.size:
        return failed("message too large", "5.2.3")
    if request.verify_only:
        return sent(f"delivers to command: {attributes.argv[0]}")
    content = delivery.content()
    first = request.recipients[0]
    if Flag.DELIVERED_TO in attributes.flags and first.address.lower() in addresses(content):
        return failed(f"mail forwarding loop for {first.address}", "5.4.6")
    try:
        command = _command(attributes, service, delivery)
    except macros.UnknownMacro as error:
        where = f"file {delivery.config.directory}/master.cf: service {service}"
        delivery.log.warning(f'{where}: unknown macro name: "{error}"')
        return deferred("mail system configuration error", "4.3.5")
    data = copies.compose(_copy(delivery, first), content, attributes)
    result = command_process.run(command, data, delivery.log)
    return _outcome(result, attributes, service)


def _needs_one_recipient(attributes: Attributes, request: DeliveryRequest) -> str:
    """A header that names one recipient must not be seen by the others."""
    several = len(request.recipients) > 1
    return min(attributes.flags & SINGLE_RECIPIENT, default="") if several else ""


def _command(attributes: Attributes, service: str, delivery: Delivery) -> Command:
    config = delivery.config
    delimiters = config.text("recipient_delimiter")
    message = macros.message_values(delivery.request, attributes)
    recipients = [
        macros.recipient_values(rcpt, attributes, delimiters)
        for rcpt in delivery.request.recipients
    ]
    return Command(
        argv=macros.expand(attributes.argv, message, recipients),
        account=attributes.account,
        directory=attributes.directory or _usual_directory(attributes, config),
        environment=exported(config),
        chroot=attributes.chroot,
        time_limit=time_limit(config, service),
        complaint="pipe_command: ",
    )


def _usual_directory(attributes: Attributes, config: Config) -> str:
    # In a jail there is no queue.
    return "/" if attributes.chroot else config.text("queue_directory")


def _outcome(result: Result, attributes: Attributes, service: str) -> DeliveryStatus:
    said = result.output.strip()
    spoken = f" ({said[:SPOKEN_LIMIT]})" if said else ""
    status = result.status(attributes.argv[0], f"delivered via {service} service{spoken}")
    if result.succeeded and Flag.FINAL not in attributes.flags:
        return status._replace(action=Action.RELAYED)
    return status


def _copy(delivery: Delivery, rcpt: Recipient) -> Copy:
    original = original_of(delivery.config, rcpt)
    return Copy(delivery.request.sender, original, rcpt.address, clock.now())
