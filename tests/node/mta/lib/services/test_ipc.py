"""Attribute lists between programs: whole messages, however they arrive."""

from __future__ import annotations

import socket
import threading

import pytest

from labctl.node.base import sockets
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services import ipc


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_what_is_sent_is_received(pair):
    """A recipient with strange bytes must reach the delivery agent unchanged."""
    message = {"recipient": "b\udce9b@example.test", "empty": "", "text": "two\nlines"}
    ipc.send(pair[1], message)

    assert ipc.receive(pair[0]) == message


def test_an_empty_list_is_a_message(pair):
    """A service may have nothing to answer but that it has understood."""
    ipc.send(pair[1], {})

    assert ipc.receive(pair[0]) == {}


def test_a_message_may_arrive_in_pieces(pair):
    """A piece may end behind an empty value, which looks like the end of a message."""
    whole = ipc.encode({"sender": "", "queue_id": "ABC"})
    cut = whole.index(b"queue_id")

    def send_pieces():
        pair[1].sendall(whole[:cut])
        pair[1].sendall(whole[cut:])

    sender = threading.Thread(target=send_pieces)
    sender.start()
    assert ipc.receive(pair[0]) == {"sender": "", "queue_id": "ABC"}
    sender.join()


def test_a_server_that_goes_away_is_noticed(pair):
    """A half answer must not be taken for a whole one."""
    pair[1].sendall(b"status\0")
    pair[1].close()

    with pytest.raises(EOFError, match="in a message"):
        ipc.receive(pair[0])


def test_nul_cannot_be_smuggled_into_a_message():
    """A recipient with NUL in it would become two attributes."""
    with pytest.raises(ipc.ProtocolError):
        ipc.encode({"recipient": "a\0flags\0root"})


def test_a_trigger_for_nobody_is_no_error(tmp_path):
    """`sendmail` works while the mail system is stopped."""
    config = Config({"queue_directory": str(tmp_path)})

    assert ipc.trigger(config, "public", "pickup", b"W") is False


def test_a_trigger_does_not_wait_for_its_reader(tmp_path):
    """cleanup must not wait until qmgr has time."""
    (tmp_path / "public").mkdir()
    config = Config({"queue_directory": str(tmp_path)})
    with sockets.listen_unix(str(tmp_path / "public" / "qmgr")) as listener:
        assert ipc.trigger(config, "public", "qmgr", b"I") is True
        client = sockets.accept(listener)
        assert client is not None
        with client:
            assert client.recv(10) == b"I"
