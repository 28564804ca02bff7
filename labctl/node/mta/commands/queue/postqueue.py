"""postqueue(1): show the queue, or ask for delivery now.

INPUT AND OUTPUT
    -p listing, -j JSON lines, -f flush all, -i ID flush one message, -s SITE flush a site.
    Everything is asked of services, so that any user may; what goes wrong is logged too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.commands.caller import refused
from labctl.node.mta.commands.options import Options, parse_options
from labctl.node.mta.commands.queue.listing_text import listing
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.queue.directory import QueueDirectory, is_id
from labctl.node.mta.lib.queue.listing import Entry, decode, encode, entries
from labctl.node.mta.lib.services import flush as flush_service
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.flush import Answer
from labctl.node.wire.hostnames import is_address_literal, is_hostname

EX_UNAVAILABLE: Final = 69
USAGE: Final = (
    "postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | postqueue -s site"
)


def main(argv: Sequence[str]) -> int:
    """Exactly one of the modes."""
    try:
        options = parse_options(argv, "c:fi:jps:v", USAGE)
    except Fatal as wrong:
        raise _unavailable(str(wrong)) from wrong
    modes = [letter for letter, _ in options.pairs if letter in MODES]
    if len(modes) != 1:
        raise _unavailable(f"usage: {USAGE}")
    config = Config.read(options.value("c"))
    try:
        if options.words:
            raise _unavailable(f"usage: {USAGE}")
        mode = MODES[modes[0]]
        if who := refused(config, mode.users):
            raise _unavailable(f"User {who} is not allowed to {mode.deed} the mail queue")
        return mode.run(config, options)
    except Fatal as failure:
        mail_log(config, "postqueue").fatal(str(failure))
        raise


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
        raise _unavailable(DOWN)
    ipc.trigger(config, "public", service, b"AFD")
    ipc.trigger(config, "public", config.text("pickup_service_name"), b"W")
    return 0


def flush_id(config: Config, options: Options) -> int:
    """-i: one deferred message; an id that is not there is no mistake."""
    queue_id = options.value("i") or ""
    if not is_id(queue_id):
        raise _unavailable(f'Cannot flush queue ID - invalid name: "{queue_id}"')
    return _told(config, flush_service.send_file(config, queue_id), queue_id)


def flush_site(config: Config, options: Options) -> int:
    """-s: postconf(5) fast_flush_domains says for whom."""
    site = options.value("s") or ""
    if not is_hostname(site) and not is_address_literal(site):
        raise _unavailable(f'Cannot flush mail queue - invalid destination: "{site}"')
    return _told(config, flush_service.send_site(config, site), site)


def _told(config: Config, answer: Answer, what: str) -> int:
    if answer is Answer.OK:
        return 0
    if answer is Answer.DENIED:
        raise _unavailable(f'Flush service is not configured for destination "{what}"')
    if answer is Answer.BAD:
        raise _unavailable(f'Invalid request: "{what}"')
    name = config.text("flush_service_name")
    if not os.path.exists(ipc.service_path(config, "public", name)):
        _warn(config, f"connect to public/{name}: No such file or directory")
    raise _unavailable(DOWN)


def _entries(config: Config) -> Iterator[Entry]:
    try:
        connection = ipc.connect(config, "public", config.text("showq_service_name"), 100)
    except OSError as error:
        why = f"Connect to the Postfix showq service: {error.strerror}"
        if os.geteuid() != 0:
            text = f"Queue report unavailable - mail system is down ({why})"
            raise _unavailable(text) from error
        _warn(config, f"Mail system is down -- accessing queue directly ({why})")
        yield from entries(QueueDirectory(config))
        return
    with connection, connection.makefile("r", encoding="utf-8", errors="surrogateescape") as f:
        for line in f:
            if line == "\n":
                return
            yield decode(line)
    raise _unavailable("Queue report unavailable - showq ended early")


def _warn(config: Config, text: str) -> None:
    print(f"postqueue: warning: {text}", file=sys.stderr)
    log: Log = mail_log(config, "postqueue")
    log.warning(text)


def _unavailable(text: str) -> Fatal:
    return Fatal(text, status=EX_UNAVAILABLE)


class Mode(NamedTuple):
    """One of the options: what it does, and who may."""

    run: Callable[[Config, Options], int]
    users: str = "authorized_flush_users"
    deed: str = "flush"


DOWN: Final = "Cannot flush mail queue - mail system is down"
MODES: Final[Mapping[str, Mode]] = {
    "f": Mode(flush),
    "i": Mode(flush_id),
    "j": Mode(show_json, "authorized_mailq_users", "view"),
    "p": Mode(show, "authorized_mailq_users", "view"),
    "s": Mode(flush_site),
}
