"""The index beside an mbox: it saves reading, and is never believed against the file."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from labctl.node.store import flags as flag
from labctl.node.store.listener import Nobody
from labctl.node.store.mailbox import Mode
from labctl.node.store.mbox import index, mailbox
from labctl.node.store.mbox.mailbox import Mbox
from labctl.node.store.names import Place
from labctl.node.store.opening import How, open_mailbox

MAIL = b"From ann@a.test Mon Jan  5 10:00:00 2004\nSubject: %d\n\ntext %d\n\n"
READ_ONLY = How(readonly=True)


@pytest.fixture(autouse=True)
def small_mailboxes_too(monkeypatch):
    """Every mailbox gets an index here."""
    monkeypatch.setattr(index, "SMALLEST", 1)


@pytest.fixture
def inbox(tmp_path: Path) -> Place:
    path = tmp_path / "inbox"
    path.write_bytes(b"".join(MAIL % (n, n) for n in range(1, 6)))
    return Place("INBOX", str(path), True, str(tmp_path / "indexes"))


@pytest.fixture
def scanned(monkeypatch) -> list[int]:
    """From where on mailboxes were read."""
    starts: list[int] = []

    def scan(data, start, book, listener):
        starts.append(start)
        real(data, start, book, listener)

    real = mailbox.scan
    monkeypatch.setattr(mailbox, "scan", scan)
    return starts


def opened(place: Place, how: How | None = None) -> Mbox:
    box = open_mailbox(place, Nobody(), "host.test", how)
    assert isinstance(box, Mbox)
    return box


def visit(place: Place) -> None:
    """A session that writes what it knows."""
    box = opened(place)
    box.ping()
    box.close()


def known(place: Place) -> list[tuple[object, ...]]:
    """What a session sees of every message."""
    box = opened(place, READ_ONLY)
    rows = [
        (
            *(m.uid, m.flags, flag.keyword_names(m.keywords, box.keywords)),
            *(box.header(m), box.text(m), box.size(m), box.date(m)),
        )
        for m in box.messages
    ]
    summary = [(box.uid_validity, box.uid_next, tuple(box.keywords))]
    box.abandon()
    return [*rows, *summary]


def test_a_mailbox_that_nobody_touched_is_not_read_again(inbox, scanned):
    """A client looks every few minutes, and mostly nothing has come."""
    visit(inbox)
    scanned.clear()
    seen = known(inbox)

    assert scanned == []
    assert seen == known(inbox._replace(indexes=""))


def test_only_what_was_delivered_since_is_read(inbox, scanned):
    """A delivery changes the times of the file, and adds to its end."""
    visit(inbox)
    size = os.path.getsize(inbox.path)
    with open(inbox.path, "ab") as file:
        file.write(MAIL % (6, 6))
    scanned.clear()
    seen = known(inbox)

    assert scanned == [size]
    assert len(seen) == 7
    assert seen == known(inbox._replace(indexes=""))


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        rewritten(lambda data: data.replace(b"Status: O ", b"Status: RO")),
        rewritten(lambda data: data.replace(b"text 3", b"TEXT 3")),
        rewritten(lambda data: data.replace(b"Subject: 2", b"Subject: 22") + MAIL % (6, 6)),
        rewritten(lambda data: data.replace(b"text 2\n", b"") + MAIL % (6, 6)),
        rewritten(lambda data: data + data),
    ],
    ids=["flags", "text", "subject and mail", "line and mail", "repetition"],
)
def test_a_file_that_somebody_else_rewrote_is_read_anew(inbox, change, monkeypatch):
    """Mutt, an editor, a restored backup: the file is right."""
    monkeypatch.setattr(mailbox.clock, "now", lambda: 1_100_000_000.0)
    visit(inbox)
    change(Path(inbox.path))

    assert known(inbox) == known(inbox._replace(indexes=""))


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_index_is_as_good_as_none(inbox, seed):
    """A torn write, a full disk, another version."""
    visit(inbox)
    (path,) = Path(inbox.indexes).iterdir()
    dice = random.Random(seed)
    data = bytearray(path.read_bytes())
    if seed % 3 == 0:
        del data[dice.randrange(len(data)) :]
    else:
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    path.write_bytes(data)

    assert known(inbox) == known(inbox._replace(indexes=""))


def test_another_file_of_the_same_name_has_no_index(inbox, tmp_path):
    """The mailbox was moved away and a new one came."""
    visit(inbox)
    os.rename(inbox.path, tmp_path / "old")
    Path(inbox.path).write_bytes(MAIL % (9, 9))

    assert len(known(inbox)) == 2


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("seed", range(8))
def test_whatever_sessions_do_the_index_agrees_with_the_file(inbox, mode, seed):
    """Flags, keywords, deletions and deliveries in any order."""
    dice = random.Random(seed)
    for round_ in range(12):
        box = opened(inbox, How(mode=mode))
        box.ping()
        for message in box.messages:
            if dice.random() < 0.3:
                keyword = box.keyword_bit(f"Word{dice.randrange(4)}", create=True)
                flags = dice.choice([flag.SEEN, flag.DELETED, flag.FLAGGED, 0])
                box.set_flags(message, flags, keyword)
        box.close(expunge=dice.random() < 0.3)
        for number in range(dice.randrange(3)):
            with open(inbox.path, "ab") as file:
                file.write(MAIL % (round_, number))

        assert known(inbox) == known(inbox._replace(indexes=""))
