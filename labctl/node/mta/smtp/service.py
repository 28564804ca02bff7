"""smtp(8) and lmtp(8): requests from qmgr, messages to other machines."""

from __future__ import annotations

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.own_addresses import own_addresses
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.delivery.agent import Delivery, serve_batches
from labctl.node.mta.lib.dns.resolver import Resolver
from labctl.node.mta.lib.maps import Maps, maps_of
from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.smtp import notice
from labctl.node.mta.smtp.attempt import Attempt, Tools
from labctl.node.mta.smtp.cache import Cache
from labctl.node.mta.smtp.connecting import Connector
from labctl.node.mta.smtp.content.outgoing import Outgoing
from labctl.node.mta.smtp.hosts.finder import Finder, Host
from labctl.node.mta.smtp.hosts.lookup import Lookup
from labctl.node.mta.smtp.hosts.order import Order
from labctl.node.mta.smtp.settings import Settings
from labctl.node.mta.smtp.talk.dialogue import TEXT_KEPT, Dialogue, Wiretap
from labctl.node.mta.smtp.talk.greeting import DISCARDED


def serve(context: ServiceContext) -> None:
    """Deliver until nobody asks any more."""
    settings = Settings.of(context.config, lmtp=context.program == "lmtp")
    outgoing = Outgoing.of(context.config, settings.prefix)
    tools = _tools(context, settings, outgoing)

    def deliver(delivery: Delivery) -> DeliveryStatus | None:
        return Attempt.of(delivery, tools, outgoing.letter(delivery)).run()

    serve_batches(context, deliver)


def _tools(context: ServiceContext, settings: Settings, outgoing: Outgoing) -> Tools:
    config, log, prefix = context.config, context.log, settings.prefix
    resolver = Resolver(protocols=config.words("inet_protocols"), warn=log.warning)
    lookup = Lookup.of(config, prefix, resolver, log.warning)
    taps = _Taps(config, log, settings)

    def report(dialogue: Dialogue, host: Host) -> None:
        notice.report(dialogue.tap, host.name_address_port, config, log)

    return Tools(
        settings,
        Finder(lookup, own_addresses(config), log, Order.of(config, prefix)),
        Connector.of(config, prefix, log),
        Cache.of(config, settings, context.service),
        outgoing.address,
        taps.on,
        report,
    )


class _Taps:
    """Who listens to conversations: smtp_reply_filter, and warnings about nonsense."""

    def __init__(self, config: Config, log: Log, settings: Settings) -> None:
        self._log, self._lmtp = log, settings.lmtp
        self._filter: Maps = maps_of(config, f"{settings.prefix}_reply_filter")

    def on(self, host: Host, queue_id: str) -> Wiretap:
        """For one connection."""
        where = host.name_address_port

        def filtered(line: str) -> str:
            other = self._filter.lookup(line) if self._filter else None
            if other is None:
                return line
            self._log.info(f'{where}: replacing server reply "{line}" with "{other}"')
            return other

        def on_garbage(line: str) -> None:
            kind = "LMTP" if self._lmtp else "ESMTP"
            self._log.warning(f"{queue_id}: non-{kind} response from {where}: {line[:100]}")
            parameter = DISCARDED[self._lmtp].replace("keywords", "keyword_address_maps")
            self._log.warning(
                "to prevent loss of mail, turn off command pipelining for"
                f" {host.address} with the {parameter} parameter"
            )

        def on_long_line(line: str) -> None:
            self._log.warning(f"{where}: response longer than {TEXT_KEPT}: {line[:30]}...")

        def on_long_reply(lines: list[str]) -> None:
            # The line ends between them show as question marks.
            begin = "?".join(lines)[:30]
            self._log.warning(
                f"{where}: multi-line response longer than {TEXT_KEPT} {begin}..."
            )

        return Wiretap(filtered, on_garbage, on_long_line, on_long_reply)
