"""postqueue(1): show the queue, or ask for delivery now.

INPUT AND OUTPUT
    -p listing, -j JSON lines, -f flush all, -i ID flush one message, -s SITE flush a site.

BUGS
    -i and -s look into the queue themselves, and so are for root and mail_owner only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.commands.options import Options, parse_options
from labctl.node.mta.commands.queue.listing_text import listing
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.maps.match_list import domain_list
from labctl.node.mta.lib.queue.directory import UNTHROTTLE, QueueDirectory, is_id
from labctl.node.mta.lib.queue.listing import Entry, decode, encode, entries
from labctl.node.mta.lib.services import ipc

EX_USAGE: Final = 64
EX_UNAVAILABLE: Final = 69
USAGE: Final = (
    "postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | postqueue -s site"
)


def main(argv: Sequence[str]) -> int:
    """Exactly one of the modes."""
    try:
        options = parse_options(argv, "c:fi:jps:v", USAGE)
    except Fatal as wrong:
        raise Fatal(str(wrong), status=EX_UNAVAILABLE) from wrong
    modes = [letter for letter, _ in options.pairs if letter in MODES]
    if len(modes) != 1 or options.words:
        raise Fatal(f"usage: {USAGE}", status=EX_UNAVAILABLE)
    config = Config.read(options.value("c"))
    return MODES[modes[0]](config, options)


def show(config: Config, options: Options) -> int:
    """-p"""
    long_ids = config.flag("enable_long_queue_ids")
    for line in listing(_entries(config), long_ids=long_ids):
        print(line)
    return 0


def show_json(config: Config, options: Options) -> int:
    """-j"""
    for entry in _entries(config):
        print(encode(entry))
    return 0


def flush(config: Config, options: Options) -> int:
    """-f: what is deferred is due now, and dead destinations are alive again."""
    service = config.text("queue_service_name")
    if not os.path.exists(ipc.service_path(config, "public", service)):
        _warn(config, f"unable to look up public/{service}: No such file or directory")
        raise _down("Cannot flush mail queue - mail system is down")
    ipc.trigger(config, "public", service, b"AFD")
    ipc.trigger(config, "public", config.text("pickup_service_name"), b"W")
    return 0


def flush_id(config: Config, options: Options) -> int:
    """-i: one deferred message; an id that is not there is no mistake."""
    queue_id = options.value("i") or ""
    if not is_id(queue_id):
        raise Fatal(f"Invalid mail queue ID: {queue_id!r}", status=EX_USAGE)
    _make_due(config, [queue_id])
    return 0


def flush_site(config: Config, options: Options) -> int:
    """-s: postconf(5) fast_flush_domains says for whom."""
    site = (options.value("s") or "").strip("[]")
    if site not in domain_list(config, "fast_flush_domains"):
        raise _down(f'Flush service is not configured for destination "{site}"')
    suffix = f"@{site.lower()}"
    found = [
        entry.queue_id
        for entry in entries(QueueDirectory(config))
        if any(rcpt.address.lower().endswith(suffix) for rcpt in entry.recipients)
    ]
    _make_due(config, found)
    return 0


def _make_due(config: Config, queue_ids: Sequence[str]) -> None:
    queue, now = QueueDirectory(config), clock.now()
    for queue_id in queue_ids:
        path = queue.path("deferred", queue_id)
        try:
            os.chmod(path, os.stat(path).st_mode & 0o777 | UNTHROTTLE)
            os.utime(path, (now, now))
        except FileNotFoundError:
            continue
        except PermissionError as error:
            raise _down("Cannot flush mail queue - only root may do so") from error
    ipc.trigger(config, "public", config.text("queue_service_name"), b"D")


def _entries(config: Config) -> Iterator[Entry]:
    try:
        connection = ipc.connect(config, "public", config.text("showq_service_name"), 100)
    except OSError as error:
        if os.geteuid() != 0:
            raise _down("Queue report unavailable - mail system is down") from error
        why = f"Connect to the Postfix showq service: {error.strerror}"
        _warn(config, f"Mail system is down -- accessing queue directly ({why})")
        yield from entries(QueueDirectory(config))
        return
    with connection, connection.makefile("r", encoding="utf-8", errors="surrogateescape") as f:
        for line in f:
            if line == "\n":
                return
            yield decode(line)
    raise _down("Queue report unavailable - showq ended early")


def _warn(config: Config, text: str) -> None:
    print(f"postqueue: warning: {text}", file=sys.stderr)
    log: Log = mail_log(config, "postqueue")
    log.warning(text)


def _down(text: str) -> Fatal:
    return Fatal(text, status=EX_UNAVAILABLE)


MODES: Final[Mapping[str, Callable[[Config, Options], int]]] = {
    "f": flush,
    "i": flush_id,
    "j": show_json,
    "p": show,
    "s": flush_site,
}
