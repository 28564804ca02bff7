"""Zones in memory: what a zone file says, ready to be asked.

WHY NOT dns.zone
    The parser is dnspython's; its zone is made to be edited. An answer needs three
    questions only: which records has a name, does anything exist below it, is it cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

import dns.exception
import dns.name
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone

Records: TypeAlias = Mapping[dns.rdatatype.RdataType, dns.rdataset.Rdataset]
NONE: Final[Records] = {}


class ZoneError(Exception):
    """A zone file cannot be used; the text says why."""


class Zone(NamedTuple):
    """One zone, loaded."""

    origin: dns.name.Name
    names: Mapping[dns.name.Name, Records]  # with the names in between that have no records

    @property
    def serial(self) -> int:
        return int(self.names[self.origin][dns.rdatatype.SOA][0].serial)

    def soa(self) -> dns.rrset.RRset:
        """The SOA as a negative answer has it."""
        records = self.names[self.origin][dns.rdatatype.SOA]
        # RFC 2308 3: the time to keep the answer is the lesser of the TTL and the minimum.
        return rrset(self.origin, records, min(records.ttl, records[0].minimum))

    def records(self, name: dns.name.Name) -> Records | None:
        """The records of a name or of the wildcard that covers it; None: it does not exist."""
        found = self.names.get(name)
        return self._wildcard(name) if found is None else found

    def cut_above(self, name: dns.name.Name) -> dns.name.Name | None:
        """The highest name between the origin and ``name`` that is delegated away."""
        for depth in range(len(self.origin) + 1, len(name) + 1):
            above = name.split(depth)[1]
            if dns.rdatatype.NS in self.names.get(above, NONE):
                return above
        return None

    def _wildcard(self, name: dns.name.Name) -> Records | None:
        # RFC 4592 3.3.1: only the wildcard right below the closest name that exists counts.
        closest = name.parent()
        while closest not in self.names:
            closest = closest.parent()
        return self.names.get(dns.name.Name((b"*", *closest.labels)))


def read_zone(text: str, origin: str) -> Zone:
    """Parse a zone file; ``ZoneError`` says where it is wrong."""
    name = dns.name.from_text(origin)
    try:
        parsed = dns.zone.from_text(text, origin=name, relativize=False, check_origin=True)
    except (dns.exception.DNSException, ValueError, UnicodeError) as error:
        raise ZoneError(str(error) or type(error).__name__) from error
    names: dict[dns.name.Name, Records] = {
        owner: {records.rdtype: records for records in node.rdatasets}
        for owner, node in parsed.nodes.items()
    }
    return Zone(name, {**_names_between(names, name), **names})


def rrset(
    name: dns.name.Name, records: dns.rdataset.Rdataset, ttl: int | None = None
) -> dns.rrset.RRset:
    """Give records a name; a wildcard's records get the name that was asked for."""
    return dns.rrset.from_rdata_list(name, records.ttl if ttl is None else ttl, list(records))


def find_zone(zones: Mapping[dns.name.Name, Zone], name: dns.name.Name) -> Zone | None:
    """The zone with the longest origin that ``name`` lies in."""
    while (zone := zones.get(name)) is None:
        if name == dns.name.root:
            return None
        name = name.parent()
    return zone


def _names_between(
    names: Iterable[dns.name.Name], origin: dns.name.Name
) -> dict[dns.name.Name, Records]:
    """RFC 4592 2.2.2: a name without records exists if there is a name below it."""
    between: dict[dns.name.Name, Records] = {}
    for name in names:
        while len(name) > len(origin):
            name = name.parent()
            between[name] = NONE
    return between
