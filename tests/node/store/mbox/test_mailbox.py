"""An mbox while sessions read it, change it and mail comes in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labctl.node.store import flags as flag
from labctl.node.store.append import append
from labctl.node.store.listener import MailboxError, MailboxLost, Nobody, NoSuchMailbox
from labctl.node.store.mbox.mailbox import Mbox
from labctl.node.store.names import Place
from labctl.node.store.new_mail import NewMail
from labctl.node.store.opening import How, open_mailbox

ONE = b"From ann@a.test Mon Jan  5 10:00:00 2004\nSubject: one\n\nfirst text\n\n"
TWO = b"From bob@b.test Tue Jan  6 11:00:00 2004\nSubject: two\n\nsecond text\n\n"


class Ears(Nobody):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def warn(self, text: str) -> None:
        self.heard.append(text)


@pytest.fixture
def inbox(tmp_path: Path) -> Place:
    path = tmp_path / "inbox"
    path.write_bytes(ONE + TWO)
    return Place("INBOX", str(path), True)


def opened(place: Place, how: How | None = None, ears: Nobody | None = None) -> Mbox:
    mailbox = open_mailbox(place, ears or Nobody(), "host.test", how)
    assert isinstance(mailbox, Mbox)
    return mailbox


def content(place: Place) -> bytes:
    return Path(place.path).read_bytes()


def test_a_message_is_read_with_crlf_lines(inbox):
    """Both POP3 and IMAP want them, whatever the file has."""
    mailbox = opened(inbox)
    message = mailbox.messages[1]

    assert mailbox.header(message) == b"Subject: two\r\n\r\n"
    assert mailbox.text(message) == b"second text\r\n"
    assert mailbox.size(message) == 29
    assert mailbox.date(message).internal_date().startswith(" 6-Jan-2004 11:00:00 ")
    mailbox.close()


def test_identifiers_are_given_once_and_for_all(inbox):
    """RFC 3501 2.3.1.1: a client that comes back must find its messages."""
    mailbox = opened(inbox)
    mailbox.ping()
    mailbox.close()
    again = opened(inbox, How(readonly=True))

    assert [message.uid for message in again.messages] == [1, 2]
    assert again.uid_validity == mailbox.uid_validity
    assert b"X-IMAPbase: %d 2\n" % mailbox.uid_validity in content(inbox)


def test_changed_flags_need_no_more_room(inbox):
    """They are written in place: the lines are padded for that."""
    mailbox = opened(inbox)
    mailbox.ping()
    before = content(inbox)
    mailbox.set_flags(mailbox.messages[0], flag.SEEN | flag.ANSWERED, 0)
    mailbox.check()

    assert len(content(inbox)) == len(before)
    assert b"Status: RO\nX-Status: A\n" in content(inbox)
    mailbox.close()


def test_expunging_leaves_the_others_as_they_are(inbox):
    """The file shrinks, and nothing but our own lines has changed in it."""
    mailbox = opened(inbox)
    mailbox.set_flags(mailbox.messages[0], flag.DELETED, 0)
    mailbox.expunge(lambda _message: True)
    left = mailbox.messages[0]

    assert len(mailbox.messages) == 1
    assert mailbox.text(left) == b"second text\r\n"
    assert content(inbox).startswith(
        b"From bob@b.test Tue Jan  6 11:00:00 2004\nSubject: two\n"
    )
    mailbox.close()


def test_an_emptied_mailbox_remembers_its_last_identifier(inbox):
    """Otherwise the next message would get a number that a client knows already."""
    mailbox = opened(inbox)
    for message in mailbox.messages:
        mailbox.set_flags(message, flag.DELETED, 0)
    mailbox.close(expunge=True)
    with open(inbox.path, "ab") as file:
        file.write(ONE)
    again = opened(inbox)

    assert [message.uid for message in again.messages] == [3]
    again.close()


def test_mail_that_comes_meanwhile_is_not_lost(inbox):
    """A delivery agent appends between two of our commands."""
    mailbox = opened(inbox)
    mailbox.ping()
    mailbox.set_flags(mailbox.messages[0], flag.DELETED, 0)
    with open(inbox.path, "ab") as file:
        file.write(ONE.replace(b"one", b"late"))
    mailbox.expunge(lambda _message: True)
    mailbox.close()

    assert [m.uid for m in opened(inbox, How(readonly=True)).messages] == [2, 3]
    assert b"Subject: late\n" in content(inbox)


def test_a_mailbox_that_shrinks_ends_the_session(inbox):
    """Another program has rewritten it, and our offsets lead into the middle of messages."""
    mailbox = opened(inbox)
    os.truncate(inbox.path, len(ONE))

    with pytest.raises(MailboxLost, match="Mailbox shrank from 135 to 67 bytes, aborted"):
        mailbox.check()
    mailbox.abandon()


def test_text_that_looks_like_a_separator_is_none(tmp_path):
    """People begin sentences with "From"; only a date makes a separator."""
    path = tmp_path / "box"
    path.write_bytes(ONE.replace(b"first text", b"From here on\nFrom x\nFrom a@b Mon Jan  5"))
    mailbox = opened(Place("box", str(path)), How(readonly=True))

    assert len(mailbox.messages) == 1


def test_identifiers_out_of_order_are_given_anew(tmp_path):
    """RFC 3501 2.3.1.1: they ascend, or UIDVALIDITY changes."""
    path = tmp_path / "box"
    path.write_bytes(
        ONE.replace(b"Subject", b"X-IMAPbase: 1073293201 20\nX-UID: 9\nSubject")
        + TWO.replace(b"Subject", b"X-UID: 4\nSubject")
    )
    ears = Ears()
    mailbox = opened(Place("box", str(path)), How(readonly=True), ears)

    assert [message.uid for message in mailbox.messages] == [9, 21]
    assert mailbox.uid_validity != 1073293201
    assert ears.heard == ["Message 2 UID 4 less than 10"]


def test_a_text_file_is_no_mailbox(tmp_path):
    """Rewriting it would destroy it."""
    path = tmp_path / "notes"
    path.write_bytes(b"buy milk\n")

    with pytest.raises(MailboxError, match="not in valid mailbox format"):
        opened(Place("notes", str(path)))
    with pytest.raises(NoSuchMailbox):
        opened(Place("nothing", str(tmp_path / "nothing")))


def test_only_one_session_may_write(inbox):
    """The second one that does not kiss must do without."""
    first = opened(inbox)
    second = opened(inbox, How(silent=True))

    assert (first.readonly, second.readonly) == (False, True)
    second.set_flags(second.messages[0], flag.DELETED, 0)
    second.close(expunge=True)
    assert content(inbox) == ONE + TWO
    first.close()


def test_appended_messages_get_identifiers_at_once(inbox):
    """RFC 4315 APPENDUID."""
    mail = NewMail(
        b"Subject: new\r\n\r\nFrom me\r\n", b"From eve@e.test Wed Jan  7 12:00:00 2004\n", 0
    )

    appended = append(inbox, [mail, mail], Nobody(), "host.test", "no")

    assert appended is not None
    assert appended.uids == (3, 4)
    assert content(inbox).count(b"\n>From me\n") == 2
    mailbox = opened(inbox, How(readonly=True))
    assert [bool(m.flags & flag.RECENT) for m in mailbox.messages] == [True] * 4


def test_a_failed_append_leaves_nothing(inbox, monkeypatch):
    """Half a message would swallow the next one."""
    monkeypatch.setattr(os, "fsync", lambda _fd: (_ for _ in ()).throw(OSError(28, "No space")))
    mailbox = opened(inbox)

    with pytest.raises(OSError, match="No space"):
        mailbox.add([NewMail(b"\n\nhalf\n", b"From x@y Mon Jan  5 10:00:00 2004\n", 0)])

    assert content(inbox) == ONE + TWO
    mailbox.abandon()


def test_a_foreign_dot_lock_is_waited_for_and_announced(inbox):
    """Somebody delivers; the user is told why nothing happens."""
    lock = Path(inbox.path + ".lock")
    lock.touch()

    class Unlocking(Ears):
        def warn(self, text: str) -> None:
            super().warn(text)
            lock.unlink()

    ears = Unlocking()
    opened(inbox, How(readonly=True), ears).close()

    assert ears.heard == [f"Mailbox {inbox.path} is locked, will override in 300 seconds..."]
    assert not lock.exists()
