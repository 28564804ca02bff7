"""smtp(8) and lmtp(8): requests from qmgr, messages to other machines."""

from __future__ import annotations

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.delivery.agent import Delivery, serve_batches
from labctl.node.mta.lib.dns import resolver as dns
from labctl.node.mta.lib.dns import transport as dns_transport
from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.smtp.attempt import Attempt
from labctl.node.mta.smtp.hosts import Finder
from labctl.node.mta.smtp.outgoing import Outgoing
from labctl.node.mta.smtp.settings import Settings


def warm_up() -> None:
    """Load what only the first question to a name server would."""
    dns_transport.warm_up()


def serve(context: ServiceContext) -> None:
    """Deliver until nobody asks any more."""
    lmtp = context.program == "lmtp"
    settings = Settings.of(context.config, lmtp=lmtp)
    finder, outgoing = _finder(context), Outgoing.of(context.config, settings)

    def deliver(delivery: Delivery) -> DeliveryStatus | None:
        letter = outgoing.letter(delivery)
        return Attempt(delivery, settings, finder, letter, outgoing.address).run()

    serve_batches(context, deliver)


def _finder(context: ServiceContext) -> Finder:
    config = context.config
    protocols = config.words("inet_protocols")
    resolver = dns.Resolver(protocols=protocols)

    def addresses(name: str) -> tuple[str, ...]:
        return _addresses(config, resolver, name)

    return Finder(addresses, resolver.mx, own_addresses(config), context.log.warning)


def _addresses(config: Config, resolver: dns.Resolver, name: str) -> tuple[str, ...]:
    """postconf(5) smtp_host_lookup: each method in turn, until one knows the name."""
    failure: dns.DnsFailure | None = None
    for method in config.words("smtp_host_lookup"):
        try:
            if method == "native":
                protocols = config.words("inet_protocols")
                return dns.native_addresses(name, protocols=protocols)
            return resolver.addresses(name)
        except dns.DnsFailure as nothing:
            failure = failure or nothing
    assert failure is not None
    raise failure
