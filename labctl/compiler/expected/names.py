"""What the DNS must answer, as every node sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labctl.compiler.expected.layer import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Every node in ``nodes`` gets an authoritative SOA for ``zone`` from ``server``."""

    kind: ClassVar = "zone"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    zone: str
    server: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailExchanger:
    """One host in the MX list of a domain, as ``nodes`` see it."""

    preference: int
    host: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mx:
    """The MX list of ``domain``, complete and in order of preference, from every node."""

    kind: ClassVar = "mx"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    domain: str
    exchangers: tuple[MailExchanger, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAddress:
    """``host`` has exactly these addresses."""

    kind: ClassVar = "address"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    host: str
    addresses: tuple[str, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ptr:
    """``address`` leads back to ``host``."""

    kind: ClassVar = "ptr"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    address: str
    host: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NxDomain:
    """The root is closed: ``name`` does not exist, and that is said at once."""

    kind: ClassVar = "nxdomain"
    layer: ClassVar = Layer.DNS
    id: str
    needs: tuple[str, ...] = ()
    name: str
    nodes: tuple[str, ...]
