"""A trigger is one byte that must neither be waited for nor lost."""

from __future__ import annotations

import socket

import pytest

from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.daemon import triggers


@pytest.fixture
def loop():
    loop = EventLoop()
    yield loop
    loop.close()


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_trigger_that_is_there_is_read_at_once(loop, ends):
    """The usual case costs no round of the loop."""
    ours, theirs = ends
    theirs.send(b"I")
    heard = []
    triggers.read_trigger(loop, ours, heard.append)

    assert heard == [b"I"]


def test_a_client_that_hesitates_is_heard_later(loop, ends):
    """On a busy machine a client may not run for seconds between connect and send."""
    ours, theirs = ends
    heard = []
    triggers.read_trigger(loop, ours, heard.append)
    loop.run_once(0)
    assert heard == []

    theirs.send(b"I")
    loop.run_once(1)

    assert heard == [b"I"]


def test_a_client_that_dies_without_a_word_is_forgotten(loop, ends):
    """kill -9 of a client must not leave a descriptor behind."""
    ours, theirs = ends
    heard = []
    triggers.read_trigger(loop, ours, heard.append)
    theirs.close()
    loop.run_once(1)

    assert heard == []
    assert ours.fileno() == -1


def test_a_client_that_never_speaks_is_hung_up_on(loop, ends, monkeypatch):
    """Silence costs a descriptor, for a while."""
    monkeypatch.setattr(triggers, "PATIENCE", 0.01)
    ours, _theirs = ends
    triggers.read_trigger(loop, ours, lambda data: None)
    loop.run_once(1)

    assert ours.fileno() == -1
