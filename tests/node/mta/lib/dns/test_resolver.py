"""The ways of having no answer, told apart."""

from __future__ import annotations

import pytest

from labctl.node.mta.lib.dns import resolv_conf
from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind, Mx, Resolver, reverse_name
from labctl.node.mta.lib.dns.transport import Outcome, Reply

ZONE = {
    ("a.test", "MX"): Reply(Outcome.ANSWERED, ((20, "backup.a.test"), (10, "mail.a.test"))),
    ("odd.test", "MX"): Reply(Outcome.ANSWERED, ((20, "a*b.test"), (10, "198.18.0.10"))),
    ("null.test", "MX"): Reply(Outcome.ANSWERED, ((0, ""),)),
    ("mail.a.test", "A"): Reply(Outcome.ANSWERED, ((0, "198.18.0.10"),)),
    ("mail.a.test", "AAAA"): Reply(Outcome.NO_RECORDS),
    ("slow.test", "A"): Reply(Outcome.NO_REPLY),
    ("slow.test", "AAAA"): Reply(Outcome.NO_RECORDS),
}


def answer(
    name: str, kind: str, options: resolv_conf.ResolverOptions, deadline: float
) -> Reply:
    return ZONE.get((name, kind), Reply(Outcome.NO_SUCH_NAME))


RESOLVER = Resolver(ask=answer)


def test_an_exchanger_that_is_no_name_is_complained_about():
    """RFC 5321 5.1 wants names; an address is used all the same, rubbish is not."""
    heard: list[str] = []
    found = Resolver(ask=answer, warn=heard.append).mx("odd.test")

    assert found == (Mx(10, "198.18.0.10"),)
    assert heard == [
        "numeric domain name in resource data of MX record for odd.test: 198.18.0.10",
        "malformed domain name in resource data of MX record for odd.test: a*b.test",
    ]


def test_mail_exchangers_come_best_first():
    """RFC 5321 5.1: the lowest preference is tried first."""
    assert RESOLVER.mx("a.test") == (Mx(10, "mail.a.test"), Mx(20, "backup.a.test"))


def test_addresses_of_one_family_are_enough():
    """Most hosts have no IPv6 address."""
    assert RESOLVER.addresses("mail.a.test") == ("198.18.0.10",)


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("nowhere.test", Kind.NOT_FOUND),
        ("null.test", Kind.NULL_MX),
        ("bad..name", Kind.NOT_FOUND),
    ],
)
def test_a_domain_without_mail_says_why(domain: str, kind: Kind):
    """The bounce quotes it."""
    with pytest.raises(DnsFailure) as failure:
        RESOLVER.mx(domain)
    assert failure.value.kind is kind
    assert not failure.value.is_temporary


def test_silence_is_temporary_even_when_the_other_family_knows():
    """A mail must not bounce because one answer was lost."""
    with pytest.raises(DnsFailure) as failure:
        RESOLVER.addresses("slow.test")
    assert failure.value.is_temporary
    assert str(failure.value) == (
        "Host or domain name not found. "
        "Name service error for name=slow.test type=A: Host not found, try again"
    )


def test_reverse_names_are_those_of_the_standards():
    """RFC 1035 3.5 and RFC 3596 2.5."""
    assert reverse_name("198.18.0.10") == "10.0.18.198.in-addr.arpa"
    assert reverse_name("2001:db8::1").startswith("1.0.0.0.")


def test_resolv_conf_says_how_patient_to_be():
    """The lab's resolv.conf has timeout:1 attempts:1."""
    options = resolv_conf.parse(
        ["# lab", "nameserver 198.18.0.2", "options timeout:1 attempts:1 rotate"]
    )

    assert options == resolv_conf.ResolverOptions(("198.18.0.2",), 1.0, 1)
