"""Header lines: what is one, and which."""

import pytest

from labctl.node.wire import headers


@pytest.mark.parametrize(
    ("line", "length"),
    [
        pytest.param(b"Subject: x", 7, id="a header"),
        pytest.param(b"Subject : x", 7, id="obsolete space before the colon"),
        pytest.param(b"not a header at all", 0, id="no colon"),
        pytest.param(b": nameless", 0, id="empty name"),
        pytest.param(b"two words: x", 0, id="space in the name"),
        pytest.param(b" folded: x", 0, id="continuation"),
    ],
)
def test_a_name_is_printable_and_ends_at_the_colon(line, length):
    """A body line that looks like a header must not be rewritten, and the other way round."""
    assert headers.name_length(line) == length


def test_obsolete_space_before_the_colon_goes_away():
    """Tables of the administrator are written for ``Name: value``."""
    assert headers.without_space_before_colon(b"X-Space \t: value") == b"X-Space: value"
