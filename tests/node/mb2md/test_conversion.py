"""An mbox becomes a Maildir, and its readers notice nothing."""

from __future__ import annotations

import pytest

from labctl.node.mb2md.program import main
from labctl.node.store import flags as flag
from labctl.node.store.flags import keyword_names
from labctl.node.store.listener import Nobody
from labctl.node.store.names import Place
from labctl.node.store.opening import open_mailbox

MAIL = b"From ann@a.test Mon Jan  5 10:00:0%d 2004 +0100\nSubject: %d\n\n>From me: %d\n\n"


@pytest.fixture
def mbox(tmp_path):
    path = tmp_path / "box"
    path.write_bytes(b"".join(MAIL % (n, n, n) for n in range(5)))
    mailbox = open_mailbox(Place("box", str(path)), Nobody(), "h")
    word = mailbox.keyword_bit("Work", create=True)
    mailbox.set_flags(mailbox.messages[1], flag.SEEN | flag.FLAGGED, word)
    mailbox.set_flags(mailbox.messages[3], flag.DELETED, 0)
    mailbox.close(expunge=True)
    return path


def known(path):
    mailbox = open_mailbox(Place("box", str(path)), Nobody(), "h")
    mailbox.ping()
    rows = [
        (
            *(m.uid, m.flags & ~flag.RECENT, keyword_names(m.keywords, mailbox.keywords)),
            *(mailbox.header(m), mailbox.text(m), mailbox.size(m), mailbox.date(m).epoch),
        )
        for m in mailbox.messages
    ]
    summary = mailbox.uid_validity, mailbox.uid_next
    mailbox.close()
    return rows, summary


def test_a_client_finds_all_as_it_was(mbox, tmp_path, capsys):
    """Identifiers, flags, keywords, dates and every byte of four messages."""
    assert main(["mb2md", "-s", str(mbox), "-d", str(tmp_path / "new")]) == 0

    assert known(tmp_path / "new") == known(mbox)
    assert capsys.readouterr().out.endswith(f"4 messages are in {tmp_path}/new now\n")


def test_nothing_is_overwritten(mbox, tmp_path, capsys):
    """Whatever is there may be mail."""
    (tmp_path / "box.maildir").mkdir()

    assert main(["mb2md", "-s", str(mbox)]) == 1
    assert capsys.readouterr().err == f"mb2md: {tmp_path}/box.maildir: File exists\n"


def test_what_is_no_mailbox_is_refused(tmp_path, capsys):
    """And leaves nothing behind."""
    (tmp_path / "text").write_text("no mail\n")

    assert main(["mb2md", "-s", str(tmp_path / "text")]) == 1
    assert "not in valid mailbox format" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


def test_usage(capsys):
    """One of -m and -s says what to convert."""
    assert main(["mb2md", "-m", "-s", "x"]) == 2
    assert "usage: mb2md -m" in capsys.readouterr().err
