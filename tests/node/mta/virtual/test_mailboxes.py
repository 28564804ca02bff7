"""Where virtual(8) delivers, decided by tables alone."""

import pytest

from labctl.node.mta.lib.maps.table import MapError
from labctl.node.mta.virtual.mailboxes import Mailbox, Misconfigured, Tables, find

FIXED = {"bob@example.test": "example/bob/", "eve@example.test": "example/eve"}


def tables(uid="5000", gid="5000"):
    return Tables("/var/mail/vhosts", FIXED.get, lambda _: uid, lambda _: gid, 100)


def test_a_path_with_a_slash_at_its_end_is_a_maildir():
    """virtual(8): that is how tables choose between mbox and Maildir."""
    found = find("bob@example.test", tables())

    assert found == Mailbox("/var/mail/vhosts/example/bob/", 5000, 5000)
    assert found.is_maildir
    assert not find("eve@example.test", tables()).is_maildir


def test_nobody_is_told_from_a_mistake():
    """The first bounces, the second waits for the administrator."""
    assert find("nobody@example.test", tables()) is None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        pytest.param(
            tables(uid="99"), "bad uid 99 in virtual_uid_maps", id="below the minimum"
        ),
        pytest.param(tables(uid="0"), "bad uid 0 in virtual_uid_maps", id="root"),
        pytest.param(tables(gid="x"), "bad gid x in virtual_gid_maps", id="no number"),
        pytest.param(tables(uid=None), "not found in virtual_uid_maps", id="nobody's"),
    ],
)
def test_owners_that_cannot_be_are_refused(given, text):
    """A table that others may edit must not be able to name root."""
    with pytest.raises(Misconfigured, match=text):
        find("bob@example.test", given)


def test_a_table_that_cannot_be_read_defers_the_mail():
    """Bouncing mail because of a missing .db file would lose it."""

    def broken(_address):
        raise MapError("hash:/x is unavailable")

    with pytest.raises(Misconfigured, match="unavailable"):
        find("bob@example.test", tables()._replace(mailboxes=broken))
