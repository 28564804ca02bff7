"""Which files of a queue may become active."""

import os

import pytest

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.qmgr.scan import LOOK, Found, Scan


@pytest.fixture
def queues(tmp_path):
    (tmp_path / "deferred").mkdir()
    return QueueDirectory(Config({"queue_directory": str(tmp_path), "hash_queue_names": ""}))


def put(queues, queue_id, *, mode=0o700, due=0.0):
    path = queues.path("deferred", queue_id)
    with open(path, "w"):
        pass
    os.chmod(path, mode)
    os.utime(path, (due, due))


def found(queues, *, ignore_time=False):
    scan = Scan(queues, "deferred")
    scan.start(ignore_time=ignore_time)
    hits = []
    while hit := scan.next():
        hits.append(hit)
    return sorted(hits)


def test_mail_whose_time_has_come(queues):
    """The time of the next attempt is the time of the file."""
    put(queues, "AAA")
    put(queues, "BBB", due=clock.now() + 1000)

    assert found(queues) == [Found("deferred", "AAA")]


def test_a_flush_ignores_the_time(queues):
    """postqueue -f."""
    put(queues, "BBB", due=clock.now() + 1000)

    assert found(queues, ignore_time=True) == [Found("deferred", "BBB", flush=True)]


def test_a_flush_of_one_site_marks_its_messages(queues):
    """flush(8) sets a bit on each message of the site."""
    put(queues, "CCC", mode=0o740, due=clock.now() + 1000)

    assert found(queues) == [Found("deferred", "CCC", flush=True)]


def test_an_expired_message_says_so(queues):
    """postsuper -e."""
    put(queues, "DDD", mode=0o710)

    assert found(queues) == [Found("deferred", "DDD", expire=True)]


def test_files_that_are_still_written_are_left_alone(queues):
    """Without the execute bit nobody is responsible yet."""
    put(queues, "EEE", mode=0o600)

    assert found(queues) == []


def test_a_large_queue_is_looked_through_in_pieces(queues):
    """While a million files are looked at, new mail must not wait."""
    for number in range(LOOK + 1):
        put(queues, f"C{number:04}", due=clock.now() + 1000)
    scan = Scan(queues, "deferred")
    scan.start()

    assert (scan.next(), scan.is_active) == (None, True)
    assert (scan.next(), scan.is_active) == (None, False)
