"""What is final, what is kept for another host, and what qmgr hears."""

from types import SimpleNamespace

import pytest

from labctl.node.mta.lib.delivery.agent import Hop
from labctl.node.mta.lib.queue.dsn import deferred, failed, sent
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.smtp.outcome import Outcome

ANN, BOB = Recipient("ann@x.test", offset=1), Recipient("bob@x.test", offset=2)
HOP = Hop("mx.test[198.18.0.9]:25")


class Clerk:
    """A delivery that writes down what is settled, and what is logged."""

    def __init__(self):
        self.settled, self.logged = [], []
        self.request = SimpleNamespace(queue_id="ABC")
        self.log = SimpleNamespace(info=self.logged.append)

    def settle(self, rcpt, status, _hop):
        self.settled.append((rcpt.address, status.status))


def outcome(*, soft_bounce=False):
    result = Outcome(Clerk(), soft_bounce)
    result.left = [ANN, BOB]
    return result


def test_a_later_for_one_recipient_goes_to_the_next_host():
    """The backup may know more; what the first host said is only logged."""
    result = outcome()
    result.begin(HOP, is_last=False)
    result.decide([ANN], deferred("said: 450 later", "4.2.0"))
    result.decide([BOB], sent("250 ok"))

    assert result.left == [ANN]
    assert result.delivery.logged == ["ABC: said: 450 later"]
    assert result.delivery.settled == [("bob@x.test", "2.0.0")]


@pytest.mark.parametrize(("soft", "kept"), [(False, []), (True, [ANN])])
def test_a_refusal_is_final_unless_soft_bounce_doubts_it(soft, kept):
    """postconf(5) soft_bounce: as long as it is on, every no is a later."""
    result = outcome(soft_bounce=soft)
    result.begin(HOP, is_last=False)
    result.decide([ANN], failed("said: 550 no", "5.1.1"))

    assert result.left == kept


def test_a_host_that_goes_away_is_the_destinations_trouble():
    """qmgr must leave it alone for a while; but only when no other host is left to try."""
    result = outcome()
    result.begin(HOP, is_last=True)
    result.decide([ANN], sent("250 ok"))
    result.decide_rest(deferred("lost connection", "4.4.2"))

    assert result.destination.status == "4.4.2"
    assert result.delivery.settled == [("ann@x.test", "2.0.0"), ("bob@x.test", "4.4.2")]


def test_an_answer_for_everybody_leaves_the_destination_alone():
    """A refused message says nothing about the next one."""
    result = outcome()
    result.begin(HOP, is_last=True)
    result.decide([ANN, BOB], deferred("said: 451 later", "4.3.0"))

    assert result.destination is None
