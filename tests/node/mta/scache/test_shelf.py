"""What scache(8) keeps, and for how long."""

from labctl.node.mta.scache.shelf import Item, Shelf


def test_the_youngest_connection_is_given_out_first():
    """It has the longest time to live; and what is given out is no longer kept."""
    shelf = Shelf()
    shelf.put("mx", Item("old", 3, expires=10.0))
    shelf.put("mx", Item("young", 4, expires=11.0))

    assert [shelf.take("mx", 5.0).value for _ in range(2)] == ["young", "old"]
    assert shelf.take("mx", 5.0) is None


def test_what_is_too_old_is_not_given_out():
    """The server has its own idea of how long it waits."""
    shelf = Shelf()
    shelf.put("mx", Item("old", 3, expires=10.0))

    assert shelf.take("mx", 10.0) is None
    assert [item.descriptor for item in shelf.expire(10.0)] == [3]
    assert shelf.count == 0
