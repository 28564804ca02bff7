"""verify(8): answers from the cache, and sends probes for what it does not know.

A probe is a message without content that delivery agents take as far as RCPT, and then tell
us how it went, instead of delivering it.
"""

from __future__ import annotations

from collections.abc import Mapping

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_many
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.cleanup import CleanupStream, CleanupUnavailable, Flags
from labctl.node.mta.lib.services.delivery_request import DeliveryFlag
from labctl.node.mta.lib.services.verify import Known, Status
from labctl.node.mta.verify.cache import Cache, Lifetimes
from labctl.node.mta.verify.store import Store


def serve(context: ServiceContext) -> None:
    """Answer smtpd, and hear from delivery agents."""
    store = Store(context.config, context.log)
    cache = make_cache(context.config)
    cache.entries.update(store.load())
    before = len(cache.entries)
    cache.forget_expired(clock.now())
    kept = len(cache.entries)
    name = context.config.text("address_verify_map") or "internal:verify"
    context.log.info(
        f"cache {name} full cleanup: retained={kept} dropped={before - kept} entries"
    )

    def answer(request: Mapping[str, str]) -> Mapping[str, str]:
        address = request.get("address", "")
        if request.get("request") == "update":
            known = Known(Status(request["recipient_status"]), request["reason"])
            cache.update(address, known, clock.now())
            cache.forget_expired(clock.now())
            store.save(cache.entries)
            return {"status": "0"}
        known, needs_probe = cache.query(address, clock.now())
        if needs_probe:
            send_probe(context, address)
        return {"status": "0", "recipient_status": known.status.value, "reason": known.text}

    serve_many(context, answer)


def make_cache(config: Config) -> Cache:
    """An empty cache with the lifetimes of the site."""

    def lifetimes(kind: str) -> Lifetimes:
        refresh = config.seconds(f"address_verify_{kind}_refresh_time")
        return Lifetimes(refresh, config.seconds(f"address_verify_{kind}_expire_time"))

    keep_negative = config.flag("address_verify_negative_cache")
    return Cache(lifetimes("positive"), lifetimes("negative"), keep_negative)


def send_probe(context: ServiceContext, address: str) -> None:
    """Post the message that is not to be delivered."""
    config = context.config
    try:
        with CleanupStream(config, Flags.MAP_OK) as stream:
            stream.attribute("trace_flags", str(int(DeliveryFlag.VERIFY_MTA)))
            stream.attribute("rewrite_context", "local")
            stream.envelope(probe_sender(config), [Recipient(address)])
            stream.content(b"")
            stream.finish()
    except CleanupUnavailable as error:
        context.log.warning(f"address verify probe: {error}")


def probe_sender(config: Config) -> str:
    """postconf(5) address_verify_sender; a name alone gets our domain."""
    sender = config.text("address_verify_sender")
    if not sender or sender == "<>" or "@" in sender:
        return sender.strip("<>")
    return f"{sender}@{config.text('myorigin')}"
