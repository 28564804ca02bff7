"""Addresses as clients write them and as programs compare them."""

import pytest

from labctl.node.wire import addresses


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
