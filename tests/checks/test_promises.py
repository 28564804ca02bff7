"""What a promise about a message says, and what is written for it."""

from email import message_from_string

import pytest

from labctl.checks.post import Letter, compose
from labctl.checks.promises import matches
from labctl.checks.web import what_is_wrong

FEED = """\
<?xml version="1.0"?>
<rss version="2.0"><channel><title>x</title><link>http://x.test/</link><description/>
<item><title>a</title></item>
</channel></rss>
"""


@pytest.mark.parametrize(
    ("pattern", "text", "same"),
    [
        pytest.param("550 5.1.1", "550 5.1.1", True, id="the same"),
        pytest.param("550 5.1.1", "550 5.1.10", False, id="all of it"),
        pytest.param("relay=mx[*]:25", "relay=mx[198.18.0.2]:25", True, id="brackets are text"),
        pytest.param("a*c", "a b\nc", True, id="any text"),
        pytest.param("<{token}@x>", "<probe-1@x>", True, id="the token"),
        pytest.param("a.c", "abc", False, id="no regular expression"),
    ],
)
def test_a_promise_is_a_text_with_gaps(pattern, text, same):
    """What one copies from a log must not need escaping."""
    assert matches(pattern, text, "probe-1") is same


def test_a_letter_has_the_fields_that_were_asked_for():
    """A field of the author's replaces the one that every letter has."""
    letter = Letter(
        "expect.x", "mx", "", "ann@example.test", "bob@example.test",
        headers=("From: eve@example.test", "List-Id: <x>"), body="number {token}",
    )  # fmt: skip

    message = message_from_string(compose(letter, "probe-1"))

    assert message["From"] == "eve@example.test"
    assert message["List-Id"] == "<x>"
    assert message["Message-ID"] == "<probe-1@example.test>"
    assert message.get_payload() == "number probe-1\n"


def test_an_attachment_is_a_part_of_its_own():
    """mime_header_checks look at the headers of parts."""
    letter = Letter(
        "expect.x", "mx", "", "ann@example.test", "bob@example.test", attachment="a.exe"
    )

    text, file = message_from_string(compose(letter, "probe-1")).get_payload()

    assert text.get_content_type() == "text/plain"
    assert file.get_filename() == "a.exe"


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        pytest.param(FEED, "", id="a feed"),
        pytest.param("<p>Tom & Jerry", "", id="no XML, and says so"),
        pytest.param(FEED.replace(">a<", ">a & b<"), "no XML", id="a bare ampersand"),
        pytest.param(FEED.replace("<title>x</title>", ""), "without title", id="no title"),
        pytest.param(FEED.replace("<title>a</title>", ""), "an item", id="an empty item"),
        pytest.param('<?xml version="1.0"?><rss/>', "without a channel", id="no channel"),
    ],
)
def test_a_feed_is_what_readers_take(page, wrong):
    """A browser shows half a feed without a word."""
    said = what_is_wrong(page)

    assert wrong in said
    assert bool(said) is bool(wrong)
