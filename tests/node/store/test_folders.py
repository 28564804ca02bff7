"""Folder names, what they may lead to, and what LIST shows."""

from __future__ import annotations

import pytest

from labctl.node.store import folders as store
from labctl.node.store import subscriptions
from labctl.node.store.listener import MailboxError
from labctl.node.store.listing import folders_like
from labctl.node.store.mailbox import Mode
from labctl.node.store.names import Folders, InvalidName, read_settings


@pytest.fixture
def home(tmp_path):
    root = tmp_path / "eve"
    (root / "work" / "deep").mkdir(parents=True)
    for name in ("alpha", "work/one", "work/deep/two", ".hidden"):
        (root / name).touch()
    return Folders("eve", str(tmp_path / "inbox"), str(root), "host.test")


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../bob/box", "a/../../x", "~bob/box", "#news.x", ""]
)
def test_no_name_leads_out(home, name):
    """A student's mail is nobody else's business."""
    with pytest.raises(InvalidName):
        home.place(name)


def test_a_link_that_leads_out_is_not_followed(home, tmp_path):
    """Otherwise a link in one's own home would do."""
    (tmp_path / "eve" / "link").symlink_to("/etc")

    with pytest.raises(InvalidName):
        home.place("link/passwd")


@pytest.mark.parametrize(
    ("reference", "pattern", "names"),
    [
        ("", "%", ["alpha", "work", "INBOX"]),
        ("", "*", ["alpha", "work", "work/deep", "work/deep/two", "work/one", "INBOX"]),
        ("work/", "%", ["work/", "work/deep", "work/one"]),
        ("~/", "a*", ["~/alpha"]),
        ("", "inbox", ["INBOX"]),
        ("../", "*", []),
    ],
)
def test_list(home, reference, pattern, names):
    """RFC 3501 6.3.8; hidden files stay hidden."""
    assert [listed.name for listed in folders_like(home, reference, pattern)] == names


def test_a_new_folder_is_a_mailbox_of_its_owner_only(home, tmp_path):
    """Mode 0600, and the pseudo message that keeps UIDVALIDITY."""
    store.create(home, "new/box")
    path = tmp_path / "eve" / "new" / "box"

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"From MAILER-DAEMON ")
    with pytest.raises(MailboxError, match="File exists"):
        store.create(home, "new/box")


def test_a_full_directory_is_not_deleted(home):
    """DELETE of a level would take all folders below with it."""
    with pytest.raises(MailboxError, match="Can't delete mailbox work: Directory not empty"):
        store.delete(home, "work")


def test_subscriptions_are_a_list_of_names(home):
    """LSUB with % shows the level above a subscribed folder too (RFC 3501 6.3.9)."""
    subscriptions.subscribe(home, "work/one")
    subscriptions.subscribe(home, "alpha")
    subscriptions.unsubscribe(home, "alpha")

    assert list(subscriptions.subscribed_like(home, "", "*")) == [("work/one", True)]
    assert list(subscriptions.subscribed_like(home, "", "%")) == [("work", False)]


def test_settings_count_only_when_the_risk_is_accepted(tmp_path):
    """c-client reads its file only with the right first line."""
    path = tmp_path / "c-client.cf"
    path.write_text("set mail-subdirectory mail\n")
    assert read_settings(path).mail_subdirectory == ""
    path.write_text("I accept the risk for IMAP toolkit 4.1.\nset mail-subdirectory mail\n")
    assert read_settings(path).mail_subdirectory == "mail"


def test_folders_may_have_folders_in_the_shared_mode(home):
    """RFC 3501 6.3.3 to 6.3.5: a parent can be selected, deleted and created again."""
    store.create(home, "a", Mode.SHARED)
    store.create(home, "a/b", Mode.SHARED)
    store.delete(home, "a")
    without = [(listed.name, listed.attributes) for listed in folders_like(home, "", "a*")]
    store.create(home, "a", Mode.SHARED)
    store.rename(home, "a", "c")

    assert without == [
        ("a", ("\\NoSelect", "\\HasChildren")),
        ("a/b", ("\\HasNoChildren",)),
        ("alpha", ("\\NoInferiors", "\\UnMarked")),
    ]
    assert [(listed.name, listed.attributes) for listed in folders_like(home, "", "c*")] == [
        ("c", ("\\HasChildren",)),
        ("c/b", ("\\HasNoChildren",)),
    ]


def test_a_folder_is_not_created_twice_in_the_shared_mode(home):
    """RFC 3501 6.3.3."""
    store.create(home, "a", Mode.SHARED)

    with pytest.raises(MailboxError, match="File exists"):
        store.create(home, "a", Mode.SHARED)
