"""Who the users of a lab are outside: the uid and gid maps of its user namespace.

root              no user namespace; ids are the real ones, capabilities those of a container
a user with       0 is the user, 1..65535 come from /etc/subuid and /etc/subgid, written by
subordinate ids   newuidmap(1) and newgidmap(1)
a user without    0 is the user and there is nobody else: every account of a node is that one
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from labctl.errors import LabError


class Range(NamedTuple):
    """A line of uid_map: ``size`` ids from ``inside`` on are those from ``outside`` on."""

    inside: int
    outside: int
    size: int


class Identity(NamedTuple):
    """What to write into the maps; both empty: no user namespace at all."""

    uids: tuple[Range, ...] = ()
    gids: tuple[Range, ...] = ()
    notice: str = ""

    @property
    def namespaced(self) -> bool:
        return bool(self.uids)

    @property
    def single(self) -> bool:
        return self.namespaced and len(self.uids) == 1


ROOT = Identity()
ONE_USER_NOTICE = """\
all accounts of the lab's nodes are your own one: no ids are set aside for you
    Mail flows, but owners of files cannot be told apart. To have them: install the package
    uidmap and have root add a line "{user}:100000:65536" to /etc/subuid and /etc/subgid."""


def choose(uid: int, gid: int) -> Identity:
    """Decide how the ids of a lab of this user are mapped, from what the machine offers."""
    if uid == 0:
        return ROOT
    user = pwd.getpwuid(uid).pw_name
    uids = _subordinate(Path("/etc/subuid"), user, uid)
    gids = _subordinate(Path("/etc/subgid"), user, uid)
    if uids and gids and shutil.which("newuidmap") and shutil.which("newgidmap"):
        return Identity((Range(0, uid, 1), *uids), (Range(0, gid, 1), *gids))
    notice = ONE_USER_NOTICE.format(user=user)
    return Identity((Range(0, uid, 1),), (Range(0, gid, 1),), notice)


def write_maps(pid: int, identity: Identity) -> None:
    """Give the user namespace of ``pid`` its maps; called from outside of it."""
    if identity.single:
        Path(f"/proc/{pid}/setgroups").write_text("deny")
        for name, ranges in (("uid_map", identity.uids), ("gid_map", identity.gids)):
            Path(f"/proc/{pid}/{name}").write_text(_lines(ranges))
        return
    for command, ranges in (("newuidmap", identity.uids), ("newgidmap", identity.gids)):
        numbers = [str(number) for one in ranges for number in one]
        done = subprocess.run(
            [command, str(pid), *numbers], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise LabError(
                f"{command} refused: {done.stderr.strip()}",
                hint="Your lines in /etc/subuid and /etc/subgid must hold a free range of "
                "65536 ids; ask whoever runs this machine.",
            )


def may_have_user_namespace() -> str:
    """Say why this machine refuses user namespaces to us; empty when it does not."""
    pid = os.fork()
    if pid == 0:
        # Imported only by this child: the command line itself never leaves its namespaces.
        from labctl.engine.native import kernel

        try:
            kernel.unshare(kernel.Namespace.USER)
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return os.strerror(status) if status else ""


def _subordinate(path: Path, user: str, uid: int) -> tuple[Range, ...]:
    """The ids set aside for a user (subuid(5)), as ids 1, 2, ... of a lab; at most 65535."""
    inside, ranges = 1, []
    for first, count in _ranges(path, user, uid):
        take = min(count, 65536 - inside)
        if take > 0:
            ranges.append(Range(inside, first, take))
            inside += take
    return tuple(ranges)


def _ranges(path: Path, user: str, uid: int) -> Iterable[tuple[int, int]]:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        name, _, rest = line.partition(":")
        first, _, count = rest.partition(":")
        if name in (user, str(uid)) and first.isdigit() and count.isdigit():
            yield int(first), int(count)


def _lines(ranges: Iterable[Range]) -> str:
    return "".join(f"{one.inside} {one.outside} {one.size}\n" for one in ranges)
