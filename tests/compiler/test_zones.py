"""Zones of a lab."""

from ipaddress import IPv4Network

import dns.zone
import pytest

from labctl.compiler.addressing import assign
from labctl.compiler.lab import make_lab
from labctl.compiler.passes import compile_topology
from labctl.compiler.zones import reverse_zone, zones
from labctl.topology.load import load_text

TOPOLOGY = """
lab: school
nodes:
  ns:
    role: dns
    hostname: ns.infra.test
    zones:
      example.test: ["www CNAME mx", "@ MX 5 other.example.test."]
      extra.test: {ttl: 60, records: ["@ TXT hello"]}
  mx: {role: primary, hostname: mx.example.test, domains: [example.test]}
"""


def plan():
    return compile_topology(load_text(TOPOLOGY, "x.yml").topology)


def test_mail_domains_named_zones_and_parents_of_hosts_become_zones():
    """Every name of the lab lies in a zone."""
    topology = load_text(TOPOLOGY, "x.yml").topology
    names = [zone.name for zone in zones(make_lab(topology, assign(topology)))]

    assert names == ["example.test", "extra.test", "infra.test", "0.18.198.in-addr.arpa", ""]


def test_records_of_the_author_replace_generated_ones_of_the_same_kind():
    """Who writes an MX wants that one, not one more."""
    files = {file.path: file.content for file in plan().node("ns").files}
    text = files["/var/named/example.test.zone"]
    zone = dns.zone.from_text(text, origin="example.test")

    assert [rdata.to_text() for rdata in zone.find_rdataset("@", "MX")] == ["5 other"]
    assert zone.find_rdataset("www", "CNAME")
    assert zone.find_rdataset("mx", "A")


def test_nothing_is_expected_of_records_that_the_author_wrote():
    """What is explicit may be wrong on purpose: that is an exercise."""
    ids = {expectation.id for expectation in plan().expectations}

    assert "dns.mx.example.test" not in ids
    assert "dns.address.mx.example.test" in ids


@pytest.mark.parametrize(
    ("subnet", "zone"),
    [
        ("198.18.7.0/24", "7.18.198.in-addr.arpa"),
        ("198.18.0.0/15", "198.in-addr.arpa"),
        ("10.20.0.0/16", "20.10.in-addr.arpa"),
        ("198.18.7.64/26", "7.18.198.in-addr.arpa"),
    ],
)
def test_reverse_zones_end_at_octets(subnet, zone):
    """RFC 2317 delegation is for those who have somebody to delegate to."""
    assert reverse_zone(IPv4Network(subnet)) == zone
