"""mutt(1) and alpine(1): what a person does at a screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.laboratory import HOME, HOST, PASSWORD, SPOOL, USER
from tests.clients.letters import letters

pytestmark = [pytest.mark.oracle, pytest.mark.docker, pytest.mark.slow]

ALPINE = Path(__file__).with_name("alpine.exp").read_text()
MUTTRC = f"""\
set folder="{HOME}"
set imap_user={USER} imap_pass={PASSWORD} pop_user={USER} pop_pass={PASSWORD}
set ssl_starttls=no ssl_force_tls=no
set imap_authenticators="login" pop_authenticators="user"
set sort=mailbox-order record="" mbox_type=mbox
set confirmcreate=no confirmappend=no delete=yes quit=yes mark_old=no wait_key=no
set sleep_time=0
"""
COPY_ALL = f"<tag-pattern>~A<enter><tag-prefix><copy-message>{HOME}/copies<enter>"
FLAG_SECOND = "<jump>2<enter><flag-message>"
DELETE_FIFTH = "<jump>5<enter><delete-message><quit>"


def mutt(client, url, keys):
    client.write(f"{HOME}/rc", MUTTRC)
    words = ["mutt", "-n", "-F", f"{HOME}/rc", "-f", url, "-e", f'push "{keys}"']
    client.run(*words, terminal=True)


@pytest.mark.parametrize("protocol", ["imap", "pop"])
def test_mutt_copies_flags_and_deletes(begin, protocol):
    """POP3 knows no flags; all else is the same at the screen."""
    lab = begin(letters(7))
    flag = FLAG_SECOND if protocol == "imap" else ""
    mutt(lab.client, f"{protocol}://{HOST}/", COPY_ALL + flag + DELETE_FIFTH)
    left = lab.node.read(SPOOL)

    assert lab.client.read(f"{HOME}/copies").count(b"\nSubject: letter ") == 7
    assert left.count(b"\nSubject: letter ") == 6
    assert b"letter 0005" not in left
    assert left.count(b"\nX-Status: F") == (protocol == "imap")


def test_mutt_moves_a_letter_to_a_folder(begin, imap):
    """Saving is copying, marking and expunging; nothing may fall between."""
    lab = begin(letters(3))
    with imap() as session:
        session.create("kept")
    keys = f"<jump>2<enter><save-message>imap://{HOST}/kept<enter><quit>"
    mutt(lab.client, f"imap://{HOST}/", keys)
    with imap() as session:
        assert session.select("kept") == ("OK", [b"1"])
        assert session.search(None, "SUBJECT", "0002")[1] == [b"1"]
        assert session.select("INBOX") == ("OK", [b"2"])


def test_alpine_deletes_and_expunges(begin):
    """UW's own client: it knows the server's habits best."""
    lab = begin(letters(3))
    lab.client.write(f"{HOME}/alpine.exp", ALPINE)
    inbox = f"{{{HOST}/notls/user={USER}}}INBOX"
    seen = lab.client.run("expect", f"{HOME}/alpine.exp", inbox, PASSWORD)
    left = lab.node.read(SPOOL)

    assert seen.split() == [b"index", b"marked", b"expunged", b"quit"]
    assert b"letter 0002" not in left
    assert left.count(b"\nSubject: letter ") == 2
