"""Which hosts are tried, in which order, against a zone that fits on a page."""

import pytest

from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind, Mx
from labctl.node.mta.smtp.hosts.finder import Finder, NoHosts
from labctl.node.mta.smtp.hosts.lookup import is_literal
from labctl.node.mta.smtp.hosts.nexthop import parse
from labctl.node.mta.smtp.hosts.order import Order, family, leave

OWN = "198.18.0.1"
MX = {
    "pref.test": (Mx(20, "second.test"), Mx(10, "first.test")),
    "backup.test": (Mx(10, "first.test"), Mx(20, "me.test"), Mx(20, "second.test")),
    "loop.test": (Mx(10, "me.test"), Mx(20, "second.test")),
    "broken.test": (Mx(10, "missing.test"),),
    "half.test": (Mx(10, "sick.test"), Mx(20, "missing.test")),
    "number.test": (Mx(10, "198.18.0.14"),),
    "many.test": (Mx(10, "many.many.test"),),
}
ADDRESSES = {
    "first.test": ("198.18.0.11",),
    "second.test": ("198.18.0.12",),
    "me.test": (OWN,),
    "plain.test": ("198.18.0.13",),
    "many.many.test": ("198.18.0.15", "198.18.0.16", "2001:db8::7", "198.18.0.17"),
}


class Zone:
    """A lookup without a network."""

    def addresses(self, name):
        if is_literal(name):
            return (name,)
        if name == "sick.test":
            raise DnsFailure(Kind.TRY_AGAIN, name, "A")
        if name not in ADDRESSES:
            raise DnsFailure(Kind.NOT_FOUND, name, "A")
        return ADDRESSES[name]

    def mx(self, domain):
        if domain == "null.test":
            text = "Domain null.test does not accept mail (nullMX)"
            raise DnsFailure(Kind.NULL_MX, domain, "MX", text)
        if domain == "sick.test":
            raise DnsFailure(Kind.TRY_AGAIN, domain, "MX")
        return MX.get(domain)


class Ear:
    """Whoever reads the log."""

    def __init__(self, heard):
        self.warning = heard.append


def hosts(nexthop, warnings=None, *, limit=5, detect_loops=True):
    heard = warnings if warnings is not None else []
    wanted = Order(leave, limit=limit)
    finder = Finder(Zone(), frozenset({OWN}), Ear(heard), wanted)
    return finder.find(parse(nexthop), 25, detect_loops=detect_loops)


def find(nexthop, warnings=None, **options):
    return [host.name for host in hosts(nexthop, warnings, **options).hosts]


def reason(nexthop):
    with pytest.raises(NoHosts) as caught:
        find(nexthop)
    return caught.value.status.status, caught.value.status.reason


def test_the_lowest_preference_comes_first():
    """RFC 5321 5.1."""
    assert find("pref.test") == ["first.test", "second.test"]


def test_without_mx_the_name_itself_is_the_host():
    """RFC 5321 5.1: the implicit MX."""
    assert find("plain.test") == ["plain.test"]


def test_brackets_ask_for_addresses_only():
    """[host] goes to the host, whatever its MX says; and literals need no lookup."""
    assert find("[second.test]") == ["second.test"]
    assert find("[198.18.0.77]:25") == ["198.18.0.77"]


def test_a_backup_gives_mail_only_to_better_hosts():
    """Hosts as good as ourselves are left out: else two backups play ping-pong."""
    assert find("backup.test") == ["first.test"]


def test_the_best_host_being_ourselves_is_a_loop():
    """Mail for a domain whose MX we are, but which we do not know."""
    assert reason("loop.test") == ("5.4.6", "mail for loop.test loops back to myself")


def test_a_null_mx_takes_no_mail():
    """RFC 7505."""
    assert reason("null.test") == ("5.1.0", "Domain null.test does not accept mail (nullMX)")


def test_a_name_server_in_trouble_is_asked_again_later():
    """SERVFAIL must not bounce mail."""
    assert reason("sick.test")[0] == "4.4.3"


def test_mx_records_that_lead_nowhere_are_the_fault_of_their_owner():
    """The last failure is the reason, and the log warns."""
    warnings = []
    with pytest.raises(NoHosts) as caught:
        find("broken.test", warnings)

    assert caught.value.status.status == "5.4.4"
    assert "name=missing.test type=A: Host not found" in caught.value.status.reason
    assert warnings == ["no MX host for broken.test has a valid address record"]


def test_a_backup_does_not_give_mail_to_fallbacks():
    """A host that is no MX at all knows even less than we do."""
    assert hosts("backup.test").we_are_backup
    assert not hosts("pref.test").we_are_backup


def test_a_host_that_may_have_an_address_tomorrow_leaves_hope():
    """The last word is permanent, the sum of all words is not."""
    assert reason("half.test")[0] == "4.4.4"


def test_an_address_in_an_mx_record_works_and_is_told():
    """RFC 5321 5.1 wants a name; Postfix goes there and says so in the log."""
    warnings = []

    assert find("number.test", warnings) == ["198.18.0.14"]
    assert warnings == [
        "numeric domain name in resource data of MX record for number.test: 198.18.0.14"
    ]


def test_ourselves_on_another_port_is_no_loop():
    """A content filter may well be this very machine."""
    assert find("loop.test", detect_loops=False) == ["me.test", "second.test"]


def test_the_limit_leaves_room_for_both_families():
    """smtp_balance_inet_protocols: one family without a route must not use up all tries."""
    found = [host.address for host in hosts("many.test", limit=2).hosts]

    assert found == ["198.18.0.15", "2001:db8::7"]


@pytest.mark.parametrize(
    ("preference", "first"), [("ipv4", "198.18.0.1"), ("ipv6", "2001:db8::1")]
)
def test_the_preferred_family_comes_first(preference, first):
    """smtp_address_preference."""
    wanted = Order(leave, preference)

    assert wanted.preferred(["2001:db8::1", "198.18.0.1"])[0] == first
    assert wanted.limited(["198.18.0.1"] * 9, family) == ["198.18.0.1"] * 5
