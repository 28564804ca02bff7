"""mbsync(1) mirrors a mailbox, to and fro."""

from __future__ import annotations

import re

import pytest

from tests.clients.laboratory import HOME, HOST, PASSWORD, USER
from tests.clients.letters import (
    by_number,
    crlf,
    letter,
    letters,
    number_of,
    quoted,
    without_tuid,
)

pytestmark = [pytest.mark.oracle, pytest.mark.docker, pytest.mark.slow]
only_shared = pytest.mark.parametrize("mode", ["shared"])

MBSYNCRC = f"""\
FSync no

IMAPAccount lab
Host {HOST}
User {USER}
Pass {PASSWORD}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account lab

MaildirStore near
Inbox {HOME}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Both
Expunge Both
SyncState *
"""
MANY = 2000


@pytest.fixture
def sync(machines):
    """Run mbsync once."""

    def run():
        machines.client.write(f"{HOME}/rc", MBSYNCRC)
        machines.client.run("mbsync", "-c", f"{HOME}/rc", "-a")

    return run


@pytest.fixture
def near(machines):
    """The letters of the mirror: their file names and contents."""

    def read():
        files = machines.client.files(f"{HOME}/INBOX")
        return {n: c for n, c in files.items() if n.startswith(("./cur/", "./new/"))}

    return read


@pytest.fixture
def far(imap):
    """The letters of the server: number, flags and contents as another client reads them."""

    def read():
        with imap() as client:
            client.select("INBOX", readonly=True)
            _, answer = client.fetch("1:*", "(FLAGS BODY.PEEK[])")
        pairs = [one for one in answer if isinstance(one, tuple)]
        return {number_of(content): (flags_of(what), content) for what, content in pairs}

    return read


def flags_of(answer):
    found = re.search(rb"FLAGS \(([^)]*)\)", answer)
    return set(found[1].decode().split()) - {"\\Recent"}


def test_two_thousand_letters_come_down_to_the_byte(begin, sync, near):
    """A backup that differs in one octet is none."""
    originals = letters(MANY)
    begin(originals)
    sync()
    copies = by_number(map(without_tuid, near().values()))

    assert copies == by_number(originals)


@only_shared
def test_two_thousand_letters_go_up_to_the_byte(begin, sync, far):
    """A mailbox that moves here arrives whole; each letter is announced with its UID."""
    originals = letters(MANY)
    client = begin([]).client
    client.run("mkdir", "-p", *(f"{HOME}/INBOX/{part}" for part in ("cur", "new", "tmp")))
    named = {f"{1700000000 + n}.{n}.near": one for n, one in enumerate(originals)}
    client.unpack(f"{HOME}/INBOX/new", named)
    sync()
    copies = {n: without_tuid_on_the_wire(content) for n, (_, content) in far().items()}

    assert copies == {number_of(one): crlf(quoted(one)) for one in originals}


def without_tuid_on_the_wire(content):
    header, empty, body = content.partition(b"\r\n\r\n")
    return re.sub(rb"\r\nX-TUID: [^\r]*", b"", header) + empty + body


@only_shared
def test_both_sides_change_and_are_one_again(begin, sync, near, far, imap):
    """New letters, flags and deletions of either side reach the other."""
    client = begin(letters(6)).client
    sync()
    with imap() as session:
        session.select()
        session.store("1", "+FLAGS", r"(\Deleted)")
        session.expunge()
        session.store("1", "+FLAGS", r"(\Flagged)")
        session.append("INBOX", r"(\Seen)", None, crlf(letter(7)))
    names = {number_of(content): name for name, content in near().items()}
    for number, marks in ((3, "ST"), (4, "RS")):
        old = f"{HOME}/INBOX/{names[number]}"
        client.run("mv", old, f"{HOME}/INBOX/cur/{marked(names[number], marks)}")
    client.unpack(f"{HOME}/INBOX/new", {"1700000008.8.near": letter(8)})
    sync()
    here = {number_of(c): set(n.partition(":2,")[2]) for n, c in near().items()}
    there = {number: flags for number, (flags, _) in far().items()}

    assert here == {2: {"F"}, 4: {"R", "S"}, 5: set(), 6: set(), 7: {"S"}, 8: set()}
    assert there == {
        2: {"\\Flagged"},
        4: {"\\Answered", "\\Seen"},
        5: set(),
        6: set(),
        7: {"\\Seen"},
        8: set(),
    }


def marked(name, marks):
    return f"{name.rpartition('/')[2].partition(':')[0]}:2,{marks}"
