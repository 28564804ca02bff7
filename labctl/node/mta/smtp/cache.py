"""Connections that are used again: by the same destination, or for the same server.

RULES
    postconf(5) smtp_connection_cache_destinations: always; smtp_connection_cache_on_demand:
    when qmgr says that more mail waits.  Before a kept connection is used, RSET proves that
    the server is still there.  smtp_connection_reuse_time_limit and _count_limit end the
    longest friendship.
"""

from __future__ import annotations

from typing import NamedTuple

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps.match_list import MatchList, domain_list
from labctl.node.mta.lib.services import scache
from labctl.node.mta.lib.services.delivery_request import DeliveryFlag, DeliveryRequest
from labctl.node.mta.smtp.hosts import nexthop
from labctl.node.mta.smtp.hosts.finder import Host
from labctl.node.mta.smtp.settings import Settings
from labctl.node.mta.smtp.talk.dialogue import Dialogue
from labctl.node.mta.smtp.talk.session import (
    Session,
    await_farewell,
    say_goodbye,
    take_back_and_leave,
)


class Cache(NamedTuple):
    """What the connections of one service have in common."""

    config: Config
    settings: Settings
    service: str
    always: MatchList
    on_demand: bool
    ttl: int  # smtp_connection_cache_time_limit
    oldest: int  # smtp_connection_reuse_time_limit
    uses: int  # smtp_connection_reuse_count_limit; 0 is no limit

    @classmethod
    def of(cls, config: Config, settings: Settings, service: str) -> Cache:
        prefix = settings.prefix
        return cls(
            config,
            settings,
            service,
            domain_list(config, f"{prefix}_connection_cache_destinations"),
            config.flag(f"{prefix}_connection_cache_on_demand"),
            config.seconds(f"{prefix}_connection_cache_time_limit"),
            config.seconds(f"{prefix}_connection_reuse_time_limit"),
            config.number(f"{prefix}_connection_reuse_count_limit"),
        )

    def for_request(self, request: DeliveryRequest) -> Keeper:
        """What may be used again, and what is kept, for one request."""
        first = nexthop.split(request.nexthop)[0]
        if self.settings.parse(first).host in self.always:
            return Keeper(self, first, loads=True, stores=True)
        flags = request.flags if self.on_demand else DeliveryFlag.NONE
        return Keeper(
            self,
            first,
            loads=bool(flags & DeliveryFlag.CONNECTION_LOAD),
            stores=bool(flags & DeliveryFlag.CONNECTION_STORE),
        )


class Keeper(NamedTuple):
    """The connections of one request."""

    cache: Cache
    destination: str
    loads: bool
    stores: bool

    def for_destination(self) -> Session | None:
        """A connection that was good for this destination before."""
        if not self.loads:
            return None
        label = self._label(self.destination)
        kept = scache.find(self.cache.config, scache.DESTINATION, label)
        return self._take(kept.value) if kept else None

    def for_host(self, host: Host) -> Session | None:
        """A connection to this server, whatever it was used for."""
        return self._take(self._endpoint(host)) if self.loads else None

    def keep_or_end(self, session: Session, *, is_open: bool) -> None:
        """After a transaction: keep the connection for another, or say goodbye.

        A transaction that came to nothing is taken back before anything else is said.
        """
        timeouts = self.cache.settings.timeouts
        wait = self.cache.settings.waits_for_quit
        is_open = is_open and not session.dialogue.is_broken
        if session.has_quit:
            await_farewell(session.dialogue, timeouts.quit, wait=wait)
            return
        if self._may_keep(session):
            if is_open:
                session.reset("sending final RSET", timeouts.rset)
            if not session.dialogue.is_broken and self._keep(session):
                session.dialogue.close()
                return
        elif is_open:
            take_back_and_leave(session, timeouts.rset, wait=wait)
            return
        say_goodbye(session.dialogue, timeouts.quit, wait=wait)

    def _may_keep(self, session: Session) -> bool:
        dialogue, cache = session.dialogue, self.cache
        is_worn = 0 < cache.uses <= session.uses
        is_old = clock.now() >= session.since + cache.oldest
        doubtful = dialogue.is_broken or dialogue.tap.is_suspect or not dialogue.is_quiet
        return self.stores and not (is_worn or is_old or doubtful)

    def _keep(self, session: Session) -> bool:
        config, ttl = self.cache.config, str(self.cache.ttl)
        label = self._endpoint(session.host)
        endpoint = {
            "kind": scache.ENDPOINT,
            "label": label,
            "value": _written(session),
            "ttl": ttl,
        }
        if not scache.save(config, endpoint, session.dialogue.connection):
            return False
        name = self._label(self.destination)
        destination = {"kind": scache.DESTINATION, "label": name, "value": label, "ttl": ttl}
        scache.save(config, destination)
        return True

    def _take(self, label: str) -> Session | None:
        kept = scache.find(self.cache.config, scache.ENDPOINT, label)
        if kept is None or kept.connection is None:
            return None
        whole = self.cache.settings.whole_deadline
        session = _read(kept.value, Dialogue(kept.connection, whole=whole))
        if session.reset("sending RSET probe", self.cache.settings.timeouts.rset):
            return session
        settings = self.cache.settings
        say_goodbye(session.dialogue, settings.timeouts.quit, wait=settings.waits_for_quit)
        return None

    def _endpoint(self, host: Host) -> str:
        return self._label(host.name_address_port)

    def _label(self, name: str) -> str:
        return f"{self.cache.service}\n{name}"


def _written(session: Session) -> str:
    """A session as text: its connection travels beside it."""
    host = session.host
    features = (f"{name} {rest}" for name, rest in session.features.items())
    head = (host.name, host.address, host.port, int(host.detect_loops), session.uses)
    return "\n".join([*map(str, head), repr(session.since), *features])


def _read(text: str, dialogue: Dialogue) -> Session:
    name, address, port, loops, uses, since, *features = text.split("\n")
    pairs = (line.partition(" ") for line in features)
    return Session(
        dialogue,
        Host(name, address, int(port), bool(int(loops))),
        {keyword: parameters for keyword, _, parameters in pairs},
        connected=clock.now(),
        uses=int(uses) + 1,
        since=float(since),
    )
