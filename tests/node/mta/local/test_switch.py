"""What becomes of an address that local(8) gets: aliases, files, forwarding, nobody."""

import os
from dataclasses import dataclass, field

import pytest

from labctl.node.base import accounts
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import Notify
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.delivery_request import DeliveryRequest, Times
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag
from labctl.node.mta.local import switch
from labctl.node.mta.local.attempt import Attempt, Tools
from labctl.node.mta.local.target import start

ALIASES = """inline:{
    {list = ann@far.test}, {owner-list = bob@far.test}, {self = self}, {one = two}, {two = one},
    {twice = nobody-1, nobody-1}, {dir = %s/}, {file = %s/file}, {cmd = |/bin/true} }"""


class OneDomain:
    """Everything in x.test is ours; the rest goes by smtp."""

    def rewrite(self, address, _context="local"):
        return address if "@" in address else f"{address}@x.test"

    def resolve(self, _sender, recipient):
        transport = "local" if recipient.endswith("@x.test") else "smtp"
        return Resolved(transport, "x", recipient, ResolveFlag.NONE)


@dataclass
class RecordingDelivery:
    """The outcomes instead of a queue file and a log."""

    request: DeliveryRequest
    outcomes: list = field(default_factory=list)
    reports: list = field(default_factory=list)

    def record(self, rcpt, status, hop=None):
        self.outcomes.append((rcpt.address, status.status, status.reason))
        return not status.is_temporary

    def append(self, service, rcpt, status):
        self.reports.append((rcpt.address, status.action, status.reason))
        return True

    def content(self):
        return b"Delivered-To: looping@x.test\nSubject: x\n\nx\n"


@pytest.fixture
def deliver(tmp_path):
    def deliver(address, notify=Notify.UNSET):
        me = accounts.by_uid(os.getuid())
        # Only as root could files be made as somebody else.
        tmp_path.chmod(0o777)
        aliases = (ALIASES % (tmp_path, tmp_path)).replace("\n", " ")
        config = Config({"alias_maps": aliases, "forward_path": "", "queue_directory": "/"})
        request = DeliveryRequest("active", "3F", 0, 0, "eve@far.test", "", (), Times(0, 0, 0))
        delivery = RecordingDelivery(request)
        tools = Tools(config, Log("local", path="/dev/null"), "local", OneDomain(), me)
        attempt = Attempt(tools, delivery)
        switch.deliver(attempt, start(Recipient(address, notify=notify), request.sender))
        return attempt

    return deliver


def test_a_name_that_nobody_has_is_returned_to_sender(deliver):
    """The sender should learn of a typing error today, not in five days."""
    assert deliver("nobody-1@x.test").delivery.outcomes == [
        ("nobody-1@x.test", "5.1.1", 'unknown user: "nobody-1"')
    ]


def test_an_alias_that_names_itself_is_the_user(deliver):
    """aliases(5): the innermost name is not expanded again."""
    assert deliver("self@x.test").delivery.outcomes == [
        ("self@x.test", "5.1.1", 'unknown user: "self"')
    ]


def test_aliases_that_name_each_other_end(deliver):
    """One wrong line must not keep a process busy for ever."""
    assert deliver("one@x.test").delivery.outcomes == [
        ("two@x.test", "5.4.6", "alias database loop for two")
    ]


def test_an_address_that_comes_twice_is_delivered_to_once(deliver):
    """Lists overlap, and nobody wants the message twice."""
    assert len(deliver("twice@x.test").delivery.outcomes) == 1


def test_a_message_that_has_been_here_is_not_delivered_again(deliver):
    """Two machines that forward to each other would go on for ever."""
    assert deliver("looping@x.test").delivery.outcomes == [
        ("looping@x.test", "5.4.6", "mail forwarding loop for looping@x.test")
    ]


def test_members_elsewhere_get_a_message_from_the_owner_of_the_list(deliver):
    """Bounces of a mailing list belong to whoever keeps the list."""
    attempt = deliver("list@x.test")

    assert attempt.delivery.outcomes == []
    assert list(attempt.forwards) == [("list@x.test", "owner-list@x.test")]


def test_files_and_maildirs_and_commands_get_a_copy(deliver, tmp_path):
    """The three destinations that are no addresses."""
    outcomes = [
        deliver(f"{name}@x.test").delivery.outcomes[0][2] for name in ("file", "dir", "cmd")
    ]

    assert outcomes == [
        f"delivered to file: {tmp_path}/file",
        "delivered to maildir",
        "delivered to command: /bin/true",
    ]
    assert b"\nDelivered-To: file@x.test\n" in (tmp_path / "file").read_bytes()
    assert len(os.listdir(tmp_path / "new")) == 1


def test_capital_letters_are_the_same_name(deliver):
    """People write Bob, passwd(5) says bob."""
    assert deliver("NoBody-1@x.test").delivery.outcomes == [
        ("NoBody-1@x.test", "5.1.1", 'unknown user: "nobody-1"')
    ]


def test_an_alias_is_reported_once_and_a_list_as_delivered(deliver):
    """RFC 3461 5.2.7: who asked about one address is not told of each behind it."""
    for name, action in (("cmd", "expanded"), ("list", "delivered")):
        assert deliver(f"{name}@x.test", Notify.SUCCESS).delivery.reports == [
            (f"{name}@x.test", action, "delivery via local: alias expanded")
        ]
