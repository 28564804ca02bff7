"""Addresses in brackets: what is said of those that are none."""

import pytest

from labctl.node.mta.rewrite.literals import complaint


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("[198.18.0.1]", ""),
        ("[0.0.0.0]", ""),
        ("[IPv6:::1]", ""),
        ("[bad]", "valid_ipv4_hostaddr: invalid character 98(decimal): bad"),
        ("[::1]", "valid_ipv4_hostaddr: invalid character 58(decimal): ::1"),
        ("[]", "valid_ipv4_hostaddr: invalid octet count: "),
        ("[1.2.3]", "valid_ipv4_hostaddr: invalid octet count: 1.2.3"),
        ("[1.2.3.400]", "valid_ipv4_hostaddr: invalid octet value: 1.2.3.400"),
        ("[0.2.3.4]", "valid_ipv4_hostaddr: bad initial octet value: 0.2.3.4"),
        pytest.param(
            f"[{'9' * 5000}]",
            f"valid_ipv4_hostaddr: invalid octet value: {'9' * 100}",
            id="more digits than int() takes",
        ),
        ("[1..3.4]", "valid_ipv4_hostaddr: misplaced dot: 1..3.4"),
        ("[1.2.3.]", "valid_ipv4_hostaddr: misplaced dot: 1.2.3."),
        (
            "[IPv6:zz]",
            "valid_ipv6_hostaddr: invalid character 122(decimal) in IPv6 address: zz",
        ),
        ("[IPv6:]", "valid_ipv6_hostaddr: too few `:' in IPv6 address: "),
    ],
)
def test_what_is_wrong_with_a_literal_is_said(literal, expected):
    """Who forgot a number sees which, and not only that the address is refused."""
    assert complaint(literal) == expected
