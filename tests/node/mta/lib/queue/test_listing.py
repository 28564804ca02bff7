"""The queue as mailq shows it: in order where it is small, at once where it is large."""

from __future__ import annotations

import itertools
import os

import pytest

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import listing, queue_file
from labctl.node.mta.lib.queue.directory import QueueDirectory


@pytest.fixture
def queue(tmp_path):
    for name in listing.ORDER:
        (tmp_path / name).mkdir()
    return QueueDirectory(Config({"queue_directory": str(tmp_path), "hash_queue_names": ""}))


def put(queue, queue_id, arrival):
    head = len(queue_file.encode_size(queue_file.Size(0, 0, 0, 0, 0, 0)))
    envelope = b"".join(
        [
            queue_file.encode(queue_file.TIME, str(arrival).encode()),
            queue_file.encode(queue_file.FROM, b"ann@example.test"),
            queue_file.encode(queue_file.RECIPIENT, b"bob@example.test"),
        ]
    )
    size = queue_file.encode_size(queue_file.Size(10, head + len(envelope), 1, 0, 0, 0))
    tail = queue_file.encode(queue_file.EXTRACTED) + queue_file.encode(queue_file.END)
    path = queue.path("deferred", queue_id)
    with open(path, "wb") as file:
        file.write(size + envelope + tail)
    os.chmod(path, 0o700)


def test_a_queue_is_shown_oldest_first(queue):
    """The names say nothing about the order."""
    for queue_id, arrival in (("A1", 30), ("B2", 10), ("C3", 20)):
        put(queue, queue_id, arrival)

    assert [entry.queue_id for entry in listing.entries(queue)] == ["B2", "C3", "A1"]


def test_a_large_queue_is_shown_before_all_of_it_is_read(queue, monkeypatch):
    """Nobody waits until a million files have been opened."""
    for number in range(20):
        put(queue, f"C0FFE{number:02}", number)
    opened = []
    read = queue_file.read
    monkeypatch.setattr(queue_file, "read", lambda path: opened.append(path) or read(path))

    shown = list(itertools.islice(listing.entries(queue, at_once=5), 5))

    assert len(shown) == len(opened) == 5
    assert len(list(listing.entries(queue, at_once=5))) == 20
