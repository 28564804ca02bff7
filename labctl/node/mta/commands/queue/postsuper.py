"""postsuper(1): the administrator's hand in the queue.

INPUT AND OUTPUT
    -d delete, -e expire, -f expire and release, -h hold, -H release, -r requeue: each for one
    queue id, for ALL, or for the ids on standard input (-); -p purge what was never
    completed, -s and -S put files where their names say.  Arguments name queues.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base import clock
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.commands.options import parse_options
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.queue.directory import (
    FORCE_EXPIRE,
    LOG_QUEUES,
    QueueDirectory,
    is_complete,
    is_id,
)

USAGE: Final = (
    "postsuper [-c config_dir] [-d queue_id (delete)] [-e queue_id (expire)]"
    " [-f queue_id (expire and/or un-hold)] [-h queue_id (hold)] [-H queue_id (un-hold)]"
    " [-p (purge temporary files)] [-r queue_id (requeue)] [-s (structure fix)]"
    " [-S (redundant structure fix)][-v (verbose)] [queue...]"
)
# What was begun but not completed so long ago will never be.
STALE: Final = 24 * 3600


class Site(NamedTuple):
    """Where to work, and how to tell."""

    queue: QueueDirectory
    queues: Sequence[str]
    log: Log

    def tell(self, text: str) -> None:
        """On standard error and in the log."""
        print(f"postsuper: {text}", file=sys.stderr)
        self.log.info(text)


class Action(NamedTuple):
    """One of the options: what it does to a message, and the words for it."""

    run: Callable[[Site, str, str], str]  # (site, queue, id) -> words for the log
    queues: tuple[str, ...]
    summary: str


def main(argv: Sequence[str]) -> int:
    """Obey the options in the order of the manual."""
    options = parse_options(argv, "c:d:e:f:h:H:pr:sSv", USAGE)
    if os.getuid() != 0:
        raise Fatal("use of this command is reserved for the superuser")
    config = Config.read(options.value("c"))
    log = mail_log(config, "postsuper")
    site = Site(QueueDirectory(config), _queues(options.words, log), log)
    tidy = not any(letter in ACTIONS for letter, _ in options.pairs)
    if options.has("p") or (tidy and not options.has("s") and not options.has("S")):
        _purge(site)
    if options.has("s") or options.has("S") or (tidy and not options.has("p")):
        _restructure(site)
    for letter, action in ACTIONS.items():
        ids = options.values(letter)
        if ids:
            _apply(site, action, ids)
    return 0


def _queues(words: Sequence[str], log: Log) -> Sequence[str]:
    for word in words:
        if word not in EVERYWHERE:
            log.fatal(f"invalid directory name: {word}")
            raise Fatal(f"invalid directory name: {word}")
    return words


def _apply(site: Site, action: Action, ids: Iterable[str]) -> None:
    done = [words for queue_id in ids for words in _each(site, action, queue_id)]
    site.tell(f"{action.summary}: {_messages(len(done))}")
    if action.run is _expire_and_release:
        released = sum(words.endswith("released from hold") for words in done)
        site.tell(f"Released from hold: {_messages(released)}")


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _each(site: Site, action: Action, queue_id: str) -> Iterator[str]:
    """Do it, and yield for each message what was done."""
    if queue_id == "ALL":
        for found in _all(site, action):
            yield from _act(site, action, found)
        return
    names = (line.strip() for line in sys.stdin) if queue_id == "-" else (queue_id,)
    for name in names:
        if not is_id(name):
            site.tell(f"warning: invalid mail queue id: {name}")
            continue
        for words in _act(site, action, name):
            site.tell(f"{name}: {words}")
            yield words


def _all(site: Site, action: Action) -> Iterator[str]:
    """The ids at this moment: a message that moves must not be met twice."""
    names = [name for name in action.queues if not site.queues or name in site.queues]
    seen = {item.name for name in names for item in site.queue.scan(name)}
    yield from sorted(seen)


def _act(site: Site, action: Action, queue_id: str) -> Iterator[str]:
    for name in action.queues:
        if site.queues and name not in site.queues:
            continue
        if not os.path.exists(site.queue.path(name, queue_id)):
            continue
        try:
            yield action.run(site, name, queue_id)
        except FileNotFoundError:
            continue  # qmgr has moved it; it is in one of the queues that follow
        return


def _delete(site: Site, name: str, queue_id: str) -> str:
    # Logs first: a log without its message would be taken for that of the next same id.
    for log in LOG_QUEUES:
        site.queue.remove(log, queue_id)
    if not site.queue.remove(name, queue_id):
        raise FileNotFoundError
    return "removed"


def _expire(site: Site, name: str, queue_id: str) -> str:
    path = site.queue.path(name, queue_id)
    os.chmod(path, os.stat(path).st_mode & 0o777 | FORCE_EXPIRE)
    return "expired"


def _expire_and_release(site: Site, name: str, queue_id: str) -> str:
    _expire(site, name, queue_id)
    if name == "hold":
        _release(site, name, queue_id)
        return "expired and released from hold"
    return "expired"


def _hold(site: Site, name: str, queue_id: str) -> str:
    site.queue.rename(queue_id, name, "hold")
    return "placed on hold"


def _release(site: Site, name: str, queue_id: str) -> str:
    now = clock.now()
    os.utime(site.queue.path(name, queue_id), (now, now))  # due at the next queue run
    site.queue.rename(queue_id, name, "deferred")
    return "released from hold"


def _requeue(site: Site, name: str, queue_id: str) -> str:
    # By way of maildrop the message meets the tables of today once more.  Until pickup takes
    # it, its log says why it was deferred.
    now = clock.now()
    os.utime(site.queue.path(name, queue_id), (now, now))
    site.queue.rename(queue_id, name, "maildrop")
    return "requeued"


def _purge(site: Site) -> None:
    """Temporary names, and files that were never completed, when they are old."""
    limit = clock.now() - STALE
    for name in site.queues or ("maildrop", "incoming"):
        with os.scandir(f"{site.queue.root}/{name}") as items:
            for item in items:
                status = item.stat(follow_symlinks=False)
                if item.is_file() and not is_complete(status) and status.st_mtime < limit:
                    os.unlink(item.path)


def _restructure(site: Site) -> None:
    """After hash_queue_names or the file system changed: every file where it belongs."""
    for name in site.queues or EVERYWHERE:
        for item in list(site.queue.scan(name)):
            right = site.queue.path(name, item.name)
            if item.path != right:
                os.makedirs(os.path.dirname(right), mode=0o700, exist_ok=True)
                os.rename(item.path, right)


_ANY: Final = ("maildrop", "hold", "incoming", "active", "deferred")
EVERYWHERE: Final = (*_ANY, *LOG_QUEUES, "flush", "corrupt", "saved")
ACTIONS: Final[Mapping[str, Action]] = {
    "r": Action(_requeue, ("hold", "incoming", "active", "deferred"), "Requeued"),
    "d": Action(_delete, _ANY, "Deleted"),
    "h": Action(_hold, ("incoming", "active", "deferred"), "Placed on hold"),
    "H": Action(_release, ("hold",), "Released from hold"),
    "e": Action(_expire, ("hold", "incoming", "active", "deferred"), "Force-expired"),
    "f": Action(
        _expire_and_release, ("hold", "incoming", "active", "deferred"), "Force-expired"
    ),
}
