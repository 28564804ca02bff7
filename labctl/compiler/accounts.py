"""Accounts of a machine: passwd, group, shadow and home directories.

PASSWORDS
    A lab's passwords are no secrets: by default each is its user's name. They are stored
    as sha512-crypt all the same, because the servers must check them as on a real
    machine; with the fewest rounds that crypt(5) allows, so that logins stay fast, and
    with a salt made from name and password, so that a plan is the same every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from labctl.compiler.crypt import sha512_crypt
from labctl.compiler.lab import Lab
from labctl.compiler.part import Part
from labctl.compiler.plan import Directory, File
from labctl.topology.models import NodeSpec, UserSpec
from labctl.topology.system import SYSTEM_GROUPS, SYSTEM_USERS

FIRST_UID: Final = 1000
ROUNDS: Final = 1000
HOMES: Final = {
    "root": ("/root", "/bin/bash"),
    "mail": ("/var/mail", "/usr/sbin/nologin"),
    "www-data": ("/var/www", "/usr/sbin/nologin"),
    "postfix": ("/var/spool/postfix", "/usr/sbin/nologin"),
}
NO_HOME: Final = ("/nonexistent", "/usr/sbin/nologin")


class User(NamedTuple):
    """A user of a lab with everything that defaults fill in."""

    name: str
    uid: int
    password: str
    home: str
    spec: UserSpec


def users_of(spec: NodeSpec) -> tuple[User, ...]:
    """The users of a node in the order of the file, numbered from 1000."""
    taken = {user.uid for user in spec.users.values()}
    free = (uid for uid in range(FIRST_UID, 65000) if uid not in taken)
    return tuple(
        User(
            name,
            user.uid if user.uid is not None else next(free),
            user.password or name,
            f"/home/{name}",
            user,
        )
        for name, user in spec.users.items()
    )


def accounts(lab: Lab, node: str) -> Part:
    """Write the account tables and the users' homes."""
    users = users_of(lab.spec(node))
    return Part(
        files=(
            File("/etc/passwd", "".join(_passwd(users))),
            File("/etc/group", "".join(_group(users))),
            File("/etc/shadow", "".join(_shadow(users)), group="shadow", mode="0640"),
            *(file for user in users for file in _dot_files(user)),
        ),
        directories=tuple(
            Directory(user.home, owner=user.name, group=user.name) for user in users
        ),
    )


def _passwd(users: tuple[User, ...]) -> Iterator[str]:
    for name, (uid, gid) in SYSTEM_USERS.items():
        home, shell = HOMES.get(name, NO_HOME)
        yield f"{name}:x:{uid}:{gid}:{name}:{home}:{shell}\n"
    for user in users:
        gecos = user.spec.full_name
        yield f"{user.name}:x:{user.uid}:{user.uid}:{gecos}:{user.home}:{user.spec.shell}\n"


def _group(users: tuple[User, ...]) -> Iterator[str]:
    yield from (f"{name}:x:{gid}:\n" for name, gid in SYSTEM_GROUPS.items())
    yield from (f"{user.name}:x:{user.uid}:\n" for user in users)


def _shadow(users: tuple[User, ...]) -> Iterator[str]:
    yield from (f"{name}:*:19000:0:99999:7:::\n" for name in SYSTEM_USERS)
    for user in users:
        yield f"{user.name}:{hash_password(user.name, user.password)}:19000:0:99999:7:::\n"


@cache
def hash_password(name: str, password: str) -> str:
    """The crypt(5) hash of a lab password, the same for the same account everywhere."""
    salt = hashlib.sha256(f"{name}:{password}".encode()).hexdigest()[:16]
    return sha512_crypt(password, salt, ROUNDS)


def _dot_files(user: User) -> Iterator[File]:
    for name, content in (
        (".forward", user.spec.forward),
        (".procmailrc", user.spec.procmailrc),
    ):
        if content:
            text = content if content.endswith("\n") else f"{content}\n"
            yield File(f"{user.home}/{name}", text, owner=user.name, group=user.name)
