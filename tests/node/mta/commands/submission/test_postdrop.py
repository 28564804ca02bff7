"""postdrop(1): what users may put into the queue, and what they may not."""

import os

import pytest

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.commands.submission.postdrop import Postdrop
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.queue_file import encode

MESSAGE = [(b"S", b"ann"), (b"R", b"bob"), (b"M", b""), (b"N", b"Subject: x"), (b"X", b"")]


@pytest.fixture
def drop(tmp_path, capsysbinary):
    (tmp_path / "maildrop").mkdir()

    def drop(records, limit="0"):
        config = Config({"queue_directory": str(tmp_path), "message_size_limit": limit})
        data = b"".join(encode(kind[0], text) for kind, text in records)
        status = Postdrop(config, Log("postdrop", path=os.devnull)).run(data)
        said = capsysbinary.readouterr()
        return (
            status,
            said.out.split(b"\0"),
            said.err.decode(),
            os.listdir(tmp_path / "maildrop"),
        )

    return drop


def test_a_complete_message_is_left_for_pickup(drop):
    """The answer has the id before the end, so that the caller may log it."""
    status, answer, _, files = drop([*MESSAGE, (b"E", b"")])

    assert status == 0
    assert answer[:4] == [b"protocol", b"postdrop_protocol", b"queue_id", files[0].encode()]
    assert answer[5:7] == [b"status", b"0"]


def test_a_message_that_ends_early_never_was(drop):
    """A caller that dies in the middle must not leave half a message behind."""
    assert drop(MESSAGE)[3] == []
    assert drop([])[0] == 0


def test_a_message_for_nobody_is_refused(drop):
    """Better now than in a log that nobody reads."""
    without_recipient = [record for record in MESSAGE if record[0] != b"R"]
    status, _, _, files = drop([*without_recipient, (b"E", b"")])

    assert (status, files) == (1, [])


@pytest.mark.parametrize("kind", [b"D", b"C", b"p", b"N", b"E"])
def test_records_that_users_may_not_write_end_it(drop, kind):
    """A recipient marked as done, or a size record, would fool the queue manager."""
    with pytest.raises(Fatal, match=f"unexpected record type: {kind[0]}"):
        drop([(kind, b"x"), *MESSAGE, (b"E", b"")])


def test_attributes_of_other_programs_are_left_out(drop, tmp_path):
    """A user must not claim to be an SMTP client."""
    attributes = [(b"A", b"client_name=x"), (b"A", b"encoding=8bit")]
    said = drop([*attributes, *MESSAGE, (b"E", b"")])[2]
    (file,) = (tmp_path / "maildrop").iterdir()

    assert b"client_name" not in file.read_bytes()
    assert b"encoding=8bit" in file.read_bytes()
    assert "ignoring attribute record: client_name=x" in said


def test_a_message_over_the_limit_is_taken_back(drop):
    """postconf(5) message_size_limit holds for users too."""
    status, _, said, files = drop(
        [*MESSAGE[:3], (b"N", b"x" * 500), *MESSAGE[4:], (b"E", b"")], "300"
    )

    assert (status, files) == (4, [])
    assert "File too large" in said
