"""Delivery status values."""

import pytest

from labctl.node.mta.lib.queue.dsn import Notify, failed, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("5.7.1 go away", ("5.7.1", "go away"), id="code and text"),
        pytest.param("go away", ("4.3.0", "go away"), id="no code"),
        pytest.param("5.7.1", ("5.7.1", ""), id="code only"),
        pytest.param("5.7.1x", ("4.3.0", "5.7.1x"), id="glued"),
        pytest.param("3.0.0 odd", ("4.3.0", "3.0.0 odd"), id="no such class"),
    ],
)
def test_the_code_comes_off_the_front_of_a_text(text, expected):
    """Tables and commands may put one there."""
    assert split(text, "4.3.0") == expected


def test_never_excludes_other_notifications():
    """RFC 3461 4.1."""
    assert Notify.parse("success,DELAY") == Notify.SUCCESS | Notify.DELAY
    with pytest.raises(ValueError, match="NEVER"):
        Notify.parse("NEVER,DELAY")


def test_soft_bounce_makes_a_failure_temporary():
    """postconf(5) soft_bounce keeps the mail in the queue."""
    assert failed("no such user", "5.1.1").softened().status == "4.1.1"
