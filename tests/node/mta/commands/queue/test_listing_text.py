"""The listing of mailq, which scripts everywhere parse."""

from labctl.node.mta.commands.queue.listing_text import listing
from labctl.node.mta.lib.queue.listing import Entry, Waiting, decode, encode

HELD = Entry(
    "hold",
    "0103720E0E5",
    0,
    257,
    False,
    "ann@example.test",
    (
        Waiting("bob@a.test", "connection refused"),
        Waiting("eve@a.test", "connection refused"),
        Waiting("joe@b.test"),
    ),
)


def test_an_empty_queue_says_so():
    """The one line that everybody waits for."""
    assert list(listing([])) == ["Mail queue is empty"]


def test_columns_marks_and_reasons():
    """A reason is shown once for the recipients that share it."""
    lines = list(listing([HELD]))

    assert lines[0] == "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------"
    assert lines[1].startswith("0103720E0E5!     257 Thu Jan  1 ")
    assert lines[1].endswith("  ann@example.test")
    assert lines[2] == " " * 58 + "(connection refused)"
    assert lines[3:] == [
        " " * 41 + "bob@a.test",
        " " * 41 + "eve@a.test",
        " " * 58 + "(reason unavailable)",
        " " * 41 + "joe@b.test",
        "",
        "-- 0 Kbytes in 1 Request.",
    ]


def test_json_goes_there_and_back():
    """showq and postqueue -j speak the same format."""
    assert decode(encode(HELD)) == HELD
