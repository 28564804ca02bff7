"""The separator line of mbox and its date."""

from __future__ import annotations

import pytest

from labctl.node.store.from_line import parse


@pytest.mark.parametrize(
    "line",
    [
        b"From a@b Mon Jan  5 10:00:00 2004\n",
        b"From a@b Mon Jan  5 10:00 2004\n",
        b"From a@b Mon Jan  5 10:00:00 +0100 2004\n",
        b"From a@b Mon Jan  5 10:00:00 MET 2004\n",
        b"From a@b Mon Jan  5 10:00:00 2004 -0700\n",
        b"From a@b Mon Jan  5 10:00:00 2004 remote from relay\n",
        b'From "odd sender"@b Mon Jan  5 10:00:00 2004\r\n',
    ],
)
def test_separators(line):
    """Thirty years of mail programs wrote these."""
    assert parse(line) is not None


@pytest.mark.parametrize(
    "line",
    [
        b"From here on it is text\n",
        b"From a@b Mon Jan  5 1004\n",
        b"From a@b Monday, 5 January 2004\n",
        b">From a@b Mon Jan  5 10:00:00 2004\n",
        b"From a@b Mon Foo  5 10:00:00 2004\n",
    ],
)
def test_text(line):
    """A sentence must not split a message."""
    assert parse(line) is None


def test_the_zone_of_the_line_is_kept():
    """APPEND gives a zone, and INTERNALDATE must show it again."""
    moment = parse(b"From a@b Wed Jul 17 02:44:25 1996 -0700\n")

    assert moment is not None
    assert moment.internal_date() == "17-Jul-1996 02:44:25 -0700"
    assert moment.epoch == 837596665
