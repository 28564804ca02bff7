"""IDLE while mail comes: at once in mode ``shared``, once a minute in mode ``uw``."""

from __future__ import annotations

import smtplib
import statistics
import time

import pytest
from imapclient import IMAPClient

from tests.clients.laboratory import HOST, PASSWORD, SPOOL, USER, until
from tests.clients.letters import crlf, letter, letters

pytestmark = [pytest.mark.oracle, pytest.mark.docker, pytest.mark.slow]

PATIENCE = 5.0  # seconds


@pytest.fixture
def idler(machines):
    """A client that waits on the INBOX."""

    def session():
        one = IMAPClient(machines.node.address, ssl=False, timeout=30)
        one.login(USER, PASSWORD)
        one.select_folder("INBOX")
        one.idle()
        return one

    return session


def send(lab, number):
    """Hand a letter to the mail system of the node; when it was accepted."""
    with smtplib.SMTP(lab.node.address, timeout=30) as client:
        client.sendmail("bob@example.test", [f"{USER}@{HOST}"], crlf(letter(number)))
        return time.monotonic()


def waits(one):
    """How long until the client is told of one more letter; infinite if it is not."""
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        if any(b"EXISTS" in told for told in one.idle_check(PATIENCE)):
            return time.monotonic()
    return float("inf")


@pytest.mark.parametrize("mode", ["shared"])
def test_a_delivery_wakes_a_waiting_client(begin, idler):
    """From the moment the mail system has accepted it: under half a second."""
    lab = begin(letters(2))
    with idler() as one:
        delays = [-(send(lab, number) - waits(one)) for number in (3, 4, 5)]
        one.idle_done()

    assert statistics.median(delays) < 0.5


@pytest.mark.parametrize("mode", ["uw"])
def test_the_original_looks_once_a_minute(begin, idler):
    """A client finds out by asking, as with UW-IMAP."""
    lab = begin(letters(2))
    with idler() as one:
        send(lab, 3)
        until(lambda: b"letter 0003" in lab.node.read(SPOOL), "the letter is delivered")
        quiet = one.idle_check(PATIENCE)
        told = one.idle_done()[1] + one.noop()[1]

    assert [what for what in quiet if b"EXISTS" in what] == []
    assert (3, b"EXISTS") in told
