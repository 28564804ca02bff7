"""Two sessions on one mailbox, in the mode for real clients."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labctl.node.store import flags as flag
from labctl.node.store.append import append, append_here, takes_more
from labctl.node.store.listener import Nobody
from labctl.node.store.mailbox import Mode
from labctl.node.store.mbox.write import write_pieces
from labctl.node.store.names import Place
from labctl.node.store.new_mail import NewMail
from labctl.node.store.opening import How, open_mailbox

SHARED = How(mode=Mode.SHARED)
DATE = b"Wed Jan  7 12:00:00 2004\n"
MAIL = b"From ann@a.test Mon Jan  5 10:00:00 2004\nSubject: %d\n\ntext %d\n\n"


class Ears(Nobody):
    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def expunged(self, number: int) -> None:
        self.heard.append(("expunged", number))

    def flags_changed(self, number: int) -> None:
        self.heard.append(("flags", number))


@pytest.fixture
def inbox(tmp_path: Path) -> Place:
    path = tmp_path / "inbox"
    path.write_bytes(b"".join(MAIL % (n, n) for n in (1, 2, 3)))
    return Place("INBOX", str(path), True)


def session(place: Place):
    ears = Ears()
    mailbox = open_mailbox(place, ears, "host.test", SHARED)
    return mailbox.ping(), ears


def test_a_change_of_flags_reaches_the_other_session(inbox):
    """IMAP clients of one user show the same."""
    (ann, _), (bob, ears) = session(inbox), session(inbox)
    ann.set_flags(ann.messages[1], flag.SEEN, ann.keyword_bit("Work", create=True))
    ann.ping()
    bob.ping()

    assert bob.messages[1].flags & flag.SEEN
    assert bob.keywords == ["Work"]
    assert bob.messages[1].keywords == 1
    assert ears.heard == [("flags", 2)]


def test_changes_of_both_are_kept(inbox):
    """Neither session overwrites what the other has done."""
    (ann, _), (bob, _) = session(inbox), session(inbox)
    ann.set_flags(ann.messages[0], flag.SEEN, 0)
    bob.set_flags(bob.messages[0], flag.FLAGGED, 0)
    ann.ping()
    bob.ping()
    ann.ping()

    assert ann.messages[0].flags & ~flag.RECENT == flag.SEEN | flag.FLAGGED
    assert bob.messages[0].flags & ~flag.RECENT == flag.SEEN | flag.FLAGGED


def test_a_message_that_is_gone_keeps_its_number_for_now(inbox):
    """RFC 3501 7.4.1: numbers must not change under a FETCH."""
    (ann, _), (bob, ears) = session(inbox), session(inbox)
    ann.set_flags(ann.messages[0], flag.DELETED, 0)
    ann.expunge(lambda _message: True)
    bob.ping(renumber=False)

    assert len(bob.messages) == 3
    assert bob.text(bob.messages[0]) == b""
    assert bob.text(bob.messages[1]) == b"text 2\r\n"
    bob.ping()
    assert [message.uid for message in bob.messages] == [2, 3]
    assert ears.heard == [("expunged", 1)]


def test_mail_is_appended_while_others_look(inbox):
    """In this mode APPEND always knows the UID, and keywords are kept."""
    bob, _ = session(inbox)
    line = b"From eve@e.test Wed Jan  7 12:00:00 2004\n"
    mail = NewMail(b"Subject: new\r\n\r\nbody\r\n", line, 0, ("Todo",))
    appended = append(inbox, [mail], Nobody(), "host.test", "no", Mode.SHARED)
    bob.ping()

    assert appended is not None
    assert appended.uids == (4,)
    assert [message.uid for message in bob.messages] == [1, 2, 3, 4]
    assert bob.keywords == ["Todo"]
    assert [message.keywords for message in bob.messages] == [0, 0, 0, 1]


def test_identifiers_survive_a_look_between_append_and_close(inbox):
    """A session that met a UID beyond the last one would give all messages new identifiers."""
    (ann, _), (bob, ears) = session(inbox), session(inbox)
    validity = bob.uid_validity
    ann.add([NewMail(b"Subject: new\r\n\r\nbody\r\n", b"From eve@e.test " + DATE, 0)])
    bob.ping()

    assert [message.uid for message in bob.messages] == [1, 2, 3, 4]
    assert (bob.uid_validity, ears.warnings) == (validity, [])


def test_both_read_on_after_the_file_was_rewritten(inbox):
    """Offsets change when a message in front goes."""
    (ann, _), (bob, _) = session(inbox), session(inbox)
    bob.set_flags(bob.messages[1], flag.DELETED, 0)
    bob.expunge(lambda _message: True)

    assert ann.text(ann.messages[2]) == b"text 3\r\n"


def test_a_change_within_one_tick_of_the_clock_is_seen(inbox, monkeypatch):
    """The clock of a file system ticks every few milliseconds; sessions are faster."""
    (ann, _), (bob, _) = session(inbox), session(inbox)
    before = os.stat(inbox.path)
    ann.set_flags(ann.messages[0], flag.SEEN, 0)
    monkeypatch.setattr(
        "labctl.node.store.mbox.mailbox.write_pieces", _in_one_tick(before.st_mtime_ns)
    )
    ann.ping()
    bob.ping()

    assert os.stat(inbox.path).st_size == before.st_size
    assert bob.messages[0].flags & flag.SEEN


def _in_one_tick(mtime: int):
    def write(fd, pieces, old_size):
        size = write_pieces(fd, pieces, old_size)
        os.utime(fd, ns=(mtime, mtime))
        return size

    return write


def test_the_first_message_of_a_mailbox_gets_the_identity_that_was_told(tmp_path):
    """mbsync(1) fills an empty INBOX, and asks next time whether it is still the same."""
    path = tmp_path / "inbox"
    path.touch()
    inbox = Place("INBOX", str(path), True)
    ann, _ = session(inbox)
    told = ann.uid_validity - 100
    ann.uid_validity = told
    mail = NewMail(b"Subject: one\r\n\r\n1\r\n", b"From eve@e.test " + DATE, 0, ("Todo",))
    appended = append_here(ann, [mail, mail], Nobody())
    ann = ann.ping()

    assert takes_more(ann, inbox)
    assert appended == (told, (1, 2), "unix")
    assert (ann.uid_validity, [m.uid for m in ann.messages]) == (told, [1, 2])
    assert ([m.keywords for m in ann.messages], ann.keywords) == ([1, 1], ["Todo"])


def test_mail_that_came_first_is_not_overwritten(tmp_path):
    """Between the look at an empty file and the lock on it somebody may deliver."""
    path = tmp_path / "inbox"
    path.touch()
    ann, _ = session(Place("INBOX", str(path), True))
    path.write_bytes(MAIL % (1, 1))
    mail = NewMail(b"Subject: two\r\n\r\n2\r\n", b"From eve@e.test " + DATE, 0)
    appended = append_here(ann, [mail], Nobody())

    assert appended.uids == (2,)
    assert [m.uid for m in ann.ping().messages] == [1, 2]
