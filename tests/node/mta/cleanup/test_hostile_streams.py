"""Clients that send nonsense: cleanup says so or hangs up, and leaves no message behind."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labctl.node.mta.cleanup import finish, service
from labctl.node.mta.cleanup.message import Message, QueueWriter
from labctl.node.mta.cleanup.records import Records
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.services.cleanup import Flags, Stat
from tests.node.mta.cleanup.test_cleanup import Cleanup, records

ENDLESS = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
KINDS = st.sampled_from(sorted(b"CTcFILSROADW>fNLXME<ionVpw\x00\xff"))
ITEMS = st.lists(st.tuples(KINDS, st.binary(max_size=12)), max_size=15)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("queue")
    return Cleanup(root, {"header_checks": "inline:{{X=WARN}}", "message_size_limit": "100000"})


def take(site, data):
    """What comes of octets on the socket: the result, or the exception of a lost client."""
    file = site.queue.create("incoming")
    message = Message(file.queue_id, Flags.EXTERNAL, QueueWriter(file.fd, 100_000), 1.0)
    step = 7 if len(data) < 1000 else 65536
    pieces = iter([data[at : at + step] for at in range(0, len(data), step)])
    try:
        service.copy_records(message, site.site, Records(lambda size: next(pieces, b"")))
        finish.end(message)
        return finish.settle(message, site.site, site.queue, file)
    except EOFError:
        return None
    finally:
        site.queue.remove("incoming", file.queue_id)
        os.close(file.fd)


@ENDLESS
@given(st.binary(max_size=200))
def test_octets_that_are_no_records(site, data):
    """A status, or the end of the connection; never a crash."""
    result = take(site, data)

    assert result is None or result.status is not Stat.OK


@ENDLESS
@given(ITEMS)
def test_records_in_no_order(site, items):
    """Only a sender, a recipient and the three segments make a message."""
    data = b"".join(queue_file.encode(kind, text) for kind, text in [*items, (ord("E"), b"")])

    result = take(site, data)

    # With E somewhere in the middle the rest is never read.
    kinds = bytes(kind for kind, _ in items).partition(b"E")[0]
    whole = all(kind in kinds for kind in (b"S", b"R", b"M"))
    assert whole or result is None or result.status is not Stat.OK


@ENDLESS
@given(st.lists(st.text(st.sampled_from('ab@.:%!"\\ <>,\x00\xe9'), max_size=12), max_size=6))
def test_any_recipient_is_written_or_refused(site, recipients):
    """Whatever smtpd lets pass, the queue file can be read again."""
    data = b"".join(
        queue_file.encode(kind, text)
        for kind, text in records("ann", recipients, "X: 1\n\nx", "local")
    )

    result = take(site, data)

    assert result is not None
    assert result.ok == bool(recipients)


def test_an_endless_header_is_cut_and_an_endless_message_refused(site):
    """Memory is bounded by header_size_limit and message_size_limit."""
    lines = "X: 1\n" + " more of the same header\n" * 100_000

    data = b"".join(
        queue_file.encode(kind, text) for kind, text in records("ann", ["bob"], lines, "local")
    )
    result = take(site, data)

    assert result.status & Stat.SIZE or result.ok


def test_a_record_that_announces_a_gigabyte_ends_with_its_client(site):
    """Nothing is allocated for what was only promised."""
    assert take(site, b"N\xff\xff\xff\xff\x07abc") is None
