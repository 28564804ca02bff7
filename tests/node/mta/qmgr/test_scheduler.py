"""Whose turn it is: fairness between destinations, and between messages."""

from typing import NamedTuple

from labctl.node.mta.lib.queue.dsn import deferred
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.qmgr.feedback import Limits
from labctl.node.mta.qmgr.scheduler import Policy, Transport

DOWN = deferred("connect to down.test: Connection refused", "4.4.1")


class Name(NamedTuple):
    queue_id: str
    one_by_one: bool = False


def transport(*, limit=50, **limits):
    return Transport("smtp", Policy(Limits(**limits), recipient_limit=limit))


def add(line, queue_id, site, count=1):
    destination = line.destination(site, site)
    return line.add(
        Name(queue_id), destination, [Recipient(f"u{i}@{site}") for i in range(count)]
    )


def drain(line):
    order = []
    while entry := line.next_entry():
        order.append((entry.message.queue_id, entry.destination.name))
    return order


def test_destinations_take_turns():
    """A slow site must not hold up the others."""
    line = transport(limit=1)
    add(line, "A", "one.test", 2)
    add(line, "B", "two.test", 2)

    assert [site for _, site in drain(line)] == ["one.test", "two.test", "one.test", "two.test"]


def test_a_letter_goes_out_between_the_requests_of_a_mailing_list():
    """Nobody waits for 10,000 recipients of somebody else's message."""
    line = transport(limit=1)
    add(line, "LIST", "one.test", 3)
    add(line, "LETTER", "one.test")

    assert [message for message, _ in drain(line)] == ["LIST", "LETTER", "LIST", "LIST"]


def test_the_recipient_limit_cuts_a_message_into_requests():
    """default_destination_recipient_limit."""
    line = transport(limit=50)

    assert [len(entry.recipients) for entry in add(line, "A", "one.test", 120)] == [50, 50, 20]


def test_no_more_deliveries_at_once_than_the_window():
    """initial_destination_concurrency."""
    line = transport(limit=1, initial=2)
    add(line, "A", "one.test", 5)

    assert len(drain(line)) == 2
    assert line.startable(4) == 0


def test_a_finished_delivery_makes_room():
    """And success opens the window by one more."""
    line = transport(limit=1, initial=2)
    add(line, "A", "one.test", 5)
    first = line.next_entry()
    drain(line)
    line.finished(first, None)

    assert len(drain(line)) == 2


def test_a_dead_destination_gives_its_waiting_mail_back():
    """It is deferred with the reason, and nothing runs until the site is revived."""
    line = transport(limit=1, initial=1)
    add(line, "A", "down.test", 3)
    running = line.next_entry()

    assert line.finished(running, DOWN)
    destination = running.destination
    assert destination.reason == DOWN
    assert len(list(line.withdraw(destination))) == 2
    assert line.next_entry() is None

    line.revive(destination)
    add(line, "B", "down.test")
    assert line.next_entry() is not None


def test_an_idle_destination_is_forgotten():
    """A relay sees thousands of sites; it remembers those that matter now."""
    line = transport()
    add(line, "A", "one.test")
    line.finished(line.next_entry(), None)

    assert line.destinations == {}


def test_recipients_that_need_a_sender_each_have_a_request_each():
    """VERP: the sender names the recipient."""
    line = transport(limit=50)
    destination = line.destination("one.test", "one.test")
    rcpts = [Recipient("ann@one.test"), Recipient("bob@one.test")]

    entries = line.add(Name("A", one_by_one=True), destination, rcpts)

    assert [len(entry.recipients) for entry in entries] == [1, 1]
