"""flush(8): add, send_site, send_file, and the clean-up of old logs.

HOW A MESSAGE IS FLUSHED
    Its time of next attempt becomes now, a mode bit tells qmgr to try even a dead destination,
    and it moves from deferred to incoming, where qmgr is told to look.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.flush import site_log
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_many
from labctl.node.mta.lib.queue.directory import UNTHROTTLE, QueueDirectory, is_complete, is_id
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.flush import Answer

Request = Mapping[str, str]


def serve(context: ServiceContext) -> None:
    """Answer requests until the limits are reached; master's wake-up is a request too."""
    serve_many(context, lambda request: {"status": handle(context, request).value})


def handle(context: ServiceContext, request: Request) -> Answer:
    """Obey one request."""
    deed = REQUESTS.get(request.get("request", ""))
    if deed is None:
        context.log.warning(f"unrecognized command {request.get('request')!r}")
        return Answer.BAD
    return deed(context, request)


def _add(context: ServiceContext, request: Request) -> Answer:
    queue_id = request["queue_id"]
    if not is_id(queue_id):
        return Answer.BAD
    site_log.append(site_log.path(_directory(context), request["site"]), queue_id)
    return Answer.OK


def _send_site(context: ServiceContext, request: Request) -> Answer:
    log = site_log.path(_directory(context), request["site"])
    return _flush(context, site_log.take(log))


def _send_file(context: ServiceContext, request: Request) -> Answer:
    queue_id = request["queue_id"]
    return _flush(context, [queue_id]) if is_id(queue_id) else Answer.BAD


def _flush(context: ServiceContext, queue_ids: Iterable[str]) -> Answer:
    queues = QueueDirectory(context.config)
    if sum([_flush_one(queues, queue_id) for queue_id in queue_ids]):
        ipc.trigger(context.config, "public", context.config.text("queue_service_name"), b"I")
    return Answer.OK


def _flush_one(queues: QueueDirectory, queue_id: str) -> bool:
    """Whether there was something to flush; incoming is looked at because qmgr may be busy."""
    for queue in ("incoming", "deferred"):
        path = queues.path(queue, queue_id)
        try:
            status = os.stat(path)
            if not is_complete(status):
                return False
            os.chmod(path, status.st_mode & 0o777 | UNTHROTTLE)
            os.utime(path, (clock.now(), clock.now()))
            if queue == "deferred":
                queues.rename(queue_id, "deferred", "incoming")
        except FileNotFoundError:
            continue
        return True
    return False


def _refresh(context: ServiceContext, _request: Request) -> Answer:
    """postconf(5) fast_flush_purge_time: a log that nobody asks for goes."""
    oldest = clock.now() - context.config.seconds("fast_flush_purge_time")
    for entry in list(os.scandir(_directory(context))):
        if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < oldest:
            os.unlink(entry.path)
    return Answer.OK


def _directory(context: ServiceContext) -> str:
    directory = os.path.join(context.config.text("queue_directory"), "flush")
    os.makedirs(directory, mode=0o700, exist_ok=True)
    return directory


REQUESTS: Final[Mapping[str, Callable[[ServiceContext, Request], Answer]]] = {
    "add": _add,
    "send_site": _send_site,
    "send_file": _send_file,
    "refresh": _refresh,
    "purge": _refresh,
}
