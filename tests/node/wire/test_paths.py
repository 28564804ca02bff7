"""Paths in MAIL and RCPT, as clients write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labctl.node.wire import paths
from labctl.node.wire.paths import UnfinishedPath


@pytest.mark.parametrize(
    ("text", "path", "rest"),
    [
        ("<a@b> SIZE=1", "<a@b>", "SIZE=1"),
        ("a@b SIZE=1", "a@b", "SIZE=1"),
        ('<"x y"@b>', '<"x y"@b>', ""),
        ('<"x>y"@b> RET=HDRS', '<"x>y"@b>', "RET=HDRS"),
        ("<<a@b>>", "<<a@b>>", ""),
        ("<a@b>(c)", "<a@b>(c)", ""),
        ("ann: a@b;", "ann:", "a@b;"),
        ("<a@b>\tSIZE=1", "<a@b>", "SIZE=1"),
    ],
)
def test_a_path_ends_where_its_brackets_end(text, path, rest):
    """White space and brackets in quotes belong to the address."""
    assert paths.cut(text) == (path, rest)


@pytest.mark.parametrize("text", ["<a@b", '<"a@b>', "a<b", '"a', "<a\\"])
def test_an_open_path_is_malformed(text):
    """Guessing where an address ends would send mail to somebody else."""
    with pytest.raises(UnfinishedPath):
        paths.cut(text)


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("<>", ""),
        ("<ann@b.test>", "ann@b.test"),
        ("<<a@b>>", "a@b"),
        ("a@b>", "a@b"),
        ("<a(x)@b>", "a@b"),
        ('<"a b"@c>', "a b@c"),
        ("Ann <a@b>", "a@b"),
        ("<@a.test,@b.test:ann@c.test>", "ann@c.test"),
    ],
)
def test_the_address_in_a_path(path, address):
    """Old clients add names, comments and brackets that mean nothing."""
    assert paths.extract(path).address == address


@pytest.mark.parametrize("path", ["<a b@c>", "<a,b@c>", "<a@b> <c@d>", "a;b@c"])
def test_several_addresses_are_counted(path):
    """The reply is 501, not a delivery to half of what was meant."""
    assert paths.extract(path).number == 2


def test_what_is_more_than_an_address_is_noticed():
    """strict_rfc821_envelopes = yes refuses it."""
    assert paths.extract("<a@b>(c)").has_more
    assert paths.extract("Ann <a@b>").has_more
    assert not paths.extract("<<a@b>>").has_more


@given(st.text(alphabet='ab<>"\\ @.,:;()[]%!\t', max_size=30))
def test_nothing_that_a_client_writes_breaks_the_parser(text):
    """A path comes from strangers: it is taken, or refused, and nothing of it is lost."""
    try:
        path, rest = paths.cut(text.lstrip(" \t"))
    except UnfinishedPath:
        return
    paths.extract(path)

    assert text.lstrip(" \t").startswith(path)
    assert text.endswith(rest)
