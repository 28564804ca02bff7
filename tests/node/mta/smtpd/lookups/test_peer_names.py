"""The name of a client is asked for once a second, not once a connection."""

from labctl.node.base.sockets import PeerName
from labctl.node.mta.smtpd.lookups.peer_names import PeerNames


def test_a_busy_client_is_looked_up_once():
    """A lookup costs more than the rest of a greeting."""
    asked = []

    def ask(address):
        asked.append(address)
        return PeerName(f"name-of-{address}", "", False)

    names = PeerNames(ask)

    assert [names.of(address).name[-1] for address in "1121"] == ["1", "1", "2", "1"]
    assert asked == ["1", "2"]


def test_a_name_is_forgotten_soon(monkeypatch):
    """A teacher changes a zone, and wants to see it."""
    moments = iter([10.0, 12.0])
    monkeypatch.setattr("labctl.node.base.clock.monotonic", lambda: next(moments))
    answers = iter([PeerName("old", "", False), PeerName("new", "", False)])
    names = PeerNames(lambda _address: next(answers))

    assert [names.of("1").name, names.of("1").name] == ["old", "new"]
