"""Agents are called when there is work for them, and nobody stands by while work waits."""

import contextlib
import socket
import time

import pytest

from labctl.node.base import sockets
from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.delivery_request import DeliveryRequest, Times
from labctl.node.mta.qmgr.agents import MAX_USE, Crew

REQUEST = DeliveryRequest("active", "1A", 0, 0, "", "", (), Times(0, 0, 0))


class Work:
    """So many requests, so many of them at a time."""

    def __init__(self, count, window):
        self.left, self.window, self.busy, self.done = count, window, 0, 0
        self.forgotten = False

    def next_job(self):
        if not self.startable(1):
            return None
        self.left, self.busy = self.left - 1, self.busy + 1
        return REQUEST, self._finished

    def startable(self, most):
        return min(most, self.left, self.window - self.busy)

    def nobody_came(self):
        self.left, self.forgotten = 0, True

    def _finished(self, reply):
        self.busy, self.done = self.busy - 1, self.done + 1


class Service:
    """Agents that are always there and always succeed."""

    def __init__(self, loop, path):
        self.loop, self.clients = loop, []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()
        self.listener.setblocking(False)
        loop.add_reader(self.listener.fileno(), self._accept)

    def close(self):
        for connection in (self.listener, *self.clients):
            connection.close()

    def _accept(self):
        client = self.listener.accept()[0]
        self.clients.append(client)
        self.loop.add_reader(client.fileno(), lambda: self._answer(client))
        ipc.send(client, {"ready": "1"})

    def _answer(self, client):
        if client.recv(65536):
            ipc.send(client, {"done": "1"})
        else:
            self.loop.remove_reader(client.fileno())
            client.close()


@pytest.fixture
def service(tmp_path):
    loop = EventLoop()
    service = Service(loop, f"{tmp_path}/agents")
    yield service
    service.close()
    loop.close()


@contextlib.contextmanager
def crew_for(work, service):
    crew = Crew(service.loop, service.listener.getsockname(), work)
    crew.wake()
    yield crew
    crew.close()


def run(loop, until):
    deadline = time.monotonic() + 5
    while not until() and time.monotonic() < deadline:
        loop.run_once(timeout=0.1)


def test_work_goes_on_when_a_worn_out_agent_is_dismissed(service):
    """Others stood by, idle, and the mail would have waited for the next message."""
    work = Work(3 * MAX_USE, window=3)
    with crew_for(work, service):
        run(service.loop, lambda: len(service.clients) == 3)
        work.window = 1
        run(service.loop, lambda: work.done == 3 * MAX_USE)
    assert work.done == 3 * MAX_USE


def test_no_more_agents_are_called_than_can_work(service):
    """Each of them is a process, which would cost memory and stand by."""
    work = Work(50, window=2)
    with crew_for(work, service):
        run(service.loop, lambda: work.done == 50)
    assert (work.done, len(service.clients)) == (50, 2)


def test_a_call_that_nobody_answers_is_given_up(tmp_path):
    """A program that never starts would keep its mail in the active queue for ever."""
    loop, work = EventLoop(), Work(1, window=1)
    with contextlib.closing(loop), sockets.listen_unix(f"{tmp_path}/agents") as listener:
        crew = Crew(loop, listener.getsockname(), work, patience=0.02)
        crew.wake()
        run(loop, lambda: work.forgotten)
        crew.close()

    assert work.forgotten
