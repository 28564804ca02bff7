"""Files that are whole or not there, and names that survive a crash."""

from __future__ import annotations

import os

Name = str | os.PathLike[str]


def write_atomically(
    path: Name, data: bytes, *, mode: int = 0o644, owner: tuple[int, int] | None = None
) -> None:
    """Replace the file: a reader sees the old content or the new one, never a part."""
    temporary = f"{os.fspath(path)}.{os.getpid()}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(descriptor, data)
        os.fchmod(descriptor, mode)
        if owner is not None:
            os.fchown(descriptor, *owner)
        os.fsync(descriptor)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """write(2) may take a part only."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_if_there(path: Name) -> str | None:
    """The text of a file, or None when there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def unlink_if_there(path: Name) -> bool:
    """Remove a file; whether there was one."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
