"""The queue directory: ids, hashing, one file in one place."""

import os

import pytest

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.directory import QueueDirectory, is_id, make_id


@pytest.fixture
def queue(tmp_path):
    for name in ("incoming", "active", "deferred", "hold"):
        (tmp_path / name).mkdir()
    return QueueDirectory(Config({"queue_directory": str(tmp_path)}))


def test_a_short_id_is_microseconds_and_inode():
    """postconf(5) enable_long_queue_ids = no."""
    assert make_id(1000.000255, 0x1F7, long=False) == "000FF1F7"


def test_a_long_id_has_time_first_and_no_vowels():
    """It sorts by time, never comes again, and is never a word."""
    early, late = make_id(1700000000.5, 52, long=True), make_id(1700000001.5, 52, long=True)

    assert early < late
    assert early[10] == "z"
    assert not set("AEIOUaeiou") & set(early)


def test_deferred_is_hashed_and_incoming_is_not(queue):
    """postconf(5) hash_queue_names = deferred, defer."""
    assert queue.path("deferred", "D6AEB1BF6").endswith("/deferred/D/D6AEB1BF6")
    assert queue.path("incoming", "D6AEB1BF6").endswith("/incoming/D6AEB1BF6")


def test_a_message_moves_and_is_found_where_it_is(queue):
    """Hash directories are made when needed."""
    file = queue.create("incoming")
    os.close(file.fd)

    queue.rename(file.queue_id, "incoming", "deferred")

    assert queue.find(file.queue_id) == "deferred"
    assert [item.name for item in queue.scan("deferred")] == [file.queue_id]
    assert list(queue.scan("incoming")) == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", "12.34", "x" * 101, "ä"])
def test_what_is_no_id_never_reaches_a_path(queue, name):
    """postsuper and postcat take names from anybody."""
    assert not is_id(name)
    assert queue.find(name) is None
