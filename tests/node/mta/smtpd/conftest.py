"""A session with a world made of dictionaries."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind, Mx
from labctl.node.mta.lib.queue.queue_file import Recipient, encode, encode_attribute
from labctl.node.mta.lib.services.cleanup import CleanupResult, Stat
from labctl.node.mta.lib.services.flush import Answer
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag
from labctl.node.mta.smtpd.client import OK, Client
from labctl.node.mta.smtpd.commands import obey
from labctl.node.mta.smtpd.environment import Environment
from labctl.node.mta.smtpd.session import Session

STRANGER = Client(
    "198.18.0.5", "40000", "client.outside.test", "client.outside.test", OK, OK, "198.18.0.1"
)
NAMELESS = STRANGER._replace(address="198.18.0.7", name="unknown", name_status=5)

SETTINGS = {
    "compatibility_level": "3.6",
    "myhostname": "mx.example.test",
    "mydomain": "example.test",
    "mynetworks": "198.18.9.0/24",
    "mydestination": "example.test",
    "mail_name": "Postfix",
    "relay_domains": "relayed.test",
    "local_recipient_maps": "inline:{bob=x, ann=x}",
    "virtual_alias_maps": "",
    "queue_directory": "/",
    "inet_interfaces": "127.0.0.1",
}
CLASSES = {"example.test": ResolveFlag.LOCAL, "relayed.test": ResolveFlag.RELAY}


@dataclass
class FakeLog:
    lines: list[str] = field(default_factory=list)

    def info(self, text: str) -> None:
        self.lines.append(text)

    def warning(self, text: str) -> None:
        self.lines.append(f"warning: {text}")


class FakeResolver:
    def rewrite(self, address: str, context: str = "local") -> str:
        return address

    def resolve(self, sender: str, recipient: str, *, verify: bool = False) -> Resolved:
        domain = recipient.rpartition("@")[2] if "@" in recipient else "example.test"
        flags = CLASSES.get(domain.lower(), ResolveFlag.DEFAULT)
        full = recipient if "@" in recipient else f"{recipient}@example.test"
        return Resolved("smtp", domain, full, flags)


@dataclass
class FakeDns:
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    null_mx: set[str] = field(default_factory=set)

    def addresses_of(self, host: str) -> tuple[str, ...]:
        if host in self.broken:
            raise DnsFailure(Kind.TRY_AGAIN, host, "A")
        if host not in self.addresses:
            raise DnsFailure(Kind.NOT_FOUND, host, "A")
        return self.addresses[host]

    def takes_mail(self, domain: str) -> bool:
        return domain not in self.null_mx and bool(self.addresses_of(domain))

    def exchangers(self, domain: str) -> tuple[Mx, ...]:
        raise DnsFailure(Kind.NOT_FOUND, domain, "MX")

    def check_host(self, name: str) -> None:
        self.addresses_of(name)

    listing = addresses_of

    def texts(self, name: str) -> tuple[str, ...]:
        return ("known source",)


@dataclass
class FakeQueue:
    """A cleanup that keeps what it is told."""

    queue_id: str = "4F1B2C0001"
    written: bytes = b""
    recipients: list[Recipient] = field(default_factory=list)
    result: CleanupResult = field(default_factory=lambda: CleanupResult(Stat.OK))
    closed: bool = False

    def raw(self, encoded: bytes) -> None:
        self.written += encoded

    def record(self, kind: int, data: bytes = b"") -> None:
        self.raw(encode(kind, data))

    def attribute(self, name: str, value: str) -> None:
        self.raw(encode_attribute(name, value))

    def recipient(self, recipient: Recipient) -> None:
        self.recipients.append(recipient)

    def flush(self) -> None:
        """Nothing is held back here."""

    def finish(self, extracted: bytes = b"") -> CleanupResult:
        self.raw(extracted)
        return self.result

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeRates:
    counts: dict[str, int] = field(default_factory=dict)

    def connect(self, service: str, address: str) -> tuple[int, int]:
        return 1, 1

    def disconnect(self, service: str, address: str) -> None:
        return None

    def count(self, event: str, service: str, address: str) -> int:
        self.counts[event] = self.counts.get(event, 0) + 1
        return self.counts[event]


@dataclass
class Talk:
    """One session, and everything that it touched."""

    session: Session
    log: FakeLog
    queue: FakeQueue
    dns: FakeDns

    def say(self, line: str | bytes) -> str:
        """Send one command; the reply in one line for each of its own."""
        data = line if isinstance(line, bytes) else line.encode()
        return (
            obey.receive_line(self.session, data).encode().decode().replace("\r\n", "\n")[:-1]
        )

    def play(self, dialogue: str) -> "Talk":
        """Send every C: line and compare the reply with the S: line below it."""
        reply = ""
        for line in dialogue.strip().splitlines():
            who, _, text = line.strip().partition(": ")
            if who == "C":
                reply = self.say(text)
            else:
                assert reply == text
        return self


@pytest.fixture
def talk() -> Callable[..., Talk]:
    """Start a session; settings are added to main.cf."""

    def start(client: Client = STRANGER, dns: FakeDns | None = None, **settings: str) -> Talk:
        log, queue, dns = FakeLog(), FakeQueue(), dns or FakeDns()
        env = Environment(
            config=Config({**SETTINGS, **settings}),
            log=log,
            resolver=FakeResolver(),
            dns=dns,
            submit=lambda config, flags: queue,
            rates=FakeRates(),
            service="smtp",
            now=lambda: 981_000_000.0,
            flush=lambda config, site: Answer.OK,
        )
        return Talk(Session(env, client, client), log, queue, dns)

    return start
