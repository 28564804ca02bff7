"""What one pass contributes to a node: files, directories, services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labctl.compiler.plan import Directory, File, Service


@dataclass(frozen=True, slots=True)
class Part:
    """What one pass adds to a node."""

    files: tuple[File, ...] = ()
    directories: tuple[Directory, ...] = ()
    services: tuple[Service, ...] = ()


def merge(parts: Iterable[Part]) -> Part:
    """Put parts together; of two files with one path, the later one stays."""
    parts = tuple(parts)
    files = {file.path: file for part in parts for file in part.files}
    directories = {one.path: one for part in parts for one in part.directories}
    services = {one.name: one for part in parts for one in part.services}
    return Part(
        tuple(files[path] for path in sorted(files)),
        # Parents sort before what is in them.
        tuple(directories[path] for path in sorted(directories)),
        tuple(services.values()),
    )
