"""Flags and keywords go round: what one client sets the next one sees, and the file keeps."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from imapclient import IMAPClient

from tests.clients.laboratory import PASSWORD, SPOOL, USER
from tests.clients.letters import crlf, letter, letters

pytestmark = [pytest.mark.oracle, pytest.mark.docker, pytest.mark.slow]
only_shared = pytest.mark.parametrize("mode", ["shared"])

SYSTEM = [rb"\Seen", rb"\Answered", rb"\Flagged", rb"\Deleted", rb"\Draft"]


@pytest.fixture
def client(machines):
    """IMAPClient, logged in."""

    @contextmanager
    def session():
        with IMAPClient(machines.node.address, ssl=False, timeout=30) as one:
            one.login(USER, PASSWORD)
            yield one

    return session


def flags(one):
    got = one.get_flags(one.search())
    return {number: set(words) - {rb"\Recent"} for number, words in got.items()}


def test_flags_and_keywords_outlive_the_session(begin, client):
    """Each system flag by itself, keywords, all together; and taken away again."""
    lab = begin(letters(8))
    wanted = {n: {word} for n, word in enumerate(SYSTEM, 1)}
    wanted |= {6: {b"Work", b"$Forwarded"}, 7: {*SYSTEM, b"Work"}, 8: set()}
    with client() as one:
        one.select_folder("INBOX")
        for number, words in wanted.items():
            one.add_flags(number, [*words, rb"\Flagged"])
            one.remove_flags(number, [rb"\Flagged"] if rb"\Flagged" not in words else [])
    with client() as one:
        one.select_folder("INBOX")
        assert flags(one) == wanted
    stored = lab.node.read(SPOOL)

    assert stored.count(b"\nStatus: RO\n") == 2
    assert stored.count(b"\nX-Status: D") == 2
    assert stored.count(b"Work") == 3  # of two letters, and of the list in the first one


def test_python_sees_what_imapclient_set(begin, client, imap):
    """STORE replaces, adds and removes as RFC 3501 6.4.6 says."""
    begin(letters(2))
    with client() as one:
        one.select_folder("INBOX")
        one.set_flags([1, 2], [rb"\Seen", rb"\Draft"])
        one.remove_flags(1, [rb"\Seen"])
    with imap() as other:
        other.select()
        told = other.fetch("1:2", "(FLAGS)")[1]

    assert [set(line.split(b"(")[2].rstrip(b")").split()) for line in told] == [
        {rb"\Draft"},
        {rb"\Seen", rb"\Draft"},
    ]


@only_shared
def test_a_session_hears_of_the_flags_of_another(begin, client):
    """A telephone and a desk show one mailbox."""
    begin(letters(3))
    with client() as desk, client() as telephone:
        desk.select_folder("INBOX")
        telephone.select_folder("INBOX")
        telephone.add_flags(2, [rb"\Flagged", b"Todo"])
        telephone.noop()
        told = {number: rest for number, _, rest in fetches(desk.noop()[1])}

        assert set(told[2][told[2].index(b"FLAGS") + 1]) - {rb"\Recent"} == {
            rb"\Flagged",
            b"Todo",
        }


def fetches(responses):
    return [one for one in responses if len(one) == 3 and one[1] == b"FETCH"]


@only_shared
def test_an_appended_letter_keeps_flags_date_and_octets(begin, client):
    """What a client moves here from elsewhere is what it was."""
    begin(letters(1))
    with client() as one:
        one.select_folder("INBOX")
        told = one.append("INBOX", crlf(letter(2)), [rb"\Answered", b"Old"])
        one.noop()
        got = one.fetch([2], ["FLAGS", "BODY.PEEK[]"])

    assert b"[APPENDUID " in told
    assert set(got[2][b"FLAGS"]) - {rb"\Recent"} == {rb"\Answered", b"Old"}
    assert got[2][b"BODY[]"] == crlf(letter(2))
