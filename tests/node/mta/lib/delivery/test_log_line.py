"""The line that every log reader knows."""

import pytest

from labctl.node.mta.lib.delivery.log_line import Hop, delivery_line, format_delay
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.delivery_request import Times


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0"),
        (-1, "0"),
        (0.004, "0"),
        (0.123, "0.12"),
        (0.1, "0.1"),
        (1.53, "1.5"),
        (12.6, "13"),
    ],
)
def test_delays_have_two_digits(seconds, text):
    """delay_logging_resolution_limit = 2."""
    assert format_delay(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "finest", "text"),
    [
        (0.00961, 6, "0.0096"),
        (0.0574, 6, "0.057"),
        (0.0000004, 6, "0"),
        (1.53, 6, "1.5"),
        (0.57, 0, "1"),
        (0.57, 1, "0.6"),
    ],
)
def test_delays_are_as_fine_as_main_cf_says(seconds, finest, text):
    """delay_logging_resolution_limit from 0 to 6."""
    assert format_delay(seconds, finest) == text


def test_the_line_of_a_delivery():
    """The words and their order are an interface."""
    rcpt = Recipient("a b@example.test", "alias@example.test")
    hop = Hop("mx[198.18.0.9]:25", connected=103.0, uses=2)
    line = delivery_line(
        "ABC", rcpt, hop, Times(100, 101, 102), now=104.5, result="dsn=2.0.0, status=sent (ok)"
    )

    assert line == (
        'ABC: to=<"a b"@example.test>, orig_to=<alias@example.test>, relay=mx[198.18.0.9]:25,'
        " conn_use=2, delay=4.5, delays=1/1/1/1.5, dsn=2.0.0, status=sent (ok)"
    )


def test_a_change_of_case_is_no_alias():
    """orig_to= is for addresses that became others."""
    rcpt = Recipient("bob@example.test", "BOB@example.test")

    assert "orig_to" not in delivery_line("A", rcpt, Hop(), Times(0, 0, 0), now=0, result="")
