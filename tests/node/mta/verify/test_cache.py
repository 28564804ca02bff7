"""What verify knows of an address, and when it asks again."""

import pytest

from labctl.node.mta.lib.services.verify import Known, Status
from labctl.node.mta.verify.cache import IN_PROGRESS, Cache, Lifetimes

GOOD = Known(Status.OK, "250 ok")
BAD = Known(Status.BOUNCE, "550 unknown")


@pytest.fixture
def cache() -> Cache:
    """Good news holds for 100 seconds, bad news for 10."""
    return Cache(Lifetimes(50.0, 100.0), Lifetimes(5.0, 10.0))


def test_an_unknown_address_gets_one_probe(cache):
    """A thousand clients that ask must not send a thousand probes."""
    assert cache.query("bob@example.test", 0.0) == (IN_PROGRESS, True)
    assert cache.query("bob@example.test", 1.0) == (IN_PROGRESS, False)


def test_what_a_probe_found_is_remembered(cache):
    """The next client does not have to wait."""
    cache.query("bob@example.test", 0.0)
    cache.update("bob@example.test", GOOD, 1.0)

    assert cache.query("bob@example.test", 2.0) == (GOOD, False)


def test_old_knowledge_is_refreshed_while_it_still_holds(cache):
    """Nobody waits for an address that was fine all the time."""
    cache.update("bob@example.test", GOOD, 0.0)

    assert cache.query("bob@example.test", 60.0) == (GOOD, True)
    assert cache.query("bob@example.test", 61.0) == (GOOD, False)


def test_bad_news_expires_sooner(cache):
    """A new user must not stay unknown for a month."""
    cache.update("bob@example.test", BAD, 0.0)

    assert cache.query("bob@example.test", 4.0) == (BAD, False)
    assert cache.query("bob@example.test", 11.0) == (IN_PROGRESS, True)
