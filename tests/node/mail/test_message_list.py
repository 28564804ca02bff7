"""Message lists of mail(1)."""

import pytest

from labctl.node.mail.message_list import BadList, numbers

THERE = [True, True, False, True]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", [1], id="nothing is the dot"),
        pytest.param("1 4", [0, 3], id="numbers"),
        pytest.param("2-$", [1, 2, 3], id="a range to the last"),
        pytest.param("*", [0, 1, 3], id="all that is not deleted"),
        pytest.param("^ .", [0, 1], id="the first and the dot"),
    ],
)
def test_messages_are_named_by_lists(text, found):
    """`d 1-3` is less to type than three times d."""
    assert numbers(text, 1, THERE) == found


@pytest.mark.parametrize("word", ["0", "5", "x", "1-9", "--"])
def test_what_is_not_there_is_refused(word):
    """A typing error must not delete another message."""
    with pytest.raises(BadList, match="Invalid message number"):
        numbers(word, 0, THERE)
