"""scache(8) with its client: descriptors go in and come out."""

import socket
import threading

import pytest

from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services import scache
from labctl.node.mta.scache.service import Service


@pytest.fixture
def config(tmp_path):
    """A mail system of which only scache(8) is there."""
    (tmp_path / "private").mkdir()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "private" / "scache"))
    listener.listen(5)
    service = Service(EventLoop(), longest=2.0, timeout=1.0)

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            service.serve(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Config({"queue_directory": str(tmp_path)})
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def request(label, ttl="2"):
    return {"kind": scache.ENDPOINT, "label": label, "value": "what it can", "ttl": ttl}


def test_a_connection_survives_its_process(config):
    """What one client opened, another goes on with."""
    ours, server = socket.socketpair()
    with server:
        assert scache.save(config, request("mx"), ours)
        ours.close()
        kept = scache.find(config, scache.ENDPOINT, "mx")
        with kept.connection as again:
            again.sendall(b"RSET\r\n")

            assert kept.value == "what it can"
            assert server.recv(10) == b"RSET\r\n"


def test_a_connection_is_at_one_place_at_a_time(config):
    """Two clients that talk to one server at once would get each other's replies."""
    ours, server = socket.socketpair()
    with ours, server:
        scache.save(config, request("mx"), ours)
        scache.find(config, scache.ENDPOINT, "mx").connection.close()

        assert scache.find(config, scache.ENDPOINT, "mx") is None


def test_without_the_service_nothing_is_kept(tmp_path):
    """master.cf may have no scache: mail goes out all the same."""
    config = Config({"queue_directory": str(tmp_path)})

    assert scache.find(config, scache.ENDPOINT, "mx") is None
    assert not scache.save(config, request("mx"))
