"""Whether the mail system runs: master(8) holds a lock on pid/master.pid as long as it lives.

WHY A LOCK
    The file stays behind when master is killed; the lock does not.
"""

from __future__ import annotations

import contextlib
import fcntl
import os

from labctl.node.base import files
from labctl.node.mta.lib.config.main_cf import Config


def pid_file(config: Config) -> str:
    """Where master writes its process id."""
    directory = os.path.join(
        config.text("queue_directory"), config.text("process_id_directory")
    )
    return os.path.join(directory, "master.pid")


def is_running(config: Config) -> bool:
    """Whether some master holds the lock."""
    try:
        descriptor = os.open(pid_file(config), os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def master_pid(config: Config) -> int:
    """The process id of the running master; 0 if there is none."""
    text = files.read_if_there(pid_file(config)) or ""
    return int(text) if text.strip().isdigit() and is_running(config) else 0


def take_lock(config: Config) -> int | None:
    """Lock the pid file for as long as the descriptor stays open; None if somebody has it."""
    descriptor = os.open(pid_file(config), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def write_pid(descriptor: int) -> None:
    """Say who holds the lock; padded, as Postfix does, so that its length never changes."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid():>12}\n".encode(), 0)
