"""What anvil remembers of a client, and for how long."""

from labctl.node.mta.anvil.counts import Counts

ANN = "smtp:198.18.0.5"


def test_connections_at_once_are_those_that_are_open():
    """The limit on parallel connections must fall again when they end."""
    counts = Counts(60.0)
    counts.connect(ANN, 0.0)

    assert counts.connect(ANN, 1.0) == (2, 2)
    counts.disconnect(ANN, 2.0)
    assert counts.connect(ANN, 3.0) == (2, 3)


def test_a_new_time_unit_begins_with_nothing():
    """A rate is a number within a unit, not for ever."""
    counts = Counts(60.0)
    counts.event(ANN, "message", 0.0)

    assert counts.event(ANN, "message", 59.0) == 2
    assert counts.event(ANN, "message", 60.0) == 1


def test_who_is_gone_is_forgotten():
    """A scan of the whole network must not fill the memory."""
    counts = Counts(60.0)
    counts.connect(ANN, 0.0)
    counts.event("smtp:198.18.0.6", "message", 0.0)
    counts.forget_idle(100.0)

    assert list(counts.records) == [ANN]
