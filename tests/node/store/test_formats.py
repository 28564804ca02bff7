"""What a session can do, whatever format the mailbox has."""

from __future__ import annotations

import os

import pytest

from labctl.node.store import flags as flag
from labctl.node.store import folders as store
from labctl.node.store.append import append
from labctl.node.store.from_line import parse
from labctl.node.store.listener import Nobody, NoSuchMailbox
from labctl.node.store.mailbox import Mode
from labctl.node.store.names import Folders, InvalidName
from labctl.node.store.new_mail import NewMail
from labctl.node.store.opening import How, open_mailbox

FROM_LINE = b"From ann@a.test Mon Jan  5 10:00:00 2004 +0100\n"
FORMATS = ["unix", "mbx", "maildir", "mx"]


@pytest.fixture
def home(tmp_path):
    root = tmp_path / "eve"
    (root / "Mail").mkdir(parents=True)
    (root / ".mh_profile").write_text("Path: Mail\n")
    indexes = str(root / ".mailindex")
    return Folders("eve", str(tmp_path / "inbox"), str(root), "host.test", indexes)


def mail(number: int, flags: int = 0) -> NewMail:
    content = f"Subject: {number}\r\n\r\ntext {number}\r\nFrom here\r\n".encode()
    return NewMail(content, FROM_LINE, flags)


def opened(home, name: str, how: How | None = None):
    return open_mailbox(home.place(name), Nobody(), home.host, how)


def filled(home, name: str):
    """A new mailbox with three messages, the second one seen."""
    store.create(home, name)
    box = name.rpartition("/")[2] if name.startswith("#driver") else name
    place = home.place(box)
    mails = [mail(1), mail(2, flag.SEEN), mail(3)]
    assert append(place, mails, Nobody(), home.host, "No", Mode.UW).uids == (1, 2, 3)
    return box


@pytest.mark.parametrize("driver", FORMATS)
def test_what_is_appended_is_there(home, driver):
    """Every byte, with its flags and its date."""
    box = opened(home, filled(home, f"#driver.{driver}/box"))
    first, second, _ = box.messages

    assert (box.header(first), box.text(first)[:8]) == (b"Subject: 1\r\n\r\n", b"text 1\r\n")
    assert box.size(first) == len(box.header(first) + box.text(first))
    assert second.flags & flag.SEEN
    assert box.date(first).epoch == parse(FROM_LINE).epoch
    box.close()


@pytest.mark.parametrize("driver", FORMATS)
def test_flags_keywords_and_identifiers_last(home, driver):
    """Over the end of the session, and over an EXPUNGE before them."""
    name = filled(home, f"#driver.{driver}/box")
    box = opened(home, name)
    validity = box.uid_validity
    work = box.keyword_bit("Work", create=True)
    box.set_flags(box.messages[2], flag.FLAGGED, work)
    box.set_flags(box.messages[0], flag.DELETED, 0)
    box.close(expunge=True)
    again = opened(home, name)

    assert (again.uid_validity, [m.uid for m in again.messages]) == (validity, [2, 3])
    assert again.messages[1].flags & flag.FLAGGED
    assert again.messages[1].keywords == again.keyword_bit("work", create=False) != 0
    assert again.text(again.messages[1]).startswith(b"text 3\r\n")
    again.close()


@pytest.mark.parametrize("driver", ["mbx", "maildir"])
def test_two_sessions_follow_each_other(home, driver):
    """These formats are shared also where mbox is not."""
    name = filled(home, f"#driver.{driver}/box")
    ann, bob = opened(home, name), opened(home, name)
    ann.set_flags(ann.messages[1], flag.DRAFT, 0)
    bob.ping()
    assert bob.messages[1].flags & flag.DRAFT

    ann.set_flags(ann.messages[0], flag.DELETED, 0)
    ann.expunge(lambda _m: True)
    bob.ping(renumber=False)
    assert bob.gone(bob.messages[0])
    assert len(bob.ping().messages) == 2
    for box in (ann, bob):
        assert box.text(box.messages[1]).startswith(b"text 3")
        box.close()


def test_an_mbx_is_made_shorter_by_who_is_alone(home):
    """Marked as expunged as long as others know where messages are."""
    name = filled(home, "#driver.mbx/box")
    path = home.place(name).path
    ann, bob = opened(home, name), opened(home, name)
    size = os.path.getsize(path)
    ann.set_flags(ann.messages[0], flag.DELETED, 0)
    ann.expunge(lambda _m: True)
    assert os.path.getsize(path) == size

    bob.ping()
    ann.close()
    bob.set_flags(bob.messages[0], flag.DELETED, 0)
    bob.expunge(lambda _m: True)
    assert os.path.getsize(path) < size
    assert [m.uid for m in bob.messages] == [3]
    assert bob.text(bob.messages[0]).startswith(b"text 3")
    bob.close()


def test_an_mh_folder_has_numbers_for_names(home):
    """Flags last as long as the session; what is expunged is removed."""
    filled(home, "#mh/work")
    box = opened(home, "#mh/work")
    box.set_flags(box.messages[1], flag.DELETED, 0)
    box.expunge(lambda _m: True)

    assert sorted(os.listdir(f"{home.root}/Mail/work")) == ["1", "3"]
    assert [m.flags for m in opened(home, "#mh/work").messages] == [0, 0]


@pytest.mark.parametrize("name", ["#mh/../x", "#mh/", "#mh//", "#mh/link/passwd"])
def test_no_mh_name_leads_out(home, name):
    """Nor a profile that names another place."""
    os.symlink("/etc", f"{home.root}/Mail/link")

    with pytest.raises((InvalidName, NoSuchMailbox)):
        opened(home, name)


def test_a_profile_that_leads_out_counts_as_none(home, tmp_path):
    """Otherwise its one line would open every directory of the machine."""
    (tmp_path / "eve" / ".mh_profile").write_text("Path: /etc\n")

    with pytest.raises(InvalidName):
        home.place("#mh/ssl")
