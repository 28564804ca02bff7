"""formail as scripts use it."""

import pytest

from labctl.node.procmail.formail import change, parse, split

TEXT = """\
From ann@x.test  now
From: Ann <ann@x.test>
Subject: a
 b
Message-Id: <1@x>

From me
"""


@pytest.mark.parametrize(
    ("words", "output"),
    [
        pytest.param(["-xSubject:"], " a\n b\n", id="x is the value"),
        pytest.param(["-zxSubject:"], "a\n b\n", id="z takes the space away"),
        pytest.param(
            ["-cXSubject"], "Subject: a  b\n", id="X is the field, c makes it one line"
        ),
        pytest.param(
            ["-rk"],
            "To: ann@x.test\nSubject: Re: a\n b\nReferences: <1@x>\nIn-Reply-To: <1@x>\n\n"
            ">>From me\n\n",
            id="r is an answer",
        ),
    ],
)
def test_what_comes_out(words, output):
    """The pieces that shell scripts cut out of a message."""
    assert change(TEXT, parse(words)) == output


@pytest.mark.parametrize(
    ("words", "header"),
    [
        pytest.param(["-I", "Subject: c"], "Message-Id: <1@x>\nSubject: c\n", id="I replaces"),
        pytest.param(
            ["-I", "Subject"], "From: Ann <ann@x.test>\nMessage-Id: <1@x>\n", id="I deletes"
        ),
        pytest.param(["-i", "Subject: c"], "Old-Subject: a\n b\n", id="i keeps the old one"),
        pytest.param(
            ["-a", "Subject: c"], "Message-Id: <1@x>\n\n", id="a adds what is missing"
        ),
        pytest.param(["-A", "X: y"], "Message-Id: <1@x>\nX: y\n\n", id="A adds"),
        pytest.param(["-R", "Subject", "X"], "X: a\n b\n", id="R renames"),
    ],
)
def test_header_changes(words, header):
    """Filters of procmail recipes are mostly one formail."""
    assert header in change(TEXT, parse(words))


def test_a_mailbox_is_split_at_from_lines_behind_empty_lines():
    """A From in a text is no new message."""
    assert split("From a\n\nx\nFrom b\n\nFrom c\n\ny\n", parse(["-s"])) == [
        "From a\n\nx\nFrom b\n\n",
        "From c\n\ny\n",
    ]
