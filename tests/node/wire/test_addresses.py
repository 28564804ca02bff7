"""Addresses as clients write them and as programs compare them."""

import pytest

from labctl.node.wire import addresses
from labctl.node.wire.addresses import MalformedPath


@pytest.mark.parametrize(
    ("internal", "external"),
    [
        ("ann@example.test", "ann@example.test"),
        ("ann smith@example.test", '"ann smith"@example.test'),
        ('a"b@example.test', '"a\\"b"@example.test'),
        ("a@b@example.test", '"a@b"@example.test'),
        ("jürgen@example.test", "jürgen@example.test"),
        ("", ""),
    ],
)
def test_both_forms_of_an_address(internal, external):
    """RFC 5322 3.4.1: what is no dot-atom is quoted, and nothing else."""
    assert addresses.external(internal) == external
    assert addresses.internal(external) == internal


@pytest.mark.parametrize(
    ("text", "path", "rest"),
    [
        ("<a@b> SIZE=1", "<a@b>", "SIZE=1"),
        ("a@b SIZE=1", "a@b", "SIZE=1"),
        ('<"x y"@b>', '<"x y"@b>', ""),
        ('<"x>y"@b> RET=HDRS', '<"x>y"@b>', "RET=HDRS"),
        ("<<a@b>>", "<<a@b>>", ""),
    ],
)
def test_a_path_ends_where_its_brackets_end(text, path, rest):
    """White space and brackets in quotes belong to the address."""
    assert addresses.cut_path(text) == (path, rest)


@pytest.mark.parametrize("text", ["<a@b", '<"a@b>', "a<b"])
def test_an_open_path_is_malformed(text):
    """Guessing where an address ends would send mail to somebody else."""
    with pytest.raises(MalformedPath):
        addresses.cut_path(text)


@pytest.mark.parametrize(
    ("path", "address"),
    [("<>", ""), ("<<a@b>>", "a@b"), ("<a(x)@b>", "a@b"), ('<"a b"@c>', "a b@c")],
)
def test_the_address_in_a_path(path, address):
    """Old clients add comments and brackets that mean nothing."""
    assert addresses.path_address(path) == address


@pytest.mark.parametrize("path", ["<a b@c>", "<a@@b>", "<a@>", "<a@b> <c@d>"])
def test_what_is_not_one_address(path):
    """The reply is 501, not a delivery to half of what was meant."""
    with pytest.raises(MalformedPath):
        addresses.path_address(path)


def test_source_routes_are_skipped():
    """RFC 5321 appendix C: they are accepted and ignored."""
    assert addresses.strip_route("@a.test,@b.test:ann@c.test") == "ann@c.test"
    assert addresses.strip_route("ann@c.test") == "ann@c.test"
