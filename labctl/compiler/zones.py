"""The zones of a lab: forward, reverse, and a closed root; and the server that has them.

CLOSED ROOT
    The zone "." is served too, and is empty. A name outside of the lab does not exist,
    and that is said at once, with authority: nothing waits for a network that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final, NamedTuple

from labctl.compiler.lab import Lab
from labctl.compiler.part import Part
from labctl.compiler.plan import Directory, File, Probe, Service
from labctl.topology.models import ZoneSpec
from labctl.topology.words import Role

TTL: Final = 3600
NEGATIVE_TTL: Final = 300
MASTER_NAME: Final = "hostmaster"


class Record(NamedTuple):
    """One resource record; ``owner`` is relative to its zone, "@" is the zone itself."""

    owner: str
    type: str
    data: str

    def __str__(self) -> str:
        return f"{self.owner:<24} IN {self.type:<6} {self.data}"


class ZoneData(NamedTuple):
    """One zone: its records, in the order of the file."""

    name: str  # without the final dot; "" is the root
    records: tuple[Record, ...]
    ttl: int = TTL
    extra: tuple[str, ...] = ()  # the author's lines

    @property
    def path(self) -> str:
        return f"/var/named/{self.name or 'root'}.zone"


def zones(lab: Lab) -> tuple[ZoneData, ...]:
    """All zones of a lab, forward ones first, the root last."""
    names = forward_zones(lab)
    return (
        *(_forward(lab, name, names) for name in names),
        *_reverse(lab),
        ZoneData("", ()),
    )


def forward_zones(lab: Lab) -> tuple[str, ...]:
    """Mail domains, zones that the file names, and the parents of all other host names."""
    found = dict.fromkeys(lab.homes)
    for server in lab.with_role(Role.DNS):
        found |= dict.fromkeys(lab.spec(server).zones)
    for spec in lab.topology.nodes.values():
        if not zone_of(spec.hostname, tuple(found)):
            found[spec.hostname.partition(".")[2]] = None
    return tuple(sorted(found))


def zone_of(name: str, names: tuple[str, ...]) -> str:
    """The zone that a name lies in: the longest that is its end; empty when there is none."""
    inside = [zone for zone in names if name == zone or name.endswith(f".{zone}")]
    return max(inside, key=len, default="")


def explicit_types(lab: Lab, name: str) -> frozenset[str]:
    """The types of records that the author wrote for a name; nothing is expected of them."""
    zone = zone_of(name, forward_zones(lab))
    lines = _added(lab, zone).records
    found = (_owner_and_type(line) for line in lines)
    return frozenset(kind for owner, kind in found if owner == _relative(name, zone))


def name_service(lab: Lab, node: str) -> Part:
    """Write named.conf and the zone files of a name server."""
    if lab.spec(node).role is not Role.DNS:
        return Part()
    served = zones(lab)
    files = (File(zone.path, _zone_file(lab, node, zone), reload="named") for zone in served)
    probe = Probe("dns", lab.address(node), 53, served[0].name)
    return Part(
        files=(File("/etc/named.conf", _named_conf(served), reload="named"), *files),
        directories=(Directory("/var/named"),),
        services=(Service("named", "named -f -c /etc/named.conf", ready=(probe,)),),
    )


def _forward(lab: Lab, zone: str, names: tuple[str, ...]) -> ZoneData:
    added = _added(lab, zone)
    records = [
        *_name_servers(lab, zone),
        *_exchangers(lab, zone),
        *(
            Record(_relative(spec.hostname, zone), "A", address)
            for node, spec in lab.topology.nodes.items()
            if zone_of(spec.hostname, names) == zone
            for address in lab.addresses(node)
        ),
    ]
    replaced = {_owner_and_type(line) for line in added.records}
    kept = tuple(one for one in records if (one.owner, one.type) not in replaced)
    return ZoneData(zone, kept, added.ttl, added.records)


def _added(lab: Lab, zone: str) -> ZoneSpec:
    for server in lab.with_role(Role.DNS):
        if zone in lab.spec(server).zones:
            return lab.spec(server).zones[zone]
    return ZoneSpec(ttl=TTL, records=())


def _exchangers(lab: Lab, zone: str) -> Iterator[Record]:
    if zone in lab.homes:
        for preference, node in lab.exchangers(zone):
            yield Record("@", "MX", f"{preference} {lab.hostname(node)}.")


def _name_servers(lab: Lab, zone: str) -> Iterator[Record]:
    for server in lab.with_role(Role.DNS):
        yield Record("@", "NS", f"{lab.hostname(server)}.")


def _reverse(lab: Lab) -> Iterator[ZoneData]:
    """RFC 1035 3.5: a zone per network, cut where its octets end."""
    found: dict[str, list[Record]] = {}
    for network in lab.addressing.networks:
        zone = reverse_zone(IPv4Network(network.subnet))
        pointers = found.setdefault(zone, list(_name_servers(lab, zone)))
        for node, interfaces in lab.addressing.interfaces.items():
            for interface in interfaces:
                if interface.network == network.name:
                    name = ".".join(reversed(interface.address.split("."))) + ".in-addr.arpa"
                    target = f"{lab.hostname(node)}."
                    pointers.append(Record(_relative(name, zone), "PTR", target))
    return (ZoneData(zone, tuple(records)) for zone, records in found.items())


def reverse_zone(subnet: IPv4Network) -> str:
    """The smallest reverse zone on an octet boundary that holds a subnet."""
    octets = str(subnet.network_address).split(".")[: subnet.prefixlen // 8 or 1]
    return ".".join(reversed(octets[:3])) + ".in-addr.arpa"


def _relative(name: str, zone: str) -> str:
    return "@" if name == zone else name.removesuffix(f".{zone}")


def _owner_and_type(line: str) -> tuple[str, str]:
    """Owner and type of a zone file line; TTL and class may stand between them."""
    owner, *words = line.split()
    types = [word.upper() for word in words if not word.isdigit() and word.upper() != "IN"]
    return owner, types[0] if types else ""


def _zone_file(lab: Lab, node: str, zone: ZoneData) -> str:
    server = f"{lab.hostname(node)}."
    owner = f"{MASTER_NAME}.{lab.hostname(node).partition('.')[2]}."
    origin = f"{zone.name}." if zone.name else "."
    soa = Record("@", "SOA", f"{server} {owner} 1 3600 900 604800 {NEGATIVE_TTL}")
    records = zone.records or tuple(_name_servers(lab, zone.name))
    lines = (f"$ORIGIN {origin}", f"$TTL {zone.ttl}", str(soa), *map(str, records), *zone.extra)
    return "\n".join(lines) + "\n"


def _named_conf(served: tuple[ZoneData, ...]) -> str:
    options = 'options {\n\tdirectory "/var/named";\n\trecursion no;\n};\n'
    return options + "".join(
        f'zone "{zone.name or "."}" {{ type master; file "{zone.path}"; }};\n'
        for zone in served
    )
