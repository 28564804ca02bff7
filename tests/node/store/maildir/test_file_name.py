"""Flags and keywords in the names of message files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labctl.node.store import flags as flag
from labctl.node.store.maildir.file_name import flags_of, unique_of, with_flags

ROWS = [
    ("1.a.h", (0, 0)),
    ("1.a.h:2,", (0, 0)),
    ("1.a.h:2,FS", (flag.FLAGGED | flag.SEEN, 0)),
    ("1.a.h:2,DRT", (flag.DRAFT | flag.ANSWERED | flag.DELETED, 0)),
    ("1.a.h:2,Sac", (flag.SEEN, 0b101)),
    ("1.a.h:1,experimental", (0, 0)),
]


@pytest.mark.parametrize(("name", "flags"), ROWS)
def test_flags_are_read_from_the_name(name, flags):
    """https://cr.yp.to/proto/maildir.html."""
    assert flags_of(name) == flags


@given(st.integers(0, 31), st.integers(0, 2**26 - 1), st.text("abS,.F", min_size=1))
def test_what_is_written_is_read(flags, keywords, unique):
    """And what is unique stays."""
    name = with_flags(f"{unique}:2,SD", flags, keywords)

    assert (flags_of(name), unique_of(name)) == ((flags, keywords), unique)
    assert sorted(name.partition(":2,")[2]) == list(name.partition(":2,")[2])
