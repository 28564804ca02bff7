"""What becomes of a message after its tries, with the clock in our hand."""

import pytest

from labctl.node.mta.lib.queue.queue_file import Envelope
from labctl.node.mta.qmgr.fate import Fate, Patience, fate, next_attempt

LETTER = Envelope(sender="ann@example.test", created=1000.0)
PATIENCE = Patience(lifetime=500.0, bounce_lifetime=100.0)


def decide(envelope, now, *, unfinished=True, expire=False):
    return fate(envelope, PATIENCE, unfinished=unfinished, now=now, expire=expire)


@pytest.mark.parametrize(
    ("envelope", "now", "expected"),
    [
        pytest.param(LETTER, 1499.0, Fate.POSTPONE, id="young mail is tried again"),
        pytest.param(LETTER, 1500.0, Fate.RETURN, id="old mail goes back"),
        pytest.param(LETTER._replace(sender=""), 1100.0, Fate.RETURN, id="bounces age faster"),
        pytest.param(LETTER._replace(warn_at=1200.0), 1200.0, Fate.WARN, id="late mail warns"),
        pytest.param(LETTER._replace(warn_at=1200.0), 1100.0, Fate.POSTPONE, id="not yet late"),
        pytest.param(
            LETTER._replace(warn_at=1200.0), 1600.0, Fate.RETURN, id="too late to warn"
        ),
    ],
)
def test_age_decides(envelope, now, expected):
    """maximal_queue_lifetime, bounce_queue_lifetime, delay_warning_time."""
    assert decide(envelope, now) is expected


def test_finished_mail_is_removed_however_old():
    """Nothing is returned that was delivered."""
    assert decide(LETTER, 9999.0, unfinished=False) is Fate.REMOVE


def test_postsuper_can_expire_young_mail():
    """postsuper -e."""
    assert decide(LETTER, 1001.0, expire=True) is Fate.RETURN


@pytest.mark.parametrize(
    ("waited", "delay"), [(0, 300), (299, 300), (600, 600), (1200, 1200), (9000, 4000)]
)
def test_backoff_doubles_between_its_limits(waited, delay):
    """A message waits as long again as it has waited already."""
    now = LETTER.created + waited

    assert next_attempt(LETTER, Patience(), now) == now + delay
