"""pickup(8): whenever somebody drops mail, and once a minute, submit what lies in maildrop.

STATES
    A file stays in maildrop until cleanup has taken responsibility for its message; a crash
    in between leaves a file here and perhaps a message in incoming: twice is possible, lost
    is not.
"""

from __future__ import annotations

import errno
import os
from typing import Final

from labctl.node.base import accounts
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.predecessor import outlive_predecessor
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_triggers
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import LOG_QUEUES, QueueDirectory
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile
from labctl.node.mta.lib.services.cleanup import CleanupStream, CleanupUnavailable, Flags, Stat
from labctl.node.mta.pickup.drop_file import Drop, is_ready, parse
from labctl.node.wire.header_addresses import quoted
from labctl.node.wire.mail_date import mail_date


def prepare(context: ServiceContext) -> None:
    """Two of us would submit the same file twice."""
    outlive_predecessor(context)


def serve(context: ServiceContext) -> None:
    """Scan at every trigger."""
    queue = QueueDirectory(context.config)
    serve_triggers(context, lambda _data: scan(context.config, queue, context.log))


def scan(config: Config, queue: QueueDirectory, log: Log) -> None:
    """Submit everything that is complete; go round again until nothing new comes."""
    # A file that cannot be submitted now is left for the next trigger, not for the next round.
    tried: set[str] = set()
    while fresh := [entry for entry in queue.scan("maildrop") if entry.name not in tried]:
        for entry in fresh:
            tried.add(entry.name)
            if is_ready(entry.stat(follow_symlinks=False)):
                take(config, log, entry.path)


def take(config: Config, log: Log, path: str) -> None:
    """Submit one file and remove it; what is corrupt is set aside."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning(f"open {path}: {os.strerror(error.errno or errno.EIO)}")
        return
    with open(fd, "rb") as file:
        status = os.fstat(fd)
        if not is_ready(status):
            return
        try:
            drop = parse(file.read(), status, os.geteuid())
        except (CorruptQueueFile, ValueError) as error:
            log.warning(f"{os.path.basename(path)}: malformed queue file: {error}")
            _set_aside(config, path)
            return
    name = os.path.basename(path)
    if submit(config, log, drop, name):
        os.unlink(path)
        if drop.uid == os.geteuid():
            _forget_past(config, name)


def _forget_past(config: Config, queue_id: str) -> None:
    """After postsuper -r: what the logs say was about the message under its former id."""
    queue = QueueDirectory(config)
    for name in LOG_QUEUES:
        queue.remove(name, queue_id)


def submit(config: Config, log: Log, drop: Drop, name: str) -> bool:
    """Hand one message to cleanup; False: it stays, and is tried again later."""
    try:
        with CleanupStream(config, _flags(config)) as stream:
            log.info(f"{stream.queue_id}: uid={drop.uid} from=<{_sender(drop)}>")
            _send_envelope(stream, config, drop)
            stream.record(queue_file.CONTENT)
            _send_received(stream, config, drop)
            # A line that would continue our Received header begins the body.
            if drop.first_line[:1] in (b" ", b"\t"):
                stream.record(queue_file.NORMAL)
            stream.raw(drop.content)
            result = stream.finish()
    except CleanupUnavailable as error:
        log.warning(str(error))
        return False
    if result.ok:
        return True
    if result.status & TEMPORARY:
        # What a table of checks puts off, cleanup has logged; there is nothing wrong with us.
        if not result.status & Stat.DEFER:
            reason = result.reason or result.verdict.text
            log.warning(f"maildrop/{name}: error writing {stream.queue_id}: {reason}")
        return False
    log.warning(f"maildrop: message rejected: {result.reason or result.verdict.text}")
    return True


def _send_envelope(stream: CleanupStream, config: Config, drop: Drop) -> None:
    """T first, as cleanup wants it; then what the user said, in the order of the file."""
    whole, micro = int(drop.arrival), int(drop.arrival % 1 * 1_000_000)
    stream.record(queue_file.TIME, f"{whole} {micro}".encode())
    # Also when empty: "pickup -o content_filter=" lets the mail of a filter pass by itself.
    stream.record(queue_file.FILTER, config.text("content_filter").encode())
    if not any(item.data.startswith(b"rewrite_context=") for item in drop.envelope):
        stream.attribute("rewrite_context", "local")
    for kind, data, _ in drop.envelope:
        stream.record(kind, data)


def _flags(config: Config) -> Flags:
    # postconf(5) smtputf8_autodetect_classes: sendmail(1) cannot say SMTPUTF8.
    guessed = {"sendmail", "all"} & set(config.words("smtputf8_autodetect_classes"))
    detect = bool(guessed) and config.flag("smtputf8_enable")
    return Flags.EXTERNAL | Flags.BOUNCE | (Flags.AUTOUTF8 if detect else Flags.NONE)


def _send_received(stream: CleanupStream, config: Config, drop: Drop) -> None:
    # RFC 5321 4.4: the trace line of the first hop; there is no "from" but a user.
    host, name = config.text("myhostname"), config.text("mail_name")
    stream.record(
        queue_file.NORMAL, f"Received: by {host} ({name}, from userid {drop.uid})".encode()
    )
    date = mail_date(drop.arrival)
    stream.record(queue_file.NORMAL, f"\tid {stream.queue_id}; {date}".encode())


def _sender(drop: Drop) -> str:
    if drop.sender or any(item.kind == queue_file.FROM for item in drop.envelope):
        return quoted(drop.sender) if drop.sender else ""
    account = accounts.by_uid(drop.uid)
    return account.name if account else f"uid-{drop.uid}"


def _set_aside(config: Config, path: str) -> None:
    target = f"{config.text('queue_directory')}/corrupt/{os.path.basename(path)}"
    os.rename(path, target)


TEMPORARY: Final = Stat.WRITE | Stat.DEFER | Stat.PROXY
