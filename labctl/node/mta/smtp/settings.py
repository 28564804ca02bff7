"""What main.cf says to smtp(8) and lmtp(8), read once per process."""

from __future__ import annotations

from typing import Final, NamedTuple

from labctl.node.base import sockets
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtp.hosts import nexthop
from labctl.node.mta.smtp.talk.greeting import Manners
from labctl.node.mta.smtp.talk.transaction import Timeouts


class Settings(NamedTuple):
    """The parameters of one agent; ``prefix`` tells smtp_ from lmtp_."""

    prefix: str
    manners: Manners
    timeouts: Timeouts
    fallbacks: tuple[str, ...]
    session_limit: int
    tcp_port: str
    loop_port: int
    xforward: bool
    probe_target: str
    assume_final: bool
    waits_for_quit: bool
    whole_deadline: bool
    best_mx_transport: str
    relayhost: str
    soft_bounce: bool

    @property
    def lmtp(self) -> bool:
        return self.prefix == "lmtp"

    @classmethod
    def of(cls, config: Config, *, lmtp: bool) -> Settings:
        prefix = "lmtp" if lmtp else "smtp"
        return cls(
            prefix,
            manners=Manners.of(config, lmtp=lmtp),
            timeouts=_timeouts(config, prefix),
            fallbacks=config.words(f"{prefix}_fallback_relay"),
            session_limit=config.number(f"{prefix}_mx_session_limit"),
            tcp_port=config.text(f"{prefix}_tcp_port"),
            loop_port=sockets.port_number("smtp"),
            xforward=config.flag(f"{prefix}_send_xforward_command"),
            probe_target=config.text(f"{prefix}_address_verify_target"),
            assume_final=lmtp and config.flag("lmtp_assume_final"),
            waits_for_quit=not config.flag(f"{prefix}_skip_quit_response"),
            whole_deadline=config.flag(f"{prefix}_per_request_deadline"),
            best_mx_transport="" if lmtp else config.text("best_mx_transport"),
            relayhost="" if lmtp else config.text("relayhost"),
            soft_bounce=config.flag("soft_bounce"),
        )

    def port(self, name: str) -> int:
        """A port by number or by name; who configured nonsense learns of it from the log."""
        try:
            number = sockets.port_number(name)
        except ValueError as error:
            raise Fatal(str(error)) from None
        if not 0 < number <= LAST_PORT:
            raise Fatal(f"bad TCP port number: {name}")
        return number

    def parse(self, text: str) -> nexthop.Nexthop:
        """A next hop with the port of this client where it names none."""
        return nexthop.parse(text, lmtp=self.lmtp, port=self.tcp_port)


LAST_PORT: Final = 65535


def _timeouts(config: Config, prefix: str) -> Timeouts:
    return Timeouts(
        **{name: config.seconds(f"{prefix}_{name}_timeout") for name in Timeouts._fields}
    )
