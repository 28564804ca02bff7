"""Put a message of a client into a Maildir: in tmp/ first, with its date."""

from __future__ import annotations

import itertools
import os
from typing import Final

from labctl.node.base import clock
from labctl.node.base.files import write_all

_COUNTER: Final = itertools.count()


def unique_name() -> str:
    """A name that no other message has: second, microsecond, process, counter, machine."""
    now = clock.now()
    return f"{int(now)}.M{int(now % 1 * 1e6)}P{os.getpid()}Q{next(_COUNTER)}.{host_name()}"


def write_file(directory: str, name: str, content: bytes, epoch: int | None) -> None:
    """Write, fsync, rename to ``name`` in cur/ or new/."""
    temporary = f"{directory}/tmp/{unique_name()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        write_all(fd, content.replace(b"\r\n", b"\n"))
        when = clock.now() if epoch is None else float(epoch)
        os.utime(fd, (when, when))
        os.fsync(fd)
        os.rename(temporary, f"{directory}/{name}")
    except OSError:
        os.unlink(temporary)
        raise
    finally:
        os.close(fd)


def host_name() -> str:
    """Our name as a part of a file name; a colon would begin the flags."""
    return os.uname().nodename.replace("/", "\\057").replace(":", "\\072")
