"""Files of a plan as a tar archive, which is how they get into a container.

Docker mounts resolv.conf, hosts and hostname over whatever an archive brings, so these go to
/etc/labctl/mounted/, from where init writes them into the mounted files.

/etc/labctl/applied.json says which files and directories the node has from a plan, with their
digests: labels cannot be changed while a container lives, files can.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from labctl.compiler.plan import Directory, File, Node
from labctl.engine.reconcile import digest_of

APPLIED: Final = "/etc/labctl/applied.json"
PLAN: Final = "/etc/labctl/plan.json"
MOUNTED: Final = ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")
BUILT_IN: Final = {"root": 0, "mail": 8, "nobody": 65534, "nogroup": 65534}


class Applied(NamedTuple):
    """What a node has from a plan: path -> digest."""

    files: Mapping[str, str]
    directories: Mapping[str, str]

    @classmethod
    def read(cls, text: str) -> Applied:
        data = json.loads(text or "{}")
        return cls(data.get("files", {}), data.get("directories", {}))

    def having(self, files: Sequence[File], directories: Sequence[Directory]) -> Applied:
        return Applied(
            {**self.files, **{one.path: digest_of(one) for one in files}},
            {**self.directories, **{one.path: digest_of(one) for one in directories}},
        )

    def without(self, paths: Sequence[str]) -> Applied:
        left = {path: digest for path, digest in self.files.items() if path not in paths}
        return Applied(left, self.directories)


NOTHING: Final = Applied({}, {})


def of_node(node: Node) -> bytes:
    """Pack everything that a new node gets."""
    return of_change(node, NOTHING, node.files, node.directories)


def of_change(
    node: Node,
    applied: Applied,
    files: Sequence[File] = (),
    directories: Sequence[Directory] = (),
) -> bytes:
    """Pack what a node gets besides what it has; ``applied`` is what it has."""
    users, groups = _ids(node)
    manifest = json.dumps(applied.having(files, directories)._asdict())
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for directory in directories:
            owner = _number(directory.owner, users), _number(directory.group, groups)
            _add_directory(archive, directory.path, int(directory.mode, 8), owner)
        for file in (*files, File(APPLIED, manifest, mode="0600")):
            owner = _number(file.owner, users), _number(file.group, groups)
            _add_file(archive, _place(file.path), file.content, int(file.mode, 8), owner)
    return packed.getvalue()


def _place(path: str) -> str:
    return f"/etc/labctl/mounted/{PurePosixPath(path).name}" if path in MOUNTED else path


def _ids(node: Node) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers of the users and groups of a node, from its own passwd and group."""
    text = {file.path: file.content for file in node.files}
    users = {name: uid for name, uid, _ in _entries(text.get("/etc/passwd", ""))}
    groups = {name: gid for name, gid, _ in _entries(text.get("/etc/group", ""))}
    return BUILT_IN | users, BUILT_IN | groups


def _entries(text: str) -> Iterator[tuple[str, int, str]]:
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) > 2 and fields[2].isdigit():
            yield fields[0], int(fields[2]), line


def _number(name: str, ids: Mapping[str, int]) -> int:
    return int(name) if name.isdigit() else ids[name]


def _add_directory(
    archive: tarfile.TarFile, path: str, mode: int, owner: tuple[int, int]
) -> None:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    entry.uid, entry.gid = owner
    archive.addfile(entry)


def _add_file(
    archive: tarfile.TarFile, path: str, content: str, mode: int, owner: tuple[int, int]
) -> None:
    data = content.encode()
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.size, entry.mode = len(data), mode
    entry.uid, entry.gid = owner
    archive.addfile(entry, io.BytesIO(data))


def pack_one(path: str, content: str) -> bytes:
    """Pack a single file of root's."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        _add_file(archive, path, content, 0o600, (0, 0))
    return packed.getvalue()


def unpack_one(archive: bytes) -> str:
    """Give the text of the single file in an archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        for entry in packed:
            if file := packed.extractfile(entry):
                return file.read().decode()
    return ""
