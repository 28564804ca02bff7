"""Endpoints as master.cf and main.cf write them; listeners that several processes share."""

from __future__ import annotations

import pytest

from labctl.node.base import sockets
from labctl.node.base.sockets import Endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        pytest.param("25", Endpoint("", "25"), id="a port of every address"),
        pytest.param("smtp", Endpoint("", "smtp"), id="a service by its name"),
        pytest.param("127.0.0.1:10025", Endpoint("127.0.0.1", "10025"), id="one address"),
        pytest.param("[::1]:25", Endpoint("::1", "25"), id="brackets around IPv6"),
        pytest.param("localhost:submission", Endpoint("localhost", "submission"), id="names"),
    ],
)
def test_endpoints_are_written_in_several_ways(text, endpoint):
    """master(5): the name of an inet service is [host:]port."""
    assert sockets.parse_endpoint(text) == endpoint


def test_an_unknown_service_name_is_a_value_error():
    """A typing error in master.cf must be reported with its words."""
    with pytest.raises(ValueError, match="unknown service: nosuch/tcp"):
        sockets.port_number("nosuch")


def test_accept_without_a_client_does_not_wait():
    """A sibling may have been faster at the shared socket."""
    with sockets.listen_inet("127.0.0.1", 0) as listener:
        assert sockets.accept(listener) is None


def test_a_client_is_accepted_blocking():
    """Programs that serve one client at a time read with timeouts, not with a loop."""
    with sockets.listen_inet("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with sockets.connect_inet("127.0.0.1", port, timeout=5):
            client = sockets.accept(listener)
            assert client is not None
            with client:
                assert client.getblocking()


def test_a_socket_left_by_a_crash_is_replaced(tmp_path):
    """The mail system must start again after a power cut."""
    path = str(tmp_path / "qmgr")
    sockets.listen_unix(path).close()

    with sockets.listen_unix(path), sockets.connect_unix(path, timeout=5) as client:
        assert client.gettimeout() == 5
