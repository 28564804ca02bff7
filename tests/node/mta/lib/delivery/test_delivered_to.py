"""Delivered-To: headers, which break loops between machines."""

from labctl.node.mta.lib.delivery.delivered_to import addresses


def test_addresses_are_found_whatever_their_case_and_folding():
    """A loop that goes on because of a capital letter fills two disks."""
    content = (
        b"Delivered-To: Bob@Example.test\nX: y\ndelivered-to:\n ann@example.test\n\nbody\n"
    )

    assert addresses(content) == {"bob@example.test", "ann@example.test"}


def test_the_body_is_not_a_header():
    """A quoted message must not make a loop out of its own answer."""
    assert addresses(b"Subject: x\n\nDelivered-To: bob@example.test\n") == frozenset()
