"""Appending to mbox files: the bytes, and what is left when it goes wrong."""

import os

import pytest

from labctl.node.store.locking import LockPolicy, dotlock
from labctl.node.store.mbox.delivery import CannotDeliver, Options, append, mbox_message

MESSAGE = b"From ann@example.test  Sun Nov 22 10:47:40 2026\nSubject: x\n\nx\n\n"


def test_lines_that_look_like_the_start_of_a_message_are_quoted():
    """A reader would otherwise see two messages where one was sent."""
    data = mbox_message(b"From ann", b"Return-Path: <ann>\n", b"Subject: x\n\nFrom me\n")

    assert data == b"From ann\nReturn-Path: <ann>\nSubject: x\n\n>From me\n\n"


def test_a_message_without_a_last_line_end_gets_one():
    """The next From line must begin a line."""
    assert mbox_message(b"From ann", b"", b"\nend").endswith(b"end\n\n")


def test_a_new_mailbox_belongs_to_its_owner_alone(tmp_path):
    """Mail is private from the first message on."""
    append(str(tmp_path / "bob"), MESSAGE)

    assert (tmp_path / "bob").read_bytes() == MESSAGE
    assert os.stat(tmp_path / "bob").st_mode & 0o777 == 0o600


def test_a_message_that_does_not_fit_leaves_the_mailbox_as_it_was(tmp_path):
    """Half a message would corrupt the mailbox for every reader."""
    mailbox = tmp_path / "bob"
    append(str(mailbox), MESSAGE)
    with pytest.raises(CannotDeliver) as failure:
        append(str(mailbox), MESSAGE, Options(size_limit=len(MESSAGE) + 10))

    assert failure.value.reason == "error writing message: File too large"
    assert mailbox.read_bytes() == MESSAGE


@pytest.mark.parametrize(
    ("plant", "reason"),
    [
        pytest.param(os.symlink, "file is a symbolic link", id="symbolic link"),
        pytest.param(os.link, "file has 2 hard links", id="hard link"),
    ],
)
def test_a_planted_link_is_refused(tmp_path, plant, reason):
    """Whoever may write in the spool directory could point us at any file."""
    tmp_path.chmod(0o1777)
    (tmp_path / "victim").touch()
    plant(tmp_path / "victim", tmp_path / "bob")
    with pytest.raises(CannotDeliver) as failure:
        append(str(tmp_path / "bob"), MESSAGE)

    assert failure.value.reason == reason
    assert (tmp_path / "victim").read_bytes() == b""


def test_a_mailbox_that_somebody_holds_is_busy_not_broken(tmp_path):
    """The delivery is tried again later; nothing was wrong with the message."""
    mailbox = str(tmp_path / "bob")
    policy = LockPolicy(attempts=1, delay=0.01)
    with dotlock(mailbox), pytest.raises(CannotDeliver) as failure:
        append(mailbox, MESSAGE, Options(lock=policy))

    assert failure.value.reason == f"unable to create lock file {mailbox}.lock: File exists"
    assert not os.path.exists(mailbox)


def test_a_device_gets_the_message_without_locks():
    """/dev/null in an alias is how postmasters throw mail away."""
    append("/dev/null", MESSAGE, Options(only_regular=False))

    assert not os.path.exists("/dev/null.lock")
