"""Anybody may write into maildrop: pickup(8) survives whatever is there."""

import contextlib
import os

from hypothesis import given, settings
from hypothesis import strategies as st

from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, encode
from labctl.node.mta.pickup.drop_file import ALLOWED, parse

STATUS = os.stat("/")
RECORD = st.builds(
    encode,
    st.sampled_from([*b"CTcFILSDRO/WAK>fdMNXEw<ionVqp"]),
    st.one_of(
        st.binary(max_size=30),
        st.sampled_from(
            [b"", b"0 0", b"999999999999999999999", b"rewrite_context=local", b"a=b"]
        ),
    ),
)
DROP = st.one_of(
    st.binary(max_size=200),
    st.lists(RECORD, max_size=12).map(b"".join),
    st.tuples(st.lists(RECORD, max_size=8), st.lists(RECORD, max_size=8)).map(
        lambda parts: b"".join(parts[0]) + b"M\0" + b"".join(parts[1]) + b"X\0E\0"
    ),
)


@settings(max_examples=200, deadline=None)
@given(DROP)
def test_a_file_is_understood_or_set_aside(data):
    """A crash here would stop the mail of all local users."""
    # What pickup catches; the file goes to corrupt/.
    with contextlib.suppress(CorruptQueueFile, ValueError):
        drop = parse(data, STATUS, mail_owner=-1)
        assert isinstance(drop.sender, str)
        assert isinstance(drop.first_line, bytes)
        assert {record.kind for record in drop.envelope} <= ALLOWED
