"""cleanup(8): records from a socket into a queue file.

NAME
    cleanup - put every message into standard form and into the queue

PROTOCOL
    The client says flags=N; we answer queue_id=ID; then records come, envelope M content X
    envelope E; we answer status=N reason=TEXT.  Anything that ends early leaves no message.
"""

from __future__ import annotations

import os
import socket
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.cleanup import content, envelope, finish, settings
from labctl.node.mta.cleanup.message import Message, QueueWriter
from labctl.node.mta.cleanup.records import Records
from labctl.node.mta.cleanup.settings import Settings
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_single
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import NewFile, QueueDirectory
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.cleanup import CleanupResult, Flags, Stat


def serve(context: ServiceContext) -> None:
    """Take one message after the other."""
    site = settings.read(context.config, context.log)
    queue = QueueDirectory(context.config)
    serve_single(context, lambda client: handle(client, site, queue))


def handle(client: socket.socket, site: Settings, queue: QueueDirectory) -> None:
    """One client with one message."""
    client.settimeout(site.config.seconds("ipc_timeout"))
    flags = Flags(int(ipc.receive(client)["flags"]))
    try:
        file = queue.create("incoming")
    except OSError as error:
        site.log.warning(f"create file incoming: {error.strerror}")
        _refuse(client)
        return
    try:
        result = _take(client, site, queue, file, flags)
    except BaseException:
        # Nobody was told that we have it: it never was.
        queue.remove("incoming", file.queue_id)
        raise
    finally:
        os.close(file.fd)
    ipc.send(client, {"status": str(int(result.status)), "reason": result.reason})


def _take(
    client: socket.socket, site: Settings, queue: QueueDirectory, file: NewFile, flags: Flags
) -> CleanupResult:
    limit = site.config.number("message_size_limit")
    message = Message(file.queue_id, flags, QueueWriter(file.fd, limit), clock.now())
    ipc.send(client, {"queue_id": file.queue_id})
    try:
        copy_records(message, site, Records(client.recv))
    finally:
        if message.status & Stat.SIZE:
            site.log.warning(f"{message.queue_id}: queue file size limit exceeded")
    finish.end(message)
    result = finish.settle(message, site, queue, file)
    if message.trouble:
        site.log.warning(f"{message.queue_id}: write queue file: {message.trouble}")
    if result.status is Stat.OK and not message.flags & NOT_FOR_QMGR:
        ipc.trigger(site.config, "public", site.config.text("queue_service_name"), b"I")
    return result


def copy_records(message: Message, site: Settings, records: Records) -> None:
    """All stages but the last, over the records of one message."""
    envelope.begin(message, site)
    for kind, data in records:
        if kind == queue_file.END:
            if not message.data_end and not message.status:
                message.fail(Stat.BAD)  # an envelope without a letter
            return
        if not message.wants_output:
            continue  # the client waits for our answer until it has said everything
        if kind == queue_file.CONTENT:
            envelope.end(message, site)
            _copy_content(message, site, records)
            finish.extracted(message, site)
        else:
            envelope.take(message, site, kind, data)
    message.fail(Stat.BAD)


def _copy_content(message: Message, site: Settings, records: Records) -> None:
    """Until X.  Without body checks, simple bodies pass as they are."""
    stage = content.ContentStage(message, site)
    parser = content.parser(stage, message, site)
    for kind, data in records:
        if kind == queue_file.EXTRACTED:
            break
        if kind not in (queue_file.NORMAL, queue_file.LONG):
            message.fail(Stat.BAD)
            continue
        if b"\r" in data and site.replaces_stray:
            data = data.replace(b"\r", b" ")
        parser.line(data, more=kind == queue_file.LONG)
        if not message.wants_output:
            return
        if parser.in_simple_body and not site.body_checks:
            _copy_body(message, site, records)
    parser.finish()
    stage.judge()


def _copy_body(message: Message, site: Settings, records: Records) -> None:
    while block := records.text_block(replace_stray=site.replaces_stray):
        message.raw(block)


def _refuse(client: socket.socket) -> None:
    """No queue file, no queue id: the client finds an answer without one."""
    ipc.send(client, {"status": str(int(Stat.WRITE))})


NOT_FOR_QMGR: Final = Flags.HOLD | Flags.DISCARD
