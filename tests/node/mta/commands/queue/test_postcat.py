"""postcat(1): queue files, and what is none."""

import time

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.queue import postcat
from labctl.node.mta.lib.queue.queue_file import Size, encode, encode_size

FILE = b"".join(
    [
        encode_size(Size(10, 0, 1, 0, 0, 0)),
        encode(ord("T"), b"100 5"),
        encode(ord("S"), b"ann"),
        encode(ord("R"), b"bob"),
        encode(ord("M")),
        encode(ord("N"), b"Subject: x"),
        encode(ord("N")),
        encode(ord("N"), b"text"),
        encode(ord("X")),
        encode(ord("E")),
    ]
)


@pytest.fixture
def show(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    def show(data, *options):
        path = tmp_path / "file"
        path.write_bytes(data)
        assert postcat.main(["postcat", *options, str(path)]) == 0
        said = capsys.readouterr()
        return said.out.replace(str(path), "F").splitlines() or said.err.replace(str(path), "F")

    yield show
    monkeypatch.undo()
    time.tzset()


def test_parts_are_shown_that_were_asked_for(show):
    """-b of a held message is what a student looks at first."""
    assert show(FILE, "-h") == ["Subject: x"]
    assert show(FILE, "-b") == ["", "text"]
    assert show(FILE, "-e")[2:] == [
        *("message_arrival_time: Thu Jan  1 00:01:40 1970", "sender: ann", "recipient: bob"),
        *(
            "*** MESSAGE CONTENTS F ***",
            "*** HEADER EXTRACTED F ***",
            "*** MESSAGE FILE END F ***",
        ),
    ]


def test_offsets_and_types_stand_before_a_record(show):
    """An offset is where a recipient is marked as done."""
    assert show(FILE, "-o", "-b") == ["      128 ", "      130 text"]
    assert show(FILE, "-d", "-b") == [" 78 ", " 78 text"]


def test_what_is_no_queue_file_is_left_alone(show):
    """Somebody may have given a mailbox."""
    assert show(b"junk\n") == "postcat: warning: F: input is not a valid queue file\n"
    assert show(b"") == ""


def test_a_file_that_ends_early_is_shown_as_far_as_it_goes(tmp_path, capsys):
    """After a full disk that is what one wants to see."""
    path = tmp_path / "file"
    path.write_bytes(FILE[:-6])

    with pytest.raises(Fatal, match="record read error"):
        postcat.main(["postcat", str(path)])
    assert "sender: ann\n" in capsys.readouterr().out
