"""Names and numbers that must be one of a kind, and accounts that must exist."""

from __future__ import annotations

from collections.abc import Iterator

from labctl.topology.models import Topology
from labctl.topology.problems import Problem, unknown_name
from labctl.topology.source import Source
from labctl.topology.system import SYSTEM_GROUPS, SYSTEM_USERS


def hostnames_are_unique(topology: Topology, source: Source) -> Iterator[Problem]:
    """The DNS would send mail for one to the other."""
    holders: dict[str, str] = {}
    for name, node in topology.nodes.items():
        holder = holders.setdefault(node.hostname, name)
        if holder != name:
            place = source.place(("nodes", name, "hostname"))
            yield Problem(place, f"{node.hostname!r} is already the host name of {holder!r}")


def uids_are_unique(topology: Topology, source: Source) -> Iterator[Problem]:
    """Two accounts with one uid read each other's mail."""
    for name, node in topology.nodes.items():
        holders = {uid: user for user, (uid, _) in SYSTEM_USERS.items()}
        for user, spec in node.users.items():
            path = ("nodes", name, "users", user)
            if user in SYSTEM_USERS:
                yield Problem(source.place(path, key=True), f"{user!r} is a system account")
            elif spec.uid in holders:
                what = f"uid {spec.uid} is already the one of {holders[spec.uid]!r}"
                yield Problem(source.place((*path, "uid")), what)
            elif spec.uid is not None:
                holders[spec.uid] = user


def accounts_own_files(topology: Topology, source: Source) -> Iterator[Problem]:
    """A file that belongs to nobody cannot be made."""
    for name, node in topology.nodes.items():
        accounts = {*SYSTEM_USERS, *node.users}
        groups = {*SYSTEM_GROUPS, *node.users}
        for kind in ("files", "directories"):
            for path, spec in getattr(node, kind).items():
                here = ("nodes", name, kind, path)
                if spec.owner not in accounts:
                    place = source.place((*here, "owner"))
                    yield unknown_name(place, "account", spec.owner, accounts)
                if spec.group not in groups:
                    place = source.place((*here, "group"))
                    yield unknown_name(place, "group", spec.group, groups)
