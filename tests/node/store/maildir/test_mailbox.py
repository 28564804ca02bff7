"""Sessions on a Maildir: deliveries, flags, and other sessions meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labctl.node.store import flags as flag
from labctl.node.store.append import append
from labctl.node.store.from_line import parse
from labctl.node.store.listener import MailboxError, Nobody
from labctl.node.store.maildir import directory
from labctl.node.store.maildir.mailbox import Maildir
from labctl.node.store.maildir_delivery import deliver
from labctl.node.store.names import Place
from labctl.node.store.new_mail import NewMail
from labctl.node.store.opening import How, open_mailbox

MAIL = b"Return-Path: <ann@a.test>\nSubject: %d\n\ntext %d\n"
FROM_LINE = b"From ann@a.test Mon Jan  5 10:00:00 2004\n"


class Ears(Nobody):
    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []

    def exists(self, count: int) -> None:
        self.heard.append(("exists", count))

    def expunged(self, number: int) -> None:
        self.heard.append(("expunged", number))

    def flags_changed(self, number: int) -> None:
        self.heard.append(("flags", number))


@pytest.fixture
def inbox(tmp_path: Path) -> Place:
    path = str(tmp_path / "Maildir")
    directory.make(path)
    for number in (1, 2, 3):
        deliver(path, MAIL % (number, number), 1_700_000_000.0 + number)
    return Place("INBOX", path, True)


def opened(place: Place, how: How | None = None) -> tuple[Maildir, Ears]:
    ears = Ears()
    mailbox = open_mailbox(place, ears, "host.test", how)
    assert isinstance(mailbox, Maildir)
    ears.heard.clear()
    return mailbox, ears


def uids(mailbox: Maildir) -> list[int]:
    return [message.uid for message in mailbox.messages]


def test_messages_come_in_the_order_of_their_arrival(inbox):
    """They are recent for the one session that finds them."""
    first, _ = opened(inbox)
    second, _ = opened(inbox)

    assert uids(first) == uids(second) == [1, 2, 3]
    assert [bool(m.flags & flag.RECENT) for m in first.messages] == [True] * 3
    assert [bool(m.flags & flag.RECENT) for m in second.messages] == [False] * 3


def test_a_message_has_the_lines_of_the_wire(inbox):
    """RFC822.SIZE counts CRLF, whatever the file has."""
    mailbox, _ = opened(inbox)
    message = mailbox.messages[1]

    assert mailbox.header(message) == b"Return-Path: <ann@a.test>\r\nSubject: 2\r\n\r\n"
    assert mailbox.text(message) == b"text 2\r\n"
    assert mailbox.size(message) == len(mailbox.header(message) + mailbox.text(message))
    assert mailbox.sender_line(message).startswith(b"From ann@a.test ")


def test_identifiers_stay_over_sessions(inbox):
    """RFC 3501 2.3.1.1, also when messages before them have gone."""
    mailbox, _ = opened(inbox)
    validity = mailbox.uid_validity
    mailbox.set_flags(mailbox.messages[0], flag.DELETED, 0)
    mailbox.close(expunge=True)
    deliver(inbox.path, MAIL % (4, 4), 1_600_000_000.0)
    again, _ = opened(inbox)

    assert (again.uid_validity, uids(again)) == (validity, [2, 3, 4])


def test_a_damaged_list_gives_new_identifiers_and_a_new_validity(inbox):
    """Wrong UIDs would make a client show the wrong message."""
    opened(inbox)[0].close()
    Path(inbox.path, "uidlist").write_text("1 7 2\n5 -1 nonsense\n")
    mailbox, _ = opened(inbox)

    assert len(uids(mailbox)) == 3
    assert mailbox.uid_validity != 7


def test_flags_are_in_the_name_of_the_file(inbox):
    """Every program that knows Maildir reads them there."""
    mailbox, _ = opened(inbox)
    word = mailbox.keyword_bit("Work", create=True)
    mailbox.set_flags(mailbox.messages[0], flag.SEEN | flag.FLAGGED, word)
    again, _ = opened(inbox)

    assert {name.partition(":")[2] for name in os.listdir(f"{inbox.path}/cur")} == {
        "2,FSa",
        "2,",
    }
    assert (again.messages[0].flags, again.messages[0].keywords) == (5, 1)
    assert again.keywords == ["Work"]


def test_another_session_hears_of_flags(inbox):
    """Two clients of one user show the same."""
    (ann, _), (bob, ears) = opened(inbox), opened(inbox)
    ann.set_flags(ann.messages[1], flag.SEEN, 0)
    bob.ping()

    assert ears.heard == [("flags", 2)]
    assert bob.messages[1].flags & flag.SEEN


def test_both_may_change_one_message(inbox):
    """The file has a new name, and the other session must find it."""
    (ann, _), (bob, _) = opened(inbox), opened(inbox)
    ann.set_flags(ann.messages[0], flag.SEEN, 0)
    bob.set_flags(bob.messages[0], flag.FLAGGED, 0)

    assert bob.header(bob.messages[0]).startswith(b"Return-Path")
    assert ann.header(ann.messages[0]).startswith(b"Return-Path")
    assert len(os.listdir(f"{inbox.path}/cur")) == 3


def test_what_is_gone_keeps_its_number_until_renumbering(inbox):
    """RFC 3501 7.4.1: a client in the middle of a FETCH counts as before."""
    (ann, _), (bob, ears) = opened(inbox), opened(inbox)
    ann.set_flags(ann.messages[0], flag.DELETED, 0)
    ann.expunge(lambda _m: True)
    bob.ping(renumber=False)

    assert (len(bob.messages), bob.text(bob.messages[0])) == (3, b"")
    assert ears.heard == []
    bob.ping()
    assert ears.heard == [("expunged", 1), ("exists", 2)]


def test_a_delivery_is_seen_at_the_next_ping(inbox):
    """Also when it comes within the tick of the clock of the file system."""
    mailbox, ears = opened(inbox)
    for number in range(4, 30):
        deliver(inbox.path, MAIL % (number, number), 1_700_000_000.0 + number)
        mailbox.ping()
        assert ears.heard[-1] == ("exists", number)


def test_copies_keep_flags_keywords_and_date(inbox):
    """COPY and APPEND give all of them; what nobody has seen is recent."""
    mails = [
        NewMail(b"Subject: new\r\n\r\nx\r\n", FROM_LINE, flag.SEEN, ("Work",)),
        NewMail(b"Subject: copy\r\n\r\nx\r\n", FROM_LINE, 0, old=True),
    ]
    appended = append(inbox, mails, Nobody(), "host.test", "No")
    mailbox, _ = opened(inbox)
    new, copy = (next(m for m in mailbox.messages if m.uid == uid) for uid in appended.uids)

    assert (new.flags, new.keywords) == (flag.SEEN | flag.RECENT, 1)
    assert copy.flags == 0
    assert mailbox.date(new).epoch == parse(FROM_LINE).epoch


def test_a_failed_append_leaves_nothing(inbox, monkeypatch):
    """All messages or none (RFC 3502 3)."""
    mailbox, _ = opened(inbox)
    fsync, calls = os.fsync, iter([True, False])

    def second_fails(fd):
        if not next(calls):
            raise OSError(28, "No space left on device")
        fsync(fd)

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(MailboxError, match="No space left"):
        mailbox.add([NewMail(b"\r\nx\r\n", FROM_LINE, 0)] * 2)

    assert os.listdir(f"{inbox.path}/tmp") == []
    assert len(opened(inbox)[0].messages) == 3


def test_a_read_only_session_changes_nothing(inbox):
    """EXAMINE: new mail stays new, and flags are for this session only."""
    mailbox, _ = opened(inbox, How(readonly=True))
    mailbox.set_flags(mailbox.messages[0], flag.SEEN, 0)
    mailbox.close()

    assert len(os.listdir(f"{inbox.path}/new")) == 3
    assert not Path(inbox.path, "uidlist").exists()


def test_sizes_are_remembered(inbox, monkeypatch):
    """POP3 asks for all of them at every login."""
    mailbox, _ = opened(inbox)
    sizes = [mailbox.size(message) for message in mailbox.messages]
    mailbox.close()
    again, _ = opened(inbox)

    assert [message.size for message in again.messages] == sizes
