"""From a question to an answer, without any I/O.

INPUT AND OUTPUT
    ``respond()`` takes the bytes of a query and returns the bytes of the response, or None
    where silence is right: for responses, and for what is too short to have an id.

ALGORITHM
    RFC 1034 4.3.2 for a server that does not recurse: find the zone, follow CNAMEs as long
    as they stay in our zones, refer to a delegation, or say with authority that there is
    nothing (RFC 2308: with the SOA, so that it can be remembered).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

# The record types of a lab are imported now, before the server is forked, not at a query.
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.NS
import dns.rdtypes.ANY.OPT
import dns.rdtypes.ANY.PTR
import dns.rdtypes.ANY.SOA
import dns.rdtypes.ANY.TXT
import dns.rdtypes.IN.A
import dns.rdtypes.IN.AAAA
import dns.rrset

from labctl.node.named.zones import NONE, Zone, find_zone, rrset

Zones: TypeAlias = Mapping[dns.name.Name, Zone]

HEADER: Final = 12  # RFC 1035 4.1.1
LONGEST_CHAIN: Final = 8  # of CNAMEs; a loop ends here
# RFC 1035 4.2.1: what fits in a datagram for those who do not say that more does.
CLASSIC_SIZE: Final = 512
# RFC 6891 6.2.5, and the value that DNS flag day 2020 settled on against fragments.
OUR_SIZE: Final = 1232
STREAM_SIZE: Final = 65535

NOTHING_TO_TRANSFER: Final = (dns.rdatatype.AXFR, dns.rdatatype.IXFR)
# RFC 1034 3.7 and RFC 2782: records that name a host bring its addresses along.
NAMES_A_HOST: Final = {
    dns.rdatatype.MX: "exchange",
    dns.rdatatype.NS: "target",
    dns.rdatatype.SRV: "target",
}


@dataclass(slots=True)
class Answer:
    """What goes into the sections of a response."""

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    authoritative: bool = True
    answer: list[dns.rrset.RRset] = field(default_factory=list)
    authority: list[dns.rrset.RRset] = field(default_factory=list)
    additional: list[dns.rrset.RRset] = field(default_factory=list)


def respond(query: bytes, zones: Zones, *, stream: bool) -> bytes | None:
    """Answer one query; ``stream`` is TCP, where nothing is too long."""
    if len(query) < HEADER or query[2] & 0x80:  # RFC 1035 4.1.1: QR, a response
        return None
    try:
        message = dns.message.from_wire(query, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return _malformed(query)
    response = _response(message, zones)
    limit = STREAM_SIZE if stream else _datagram_size(message)
    # In the order of the zone file: dnspython would shuffle, and a lab shows the same twice.
    return response.to_wire(max_size=limit, prefer_truncation=True, want_shuffle=False)


def look_up(zones: Zones, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Answer:
    """Find what our zones say about a name."""
    answer = Answer()
    for _ in range(LONGEST_CHAIN):
        zone = find_zone(zones, name)
        if zone is None:
            # A CNAME that leads out of our zones: the asker has to follow it.
            if not answer.answer:
                answer.rcode, answer.authoritative = dns.rcode.REFUSED, False
            break
        target = _look_in(zone, name, kind, answer)
        if target is None:
            break
        name = target
    _add_addresses(zones, answer)
    return answer


def _look_in(
    zone: Zone, name: dns.name.Name, kind: dns.rdatatype.RdataType, answer: Answer
) -> dns.name.Name | None:
    """Add what one zone knows; give the name to go on with after a CNAME."""
    cut = zone.cut_above(name)
    if cut is not None and not (cut == name and kind == dns.rdatatype.DS):
        # RFC 1034 4.2.1: below a cut we know no more than whom to ask.
        answer.authoritative = bool(answer.answer)
        answer.authority.append(rrset(cut, zone.names[cut][dns.rdatatype.NS]))
        return None
    records = zone.records(name)
    if records is None:
        answer.rcode = dns.rcode.NXDOMAIN
        answer.authority.append(zone.soa())
        return None
    if kind == dns.rdatatype.ANY and records:
        answer.answer += [rrset(name, one) for one in records.values()]
    elif kind in records:
        answer.answer.append(rrset(name, records[kind]))
    elif dns.rdatatype.CNAME in records:
        answer.answer.append(rrset(name, records[dns.rdatatype.CNAME]))
        return answer.answer[-1][0].target  # type: ignore[no-any-return]  # a CNAME
    else:
        answer.authority.append(zone.soa())
    return None


def _add_addresses(zones: Zones, answer: Answer) -> None:
    given = {(one.name, one.rdtype) for one in answer.answer}
    for records in (*answer.answer, *answer.authority):
        attribute = NAMES_A_HOST.get(records.rdtype)
        hosts = [getattr(one, attribute) for one in records] if attribute else []
        for host in hosts:
            zone = find_zone(zones, host)
            known = (zone.names.get(host) if zone else None) or NONE
            for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
                if kind in known and (host, kind) not in given:
                    given.add((host, kind))
                    answer.additional.append(rrset(host, known[kind]))


def _response(query: dns.message.Message, zones: Zones) -> dns.message.Message:
    response = dns.message.make_response(query, our_payload=OUR_SIZE)
    response.flags &= ~dns.flags.RA
    rcode = _refusal(query)
    if rcode is not None:
        response.set_rcode(rcode)
        return response
    question = query.question[0]
    found = look_up(zones, question.name, question.rdtype)
    response.set_rcode(found.rcode)
    if found.authoritative:
        response.flags |= dns.flags.AA
    response.answer, response.authority = found.answer, found.authority
    response.additional = found.additional
    return response


def _refusal(query: dns.message.Message) -> dns.rcode.Rcode | None:
    """What is refused before anything is looked up."""
    if query.opcode() != dns.opcode.QUERY:
        return dns.rcode.NOTIMP
    if query.edns > 0:
        return dns.rcode.BADVERS  # RFC 6891 6.1.3
    if len(query.question) != 1:
        return dns.rcode.FORMERR
    question = query.question[0]
    if question.rdclass not in (dns.rdataclass.IN, dns.rdataclass.ANY):
        return dns.rcode.REFUSED
    if question.rdtype in NOTHING_TO_TRANSFER:
        return dns.rcode.REFUSED  # there are no secondaries in a lab
    return None


def _datagram_size(query: dns.message.Message) -> int:
    if query.edns < 0:
        return CLASSIC_SIZE
    # RFC 6891 6.2.3: less than 512 is taken as 512.
    return max(CLASSIC_SIZE, min(query.payload, OUR_SIZE))


def _malformed(query: bytes) -> bytes:
    """RFC 1035 4.1.1: format error; the id and the opcode are all that can be relied on."""
    flags = bytes([0x80 | query[2] & 0x79, dns.rcode.FORMERR])
    return query[:2] + flags + bytes(8)
