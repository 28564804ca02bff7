"""Which hosts are tried, in which order, against a zone that fits on a page."""

import pytest

from labctl.node.mta.lib.dns.resolver import DnsFailure, Kind, Mx
from labctl.node.mta.smtp.hosts import Finder, NoHosts
from labctl.node.mta.smtp.nexthop import parse

OWN = "198.18.0.1"
MX = {
    "pref.test": (Mx(20, "second.test"), Mx(10, "first.test")),
    "backup.test": (Mx(10, "first.test"), Mx(20, "me.test"), Mx(20, "second.test")),
    "loop.test": (Mx(10, "me.test"), Mx(20, "second.test")),
    "broken.test": (Mx(10, "missing.test"),),
}
ADDRESSES = {
    "first.test": ("198.18.0.11",),
    "second.test": ("198.18.0.12",),
    "me.test": (OWN,),
    "plain.test": ("198.18.0.13",),
}


def find(nexthop, warnings=None):
    def addresses(name):
        if name not in ADDRESSES:
            raise DnsFailure(Kind.NOT_FOUND, name, "A")
        return ADDRESSES[name]

    def mx(name):
        if name == "null.test":
            text = "Domain null.test does not accept mail (nullMX)"
            raise DnsFailure(Kind.NULL_MX, name, "MX", text)
        if name == "sick.test":
            raise DnsFailure(Kind.TRY_AGAIN, name, "MX")
        if name not in MX:
            raise DnsFailure(Kind.NO_DATA, name, "MX")
        return MX[name]

    heard = warnings if warnings is not None else []
    finder = Finder(addresses, mx, frozenset({OWN}), heard.append, shuffle=lambda _names: None)
    return [host.name for host in finder.find(parse(nexthop), 25, detect_loops=True)]


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
