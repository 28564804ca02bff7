"""The skeletons of daemons: clients, limits, and the end when master is gone."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from labctl.node.base import processes, sockets
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon import server
from labctl.node.mta.lib.daemon.server import Kind, Limits, ServiceContext, Status
from labctl.node.mta.lib.services import ipc


class Daemon:
    """A daemon in a process of its own, with this test as its master."""

    def __init__(self, path, serve, kind=Kind.UNIX, **limits):
        self.path = str(path / "service")
        self.listener = sockets.listen_unix(self.path)
        self.status, told = os.pipe()
        log = Log("test", path=os.devnull)
        context = ServiceContext(
            program="test",
            service="test",
            kind=kind,
            arguments=(),
            config=Config({}),
            listeners=[self.listener],
            log=log,
            limits=Limits(**limits),
            status=Status(told, 1),
        )
        keep = [self.listener.fileno(), told]
        self.pid = processes.fork_program(
            lambda: serve(context), title="test", log=log, keep=keep
        )
        os.close(told)

    def connect(self):
        return sockets.connect_unix(self.path, timeout=5)

    def told(self):
        """The next change of state."""
        return server.parse_status(os.read(self.status, server.STATUS_SIZE))

    def abandon(self):
        """Do as a master that is reloaded, or dies."""
        os.close(self.status)
        self.status = -1

    def wait(self):
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.status >= 0:
            self.abandon()
        if self.pid:
            self.wait()
        self.listener.close()


@pytest.fixture
def start(tmp_path):
    daemons = []

    def start(serve, **options):
        daemons.append(Daemon(tmp_path, serve, **options))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.close()


def greet(context):
    server.serve_single(context, lambda client: client.sendall(b"hello"))


def double(context):
    server.serve_many(context, lambda request: {"answer": request["word"] * 2})


def test_master_hears_when_a_process_is_busy_and_when_it_is_idle(start):
    """It decides by that whether to start another one."""
    daemon = start(greet)
    with daemon.connect() as client:
        assert client.recv(10) == b"hello"

    assert daemon.told() == (daemon.pid, 1, False)
    assert daemon.told() == (daemon.pid, 1, True)


def test_who_finds_the_next_client_waiting_does_not_say_that_it_was_idle(start):
    """master would wake up twice for every message of a busy system."""
    daemon = start(greet, max_use=5)
    os.kill(daemon.pid, signal.SIGSTOP)
    clients = [daemon.connect() for _ in range(5)]
    os.kill(daemon.pid, signal.SIGCONT)
    assert [client.recv(10) for client in clients] == [b"hello"] * 5
    assert daemon.wait() == 0
    for client in clients:
        client.close()

    records = os.read(daemon.status, 100 * server.STATUS_SIZE)
    assert (
        len(records) == 4 * server.STATUS_SIZE
    )  # busy, idle once as proof of life, both again


def test_a_client_may_be_handed_over(start):
    """master(5) "pass": postscreen accepts strangers, and gives smtpd who may speak."""
    daemon = start(greet, kind=Kind.PASS)
    ours, theirs = socket.socketpair()
    with ours, theirs, daemon.connect() as carrier:
        socket.send_fds(carrier, [b"\0"], [theirs.fileno()])

        assert ours.recv(10) == b"hello"


def test_a_process_of_many_clients_tells_that_it_works(start):
    """Its clients stay for hours: killed before the first leaves, it must not look broken."""
    daemon = start(double)
    with daemon.connect() as client:
        ipc.send(client, {"word": "ab"})
        ipc.receive(client)

        assert daemon.told() == (daemon.pid, 1, True)


def test_a_process_ends_after_its_share_of_clients(start):
    """postconf(5) max_use: what leaks memory does not do so for ever."""
    daemon = start(greet, max_use=2)
    for _ in range(2):
        with daemon.connect() as client:
            client.recv(10)

    assert daemon.wait() == 0


def test_a_process_without_clients_ends(start):
    """postconf(5) max_idle: a quiet machine has few processes."""
    assert start(greet, max_idle=0.02).wait() == 0
    assert start(double, max_idle=0.02).wait() == 0


@pytest.mark.parametrize("serve", [greet, double])
def test_a_process_without_a_master_ends(start, serve):
    """After a reload the old generation must go."""
    daemon = start(serve)
    daemon.abandon()

    assert daemon.wait() == 0


def test_the_last_client_before_a_reload_is_served(start):
    """It was accepted already, and nobody else would ever answer it."""

    def serve(context):
        server.serve_single(context, lambda client: client.sendall(client.recv(10)))

    daemon = start(serve)
    with daemon.connect() as client:
        assert daemon.told() == (daemon.pid, 1, False)
        daemon.abandon()
        client.sendall(b"mail")

        assert client.recv(10) == b"mail"
    assert daemon.wait() == 0


def test_whoever_knocks_during_a_reload_is_left_to_the_next_generation(start):
    """A process that is about to go must not take somebody with it."""
    daemon = start(greet, max_idle=5)
    os.kill(daemon.pid, signal.SIGSTOP)
    with daemon.connect() as client:
        daemon.abandon()
        os.kill(daemon.pid, signal.SIGCONT)
        assert daemon.wait() == 0
        accepted = sockets.accept(daemon.listener)
        assert accepted is not None
        with accepted:
            accepted.sendall(b"next")

        assert client.recv(10) == b"next"


def test_a_client_that_vanishes_is_no_failure(start):
    """Half of the Internet does not say goodbye."""

    def read(context):
        server.serve_single(context, ipc.receive)

    daemon = start(read, max_use=1)
    daemon.connect().close()

    assert daemon.wait() == 0


def test_one_process_serves_many_clients_at_once(start):
    """Every cleanup keeps a connection to trivial-rewrite."""
    daemon = start(double)
    with daemon.connect() as one, daemon.connect() as two:
        for client, word in ((one, "a"), (two, "b"), (one, "c")):
            ipc.send(client, {"word": word})
            assert ipc.receive(client) == {"answer": word * 2}


def test_a_slow_client_does_not_hold_up_the_others(start):
    """Half a request must wait by itself."""
    daemon = start(double)
    with daemon.connect() as slow, daemon.connect() as fast:
        slow.sendall(b"word\0")
        ipc.send(fast, {"word": "x"})
        assert ipc.receive(fast) == {"answer": "xx"}
        slow.sendall(b"y\0\0")

        assert ipc.receive(slow) == {"answer": "yy"}


def test_nonsense_ends_one_client_only(start):
    """Somebody may type into a socket by hand."""
    daemon = start(double)
    with daemon.connect() as wrong, daemon.connect() as right:
        wrong.sendall(b"\0\0\0")
        assert wrong.recv(10) == b""
        ipc.send(right, {"word": "x"})

        assert ipc.receive(right) == {"answer": "xx"}


def test_a_trigger_is_handed_on(start):
    """pickup learns that way that there is a file."""

    def serve(context):
        server.serve_triggers(context, lambda data: os._exit(int(data)))

    daemon = start(serve)
    with daemon.connect() as client:
        client.sendall(b"7")

    assert daemon.wait() == 7
