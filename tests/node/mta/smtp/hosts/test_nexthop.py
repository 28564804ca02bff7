"""Next hops as transport(5) and relayhost write them."""

import pytest

from labctl.node.mta.smtp.hosts.nexthop import Nexthop, parse, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.test", Nexthop("example.test", "25", use_mx=True)),
        ("example.test:2525", Nexthop("example.test", "2525", use_mx=True)),
        ("[mx.example.test]", Nexthop("mx.example.test", "25", use_mx=False)),
        ("[198.18.0.1]:smtp", Nexthop("198.18.0.1", "smtp", use_mx=False)),
        ("[ipv6:2001:db8::1]:26", Nexthop("2001:db8::1", "26", use_mx=False)),
    ],
)
def test_brackets_turn_mx_off(text, expected):
    """[host] means this host and no other."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unix:private/lmtp", Nexthop("", "", use_mx=False, path="private/lmtp")),
        ("inet:mail.example.test", Nexthop("mail.example.test", "24", use_mx=False)),
    ],
)
def test_lmtp_has_sockets_and_a_port_of_its_own(text, expected):
    """lmtp(8): unix:path or inet:host:port, never MX."""
    assert parse(text, lmtp=True) == expected


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("[a.test], b.test:26  c.test", ["[a.test]", "b.test:26", "c.test"]),
        ("a.test", ["a.test"]),
        ("", [""]),
    ],
)
def test_several_next_hops_are_tried_in_their_order(text, members):
    """postconf(5) relayhost: commas or white space, as of Postfix 3.5."""
    assert split(text) == members
