"""maildrop files come from anybody: what is believed of them."""

import os

import pytest

from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Size
from labctl.node.mta.pickup.drop_file import is_ready, parse

TAIL = (
    queue_file.encode(queue_file.CONTENT)
    + queue_file.encode_lines(b"Subject: x\n\nhello\n")
    + queue_file.encode(queue_file.EXTRACTED)
    + queue_file.encode(queue_file.RECIPIENT, b"copy@example.test")
    + queue_file.encode(queue_file.END)
)


def status(tmp_path, mode=0o744):
    path = tmp_path / "drop"
    path.touch()
    path.chmod(mode)
    return os.stat(path)


def test_a_user_cannot_claim_to_be_an_smtp_client(tmp_path):
    """Such attributes decide on relaying and on log lines."""
    data = (
        queue_file.encode_attribute("client_address", "198.18.0.1")
        + queue_file.encode_attribute("envelope_id", "x")
        + queue_file.encode(queue_file.REDIRECT, b"eve@example.test")
        + TAIL
    )

    drop = parse(data, status(tmp_path))

    assert [item.data for item in drop.envelope] == [b"envelope_id=x"]


def test_a_requeued_message_keeps_who_is_not_done(tmp_path):
    """postsuper -r must not deliver twice to those who have it."""
    owner = status(tmp_path)
    data = (
        queue_file.encode_size(Size(1, 1, 1, 0, 1, 0))
        + queue_file.encode(queue_file.ORIGINAL_RECIPIENT, b"list")
        + queue_file.encode(queue_file.DONE, b"bob@example.test")
        + queue_file.encode(queue_file.ORIGINAL_RECIPIENT, b"team")
        + queue_file.encode(queue_file.RECIPIENT, b"eve@example.test")
        + TAIL
    )

    drop = parse(data, owner, mail_owner=owner.st_uid)

    assert [item.data for item in drop.envelope] == [
        b"team",
        b"eve@example.test",
        b"copy@example.test",
    ]


def test_recipients_after_the_content_are_for_the_mail_system_only(tmp_path):
    """In a user's file that segment means nothing."""
    assert parse(TAIL, status(tmp_path)).envelope == ()


@pytest.mark.parametrize("length", [0, 1, 2, 10, 20, len(TAIL) - 1])
def test_a_file_that_is_cut_short_is_corrupt(tmp_path, length):
    """It goes to corrupt/ and does not stop the others."""
    with pytest.raises(CorruptQueueFile):
        parse(TAIL[:length], status(tmp_path))


def test_only_a_complete_file_with_one_name_is_ready(tmp_path):
    """With a second name somebody could change what we have looked at."""
    assert is_ready(status(tmp_path))
    os.link(tmp_path / "drop", tmp_path / "second")
    assert not is_ready(os.stat(tmp_path / "drop"))
    assert not is_ready(os.stat(tmp_path))


def test_a_file_that_is_still_written_is_left_alone(tmp_path):
    """Its writer sets the bit when all of it is there."""
    assert not is_ready(status(tmp_path, 0o600))
