"""What must run in a node and answer there: programs, ports, logins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labctl.compiler.expected.layer import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """``program`` runs on ``node``."""

    kind: ClassVar = "process"
    layer: ClassVar = Layer.ENVIRONMENT
    id: str
    needs: tuple[str, ...] = ()
    node: str
    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A service answers on ``node``; ``banner`` is how its greeting begins."""

    kind: ClassVar = "port"
    layer: ClassVar = Layer.PORTS
    id: str
    needs: tuple[str, ...] = ()
    node: str
    address: str
    port: int
    protocol: str  # "smtp", "pop3", "imap", "dns", "tcp"
    banner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """``user`` can log in on ``node`` with ``protocol``."""

    kind: ClassVar = "login"
    layer: ClassVar = Layer.LOGIN
    id: str
    needs: tuple[str, ...] = ()
    node: str
    address: str
    port: int
    protocol: str  # "pop3" or "imap"
    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseLogin:
    """A wrong password does not open the mailbox of ``user``."""

    kind: ClassVar = "refuse_login"
    layer: ClassVar = Layer.POLICY
    id: str
    needs: tuple[str, ...] = ()
    node: str
    address: str
    port: int
    protocol: str
    user: str
    password: str  # a wrong one
