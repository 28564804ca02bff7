"""Queue files: records, envelopes, and what a broken one looks like."""

import contextlib
import os
import random

import pytest

from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.dsn import Notify
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Size


def message(path, *, end=True):
    """A small file with one recipient in each segment."""
    head = queue_file.encode_size(Size(0, 0, 0, 0, 0, 0))
    envelope = (
        queue_file.encode(queue_file.TIME, b"1000 500000")
        + queue_file.encode_attribute("rewrite_context", "local")
        + queue_file.encode(queue_file.FROM, b"ann@example.test")
        + queue_file.encode_attribute("notify_flags", "2")
        + queue_file.encode_attribute("dsn_orig_rcpt", "rfc822;bob@example.test")
        + queue_file.encode(queue_file.ORIGINAL_RECIPIENT, b"bob")
        + queue_file.encode(queue_file.RECIPIENT, b"bob@example.test")
        + queue_file.encode(queue_file.CONTENT)
    )
    content = queue_file.encode_lines(b"Subject: x\n\n" + b"long " * 1000 + b"\nend\n")
    tail = queue_file.encode(queue_file.EXTRACTED) + queue_file.encode(
        queue_file.RECIPIENT, b"eve@example.test"
    )
    offset = len(head) + len(envelope)
    head = queue_file.encode_size(Size(len(content), offset, 2, 0, len(content), 0))
    ending = queue_file.encode(queue_file.END) if end else b""
    path.write_bytes(head + envelope + content + tail + ending)
    return path


def test_recipients_of_both_segments_carry_what_stands_before_them(tmp_path):
    """Reports and log lines name the original recipient."""
    envelope = queue_file.read(message(tmp_path / "q"))

    bob, eve = envelope.recipients
    assert (bob.address, bob.original, bob.notify) == (
        "bob@example.test",
        "bob",
        Notify.SUCCESS,
    )
    assert bob.dsn_original == "rfc822;bob@example.test"
    assert (eve.address, eve.original, eve.notify) == ("eve@example.test", "", Notify.UNSET)
    assert (envelope.sender, envelope.arrival) == ("ann@example.test", 1000.5)


def test_a_done_recipient_is_not_tried_again(tmp_path):
    """After a crash only the others are."""
    path = message(tmp_path / "q")
    bob, _ = queue_file.read(path).recipients

    with path.open("r+b") as file:
        queue_file.mark_done(file.fileno(), bob.offset)

    assert [rcpt.done for rcpt in queue_file.read(path).recipients] == [True, False]


def test_marking_what_is_no_recipient_changes_nothing(tmp_path):
    """A wrong offset must not destroy a message."""
    path = message(tmp_path / "q")
    before = path.read_bytes()

    with path.open("r+b") as file, pytest.raises(CorruptQueueFile):
        queue_file.mark_done(file.fileno(), 0)
    assert path.read_bytes() == before


def test_content_comes_back_as_it_went_in(tmp_path):
    """Lines longer than a record are joined again."""
    path = message(tmp_path / "q")

    assert queue_file.content(path) == b"Subject: x\n\n" + b"long " * 1000 + b"\nend\n"


def test_a_file_without_end_is_corrupt(tmp_path):
    """Its writer died; whoever sent it was never told that we have it."""
    with pytest.raises(CorruptQueueFile, match="no end record"):
        queue_file.read(message(tmp_path / "q", end=False))


@pytest.mark.parametrize("cut", [1, 50, 97, 130, 200])
def test_a_file_cut_short_anywhere_is_corrupt(tmp_path, cut):
    """No prefix of a message passes for a message."""
    path = message(tmp_path / "q")
    os.truncate(path, cut)

    with pytest.raises(CorruptQueueFile):
        queue_file.read(path)


def test_an_impossible_length_ends_in_an_error_not_in_a_loop():
    """A length may not go on for ever."""
    with pytest.raises(CorruptQueueFile):
        list(queue_file.decode(b"N" + b"\xff" * 50))


@pytest.mark.parametrize("seed", range(200))
def test_a_damaged_file_is_corrupt_or_still_a_message(tmp_path, seed):
    """Whatever a disk does, nobody who reads the queue may crash."""
    path, chance = message(tmp_path / "q"), random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(3):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)

    with contextlib.suppress(CorruptQueueFile):
        envelope = queue_file.read(path)
        assert len(envelope.recipients) <= len(data)
        queue_file.content(path)
