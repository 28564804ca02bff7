"""bounce(8), defer(8) and trace(8): one program, three logs; it appends, and makes reports.

REQUESTS
    append  a recipient's outcome goes into the log of the service
    flush   the log becomes a report (failure; with trace: success, or what -bv asked for)
    warn    the log becomes a report of delay, and stays
    one     a report of one recipient, without a log
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mta.bounce.notices import Kind
from labctl.node.mta.bounce.sending import ReportFailed, send_reports, templates
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_single
from labctl.node.mta.lib.queue import bounce_log
from labctl.node.mta.lib.queue.bounce_log import Outcome
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.bounce import parse_outcome, parse_subject
from labctl.node.mta.lib.services.delivery_request import DeliveryFlag

Pairs = Mapping[str, str]


def serve(context: ServiceContext) -> None:
    """Answer requests until the limits are reached."""
    templates(context)  # no report without its text: better no service than half of it

    def handle(connection: socket.socket) -> None:
        while pairs := ipc.receive(connection):
            ipc.send(connection, {"status": _status(context, pairs)})

    serve_single(context, handle)


def _status(context: ServiceContext, pairs: Pairs) -> str:
    request = REQUESTS.get(pairs.get("request", ""))
    if request is None:
        context.log.warning(f"unknown command: {pairs.get('request')!r}")
        return "-1"
    try:
        request(context, pairs)
    except (ReportFailed, OSError) as error:
        context.log.warning(f"{pairs.get('queue_id')}: {error}")
        return "-1"
    return "0"


def _append(context: ServiceContext, pairs: Pairs) -> None:
    path = _log_path(context, pairs["queue_id"])
    bounce_log.append(path, Outcome(*parse_outcome(pairs)))


def _flush(context: ServiceContext, pairs: Pairs) -> None:
    subject = parse_subject(pairs)
    path = _log_path(context, subject.queue_id)
    flags = DeliveryFlag(int(pairs.get("flags", "0")))
    kind, everything = _kind(context, flags)
    outcomes = bounce_log.read(path)
    send_reports(context, kind, subject, outcomes, everything=everything)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _warn(context: ServiceContext, pairs: Pairs) -> None:
    subject = parse_subject(pairs)
    outcomes = bounce_log.read(_log_path(context, subject.queue_id))
    send_reports(context, Kind.DELAY, subject, outcomes, everything=False)


def _one(context: ServiceContext, pairs: Pairs) -> None:
    outcome = Outcome(*parse_outcome(pairs))
    send_reports(context, Kind.FAILURE, parse_subject(pairs), [outcome], everything=False)


def _kind(context: ServiceContext, flags: DeliveryFlag) -> tuple[Kind, bool]:
    """What a flush of this service's log is about, and whether notify flags do not count."""
    if context.service != context.config.text("trace_service_name"):
        return Kind.FAILURE, False
    if flags & (DeliveryFlag.VERIFY_USER | DeliveryFlag.RECORD):
        return Kind.VERIFY, True
    return Kind.SUCCESS, False


def _log_path(context: ServiceContext, queue_id: str) -> str:
    # The service is called as its log directory is, whatever master.cf renames.
    names = {context.config.text(f"{log}_service_name"): log for log in LOGS}
    log = names.get(context.service, "bounce")
    return QueueDirectory(context.config).path(log, queue_id)


LOGS: Final = ("bounce", "defer", "trace")
REQUESTS: Final[Mapping[str, Callable[[ServiceContext, Pairs], None]]] = {
    "append": _append,
    "flush": _flush,
    "warn": _warn,
    "one": _one,
}
