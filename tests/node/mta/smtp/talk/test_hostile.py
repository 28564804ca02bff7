"""Servers that say anything, at any time: every conversation ends, and says how."""

import random
import socket
import threading
import time

import pytest

from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.smtp.hosts.finder import Host
from labctl.node.mta.smtp.talk.dialogue import ConversationLost, Dialogue
from labctl.node.mta.smtp.talk.session import Session
from labctl.node.mta.smtp.talk.transaction import Interrupted, Letter, Timeouts, Transaction

HOST = Host("mx.example.test", "198.18.0.9", 25)
LETTER = Letter("ann@x.test", 9, False, False, False, "", "", lambda _seven_bit: b"a\r\n")
RECIPIENTS = [Recipient(f"r{n}@x.test", offset=n) for n in (1, 2, 3)]
IMPATIENT = Timeouts(*(0.2,) * len(Timeouts._fields))
PIECES = (
    b"250 ok\r\n",
    b"250-more\r\n",
    b"550 5.1.1 no\r\n",
    b"354 go\r\n",
    b"\r\n",
    b"\n",
    b"250",
    b"-",
    b"\0\xff\xfe",
    b"garbage",
    b"999 what\r\n",
    b"x" * 5000,
)


def talk_to(server, features=()):
    """The outcome of one transaction: how many recipients have an answer."""
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=server, args=(theirs,))
    thread.start()
    session = Session(Dialogue(ours, whole=True), HOST, dict.fromkeys(features, ""), 0.0)
    answered = 0
    try:
        for verdict in Transaction(session, LETTER, RECIPIENTS, IMPATIENT).verdicts():
            answered += len(verdict.recipients)
    except (ConversationLost, Interrupted):
        pass
    else:
        assert answered == len(RECIPIENTS)
    finally:
        ours.close()
        thread.join(5)
    assert not thread.is_alive()
    return answered


@pytest.mark.parametrize("seed", range(40))
def test_whatever_comes_the_conversation_ends(seed):
    """A verdict for everybody, or a connection that is called lost; never a crash."""
    chance = random.Random(seed)
    said = b"".join(chance.choices(PIECES, k=chance.randrange(1, 25)))

    def server(connection):
        with connection:
            connection.sendall(said)

    assert 0 <= talk_to(server, ["PIPELINING"] if seed % 2 else []) <= len(RECIPIENTS)


@pytest.mark.parametrize("piece", [b"250-again\r\n", b"x" * 1000, b"garbage\r\n"])
def test_an_endless_reply_ends_all_the_same(piece):
    """Memory is bounded, and so is patience."""

    def server(connection):
        until = time.monotonic() + 3
        with connection:
            connection.settimeout(1)
            try:
                while time.monotonic() < until:
                    connection.sendall(piece * 100)
            except OSError:
                pass

    assert talk_to(server) == 0


def test_a_byte_now_and_then_does_not_hold_us_for_ever():
    """smtp_per_request_deadline: the limit is for the reply, not for each of its bytes."""

    def server(connection):
        with connection:
            try:
                for byte in b"250 slow as a snail\r\n":
                    connection.sendall(bytes((byte,)))
                    time.sleep(0.05)
            except OSError:
                pass

    assert talk_to(server) == 0
