"""From resolved addresses to transports."""

from labctl.node.mta.lib.queue.dsn import deferred
from labctl.node.mta.lib.queue.queue_file import Envelope, Recipient
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag
from labctl.node.mta.qmgr import routing
from labctl.node.mta.qmgr.routing import Policy

LETTER = Envelope(sender="ann@example.test")
BOB = Recipient("bob@example.test")
TO_SMTP = Resolved("smtp", "example.test", "bob@example.test", ResolveFlag.DEFAULT)


def where(resolved, envelope=LETTER, rcpt=BOB, policy=None, *, flush=False):
    found = routing.route(envelope, rcpt, resolved, policy or Policy(), flush=flush)
    return found.transport, found.nexthop


def test_the_resolver_decides_as_a_rule():
    """Transport and next hop come from trivial-rewrite."""
    assert where(TO_SMTP) == ("smtp", "example.test")


def test_a_failed_lookup_is_tried_again_later():
    """A table that cannot be read must not bounce mail."""
    resolved = Resolved("", "", "", ResolveFlag.FAIL)

    assert where(resolved) == ("retry", "4.3.0 address resolver failure")


def test_the_null_recipient_is_whom_rewriting_makes_of_it():
    """An alias for <> stands for empty_address_recipient, and is delivered to it."""
    resolved = Resolved("local", "example.test", "MAILER-DAEMON@example.test", ResolveFlag(0))
    found = routing.route(LETTER, Recipient(""), resolved, Policy(), flush=False)

    assert (found.transport, found.recipient.address) == ("local", "MAILER-DAEMON@example.test")


def test_a_bad_address_is_an_error_for_good():
    """j@[198.51.100.300] will not get better."""
    resolved = TO_SMTP._replace(flags=ResolveFlag.ERROR)

    assert where(resolved) == ("error", "5.1.3 bad address syntax")


def test_a_filter_goes_before_the_recipients_route():
    """content_filter; without a destination it is the recipient's domain."""
    assert where(TO_SMTP, LETTER._replace(filter="scan:[127.0.0.1]:10025")) == (
        "scan",
        "[127.0.0.1]:10025",
    )
    assert where(TO_SMTP, LETTER._replace(filter="scan:")) == ("scan", "example.test")


def test_deferred_transports_wait_for_a_flush():
    """defer_transports = smtp on a machine that dials up."""
    policy = Policy(defer_transports=frozenset({"smtp"}))

    assert where(TO_SMTP, policy=policy) == ("retry", "4.3.2 deferred transport")
    assert where(TO_SMTP, policy=policy, flush=True) == ("smtp", "example.test")


def test_a_double_bounce_that_comes_home_is_dropped():
    """Nobody reads what could not be delivered even to the postmaster."""
    rcpt = Recipient("double-bounce@example.test")
    resolved = Resolved("local", "example.test", rcpt.address, ResolveFlag.LOCAL)

    assert routing.route(LETTER, rcpt, resolved, Policy(), flush=False).discard


def test_local_mailboxes_are_destinations_of_their_own():
    """local_destination_concurrency_limit holds per user, extensions included."""
    route = routing.Route("local", "example.test", Recipient("Bob+x@example.test"))

    assert routing.destination_name(route, 1, "+") == "bob@example.test"
    assert routing.destination_name(route, 50, "+") == "example.test"


def test_a_dead_destination_says_why_in_the_words_of_the_log():
    """Log readers look for "delivery temporarily suspended"."""
    reason = deferred("connect to h[198.18.0.9]:25: Connection refused", "4.4.1")

    assert routing.suspended(reason) == (
        "4.4.1 delivery temporarily suspended: connect to h[198.18.0.9]:25: Connection refused"
    )
