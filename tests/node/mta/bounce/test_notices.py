"""Who is told: never a loop, never a stranger, the postmaster only when asked."""

import pytest

from labctl.node.mta.bounce.notices import Kind, Notice, Situation, notices, wanted
from labctl.node.mta.lib.queue.bounce_log import Outcome
from labctl.node.mta.lib.queue.dsn import Notify, failed
from labctl.node.mta.lib.queue.queue_file import Recipient

DOUBLE = "double-bounce@mail.example.test"
PLAIN = Situation("ann@example.test", "", 100, frozenset(), "postmaster", "postmaster", DOUBLE)


def test_the_sender_gets_the_whole_message_back():
    """RFC 3464: by default the sender may want the text again."""
    assert list(notices(Kind.FAILURE, PLAIN)) == [Notice("", "ann@example.test", False, False)]


def test_the_postmaster_gets_headers_only():
    """notify_classes = bounce; the text is nobody else's business."""
    found = list(notices(Kind.FAILURE, PLAIN._replace(classes=frozenset({"bounce"}))))

    assert found[1] == Notice(DOUBLE, "postmaster", True, True)


def test_a_bounce_of_a_bounce_goes_to_the_postmaster_or_nowhere():
    """The null sender never gets mail: that is what stops loops."""
    bounced = PLAIN._replace(sender="")

    assert list(notices(Kind.FAILURE, bounced)) == []
    classes = bounced._replace(classes=frozenset({"2bounce"}))
    assert list(notices(Kind.FAILURE, classes)) == [Notice(DOUBLE, "postmaster", True, False)]


def test_what_the_postmaster_cannot_get_is_dropped():
    """A third bounce would have nobody left to go to."""
    triple = PLAIN._replace(sender=DOUBLE, classes=frozenset({"bounce", "2bounce"}))

    assert list(notices(Kind.FAILURE, triple)) == []


@pytest.mark.parametrize(
    ("kind", "ret", "size", "headers_only"),
    [
        (Kind.FAILURE, "HDRS", 100, True),
        (Kind.FAILURE, "FULL", 100_000, True),
        (Kind.DELAY, "", 100, True),
        (Kind.SUCCESS, "FULL", 100, False),
    ],
)
def test_how_much_comes_back(kind, ret, size, headers_only):
    """RET= of the sender, within bounce_size_limit."""
    situation = PLAIN._replace(dsn_ret=ret, size=size)

    assert next(iter(notices(kind, situation))).headers_only is headers_only


@pytest.mark.parametrize(
    ("kind", "notify", "told"),
    [
        (Kind.FAILURE, Notify.UNSET, True),
        (Kind.FAILURE, Notify.NEVER, False),
        (Kind.FAILURE, Notify.SUCCESS, False),
        (Kind.DELAY, Notify.FAILURE, False),
        (Kind.SUCCESS, Notify.UNSET, False),
        (Kind.SUCCESS, Notify.SUCCESS, True),
    ],
)
def test_notify_decides_by_recipient(kind, notify, told):
    """RFC 3461 4.1: NOTIFY is a promise to each recipient's sender."""
    outcome = Outcome(Recipient("bob@example.test", notify=notify), failed("no"))

    assert bool(wanted(kind, [outcome], everything=False)) is told
