"""Agents among qmgrs that die: what is in their hands is delivered once, and marked."""

from __future__ import annotations

import fcntl
import os
import socket
import threading

import pytest

from labctl.node.base import sockets
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import Kind, Limits, ServiceContext
from labctl.node.mta.lib.delivery.agent import serve_deliveries
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.dsn import sent
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.delivery_request import DeliveryRequest, Times


@pytest.fixture
def queue(tmp_path):
    for name in ("active", "deferred"):
        (tmp_path / name).mkdir()
    head = len(queue_file.encode_size(queue_file.Size(0, 0, 0, 0, 0, 0)))
    rcpt = queue_file.encode(queue_file.RECIPIENT, b"bob@example.test")
    size = queue_file.encode_size(queue_file.Size(0, head + len(rcpt), 1, 0, 0, 0))
    tail = queue_file.encode(queue_file.EXTRACTED) + queue_file.encode(queue_file.END)
    (tmp_path / "active/C0FFEE").write_bytes(size + rcpt + tail)
    return tmp_path


@pytest.fixture
def agent(queue):
    """An agent in a thread; it calls what the test put into ``doing`` for each recipient."""
    doing = []
    listener = sockets.listen_unix(str(queue / "agent"))
    context = ServiceContext(
        program="test",
        service="test",
        kind=Kind.UNIX,
        arguments=(),
        config=Config({"queue_directory": str(queue), "hash_queue_names": ""}),
        listeners=[listener],
        log=Log("test", path=os.devnull),
        limits=Limits(max_use=1, max_idle=5),
    )

    def deliver(_delivery, _rcpt):
        doing.pop()()
        return sent("delivered")

    thread = threading.Thread(target=serve_deliveries, args=(context, deliver))
    thread.start()
    yield str(queue / "agent"), doing, thread
    thread.join(5)
    listener.close()


def request(queue):
    rcpts = queue_file.read(queue / "active/C0FFEE").recipients
    return DeliveryRequest(
        "active", "C0FFEE", 0, 0, "ann@example.test", "", rcpts, Times(1, 1, 1)
    ).to_attributes()


def connect(path):
    connection = sockets.connect_unix(path, timeout=5)
    assert ipc.receive(connection) == {"ready": "1"}
    return connection


def test_a_message_that_moved_meanwhile_is_marked_all_the_same(queue, agent):
    """The qmgr that starts after a crash moves what lies in active/, also what we deliver."""
    path, doing, _ = agent
    doing.append(lambda: os.rename(queue / "active/C0FFEE", queue / "deferred/C0FFEE"))
    with connect(path) as connection:
        ipc.send(connection, request(queue))

        assert ipc.receive(connection)["done"] == "1"
    assert queue_file.read(queue / "deferred/C0FFEE").recipients[0].done


def test_a_request_of_a_qmgr_that_died_is_forgotten(queue, agent):
    """Its successor may have given the message to another agent before we locked it."""
    path, doing, thread = agent
    delivered = []
    doing.append(lambda: delivered.append(True))
    with connect(path) as connection, open(queue / "active/C0FFEE", "rb") as successor:
        fcntl.flock(successor, fcntl.LOCK_EX)
        ipc.send(connection, request(queue))
        connection.shutdown(socket.SHUT_WR)
        fcntl.flock(successor, fcntl.LOCK_UN)
        thread.join(5)

    assert delivered == []
    assert not queue_file.read(queue / "active/C0FFEE").recipients[0].done
