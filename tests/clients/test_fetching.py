"""fetchmail(1), getmail(1), curl(1) and Python's poplib take mail away, or bring it."""

from __future__ import annotations

import imaplib
import poplib
import re
from contextlib import closing

import pytest

from tests.clients.laboratory import HOME, HOST, PASSWORD, SPOOL, USER
from tests.clients.letters import body_of, by_number, crlf, letter, letters

pytestmark = [pytest.mark.oracle, pytest.mark.docker, pytest.mark.slow]

SOME = 40  # every shape of letter, several times
PROCMAILRC = f"DEFAULT={HOME}/got/\n"
FETCHMAILRC = """\
poll {host} proto {protocol}
  user {user} password {password} sslproto '' fetchall {keep}
  mda "/usr/bin/procmail -m {home}/procmailrc"
"""
GETMAILRC = """\
[retriever]
type = Simple{protocol}Retriever
server = {host}
username = {user}
password = {password}
[destination]
type = Maildir
path = {home}/got/
[options]
delete = {delete}
"""


def fetchmail(client, protocol, *, delete):
    keep = "nokeep" if delete else "keep"
    text = FETCHMAILRC.format(**WHERE, protocol=protocol, keep=keep)
    client.write(f"{HOME}/rc", text)
    client.write(f"{HOME}/procmailrc", PROCMAILRC)
    client.run("fetchmail", "-f", f"{HOME}/rc", "--nodetach", "--nosyslog")


def getmail(client, protocol, *, delete):
    text = GETMAILRC.format(**WHERE, protocol=protocol, delete=delete)
    client.write(f"{HOME}/rc/getmailrc", text)
    client.run("mkdir", "-p", *(f"{HOME}/got/{part}" for part in ("cur", "new", "tmp")))
    command = ["timeout", "30", "getmail", "--quiet", "--getmaildir", f"{HOME}/rc"]
    # getmail 6 waits for a child that may have ended already, and then for ever; what it has
    # delivered by then it has noted, and it does not deliver it again.
    if client.run("sh", "-c", '"$@" || echo again', "sh", *command).endswith(b"again\n"):
        client.run(*command)


WHERE = {"host": HOST, "user": USER, "password": PASSWORD, "home": HOME}
FETCHERS = [pytest.param(fetchmail, id="fetchmail"), pytest.param(getmail, id="getmail")]


@pytest.mark.parametrize("protocol", ["POP3", "IMAP"])
@pytest.mark.parametrize("fetch", FETCHERS)
def test_a_fetcher_takes_all_letters_away(begin, fetch, protocol):
    """They arrive once, with every octet of their text, and the mailbox is empty."""
    originals = letters(SOME)
    lab = begin(originals)
    fetch(lab.client, protocol, delete=True)
    got = by_number(lab.client.files(f"{HOME}/got/new").values())

    assert {n: body_of(one) for n, one in got.items()} == {
        n: body_of(one) for n, one in by_number(originals).items()
    }
    assert b"Message-ID: <1@" not in lab.node.read(SPOOL)


@pytest.mark.parametrize("protocol", ["POP3", "IMAP"])
@pytest.mark.parametrize("fetch", FETCHERS)
def test_a_fetcher_may_leave_the_letters(begin, fetch, protocol):
    """A second reader finds what the first one saw."""
    lab = begin(letters(3))
    fetch(lab.client, protocol, delete=False)

    assert sorted(by_number(lab.client.files(f"{HOME}/got/new").values())) == [1, 2, 3]
    assert lab.node.read(SPOOL).count(b"\nMessage-ID: <") == 3


# ------------------------------------------------------------------ poplib


def test_poplib_reads_and_deletes(begin):
    """Every command of RFC 1939 in a session of Python's own client, and once more."""
    originals = letters(SOME)
    node = begin(originals).node
    with_pop(node, deletes_the_first_letter, originals)
    with_pop(node, finds_all_but_the_first, originals)


def with_pop(node, job, originals):
    client = poplib.POP3(node.address, timeout=30)
    with closing(client):
        client.user(USER)
        client.pass_(PASSWORD)
        job(client, originals)
        client.quit()


def deletes_the_first_letter(client, originals):
    count, octets = client.stat()
    sizes = [int(line.split()[1]) for line in client.list()[1]]

    assert (count, octets) == (SOME, sum(sizes))
    assert len({line.split()[1] for line in client.uidl()[1]}) == SOME
    for number, original in enumerate(originals, 1):
        assert without_status(client.retr(number)[1]) == original.split(b"\n")[:-1]
    assert b"Subject: letter 0002" in client.top(2, 0)[1]
    client.dele(1)
    assert client.stat()[0] == SOME - 1
    client.rset()
    assert client.stat()[0] == SOME
    client.dele(1)


def finds_all_but_the_first(client, _originals):
    assert client.stat()[0] == SOME - 1
    assert b"Subject: letter 0002" in client.retr(1)[1]


def without_status(lines):
    """UW-IMAP ends the header with a line that says whether the letter was read."""
    end = lines.index(b"")
    assert lines[end - 1].startswith(b"Status: ")
    return lines[: end - 1] + lines[end:]


# ------------------------------------------------------------------ curl


@pytest.fixture
def curl(machines):
    """Run curl with a URL below the server; its output."""

    def run(url, *options):
        account = ["-u", f"{USER}:{PASSWORD}"]
        return machines.client.run("curl", "-sS", "-m", "30", *account, *options, url)

    return run


def test_curl_lists_fetches_and_searches(begin, curl):
    """Scripts of CI read mail so."""
    begin(letters(12))
    imap, pop = f"imap://{HOST}", f"pop3://{HOST}"

    assert b"INBOX" in curl(f"{imap}/")
    assert curl(f"{imap}/INBOX;UID=1") == crlf(letter(1))
    assert curl(f"{imap}/INBOX;MAILINDEX=11;SECTION=2") == b"AAECAwQFBgcICQ==\r\nCgsMDQ4P"
    assert curl(f"{imap}/INBOX?SUBJECT%20%22letter%200007%22") == b"* SEARCH 7\r\n"
    assert len(curl(f"{pop}/").splitlines()) == 12
    assert body_of(curl(f"{pop}/4").replace(b"\r", b"")) == body_of(letter(4))


def test_curl_appends_and_deletes(begin, curl):
    """Fixtures of CI come into a folder so, and go."""
    lab = begin(letters(2))
    imap = f"imap://{HOST}"
    curl(f"{imap}/", "-X", "CREATE box")
    lab.client.write(f"{HOME}/up", crlf(letter(5)))
    curl(f"{imap}/box", "-T", f"{HOME}/up")
    told = curl(f"{imap}/", "-X", "STATUS box (MESSAGES)")
    copy = curl(f"{imap}/box;UID=1")
    curl(f"{imap}/INBOX", "-X", r"STORE 1 +FLAGS (\Deleted)")
    curl(f"{imap}/INBOX", "-X", "EXPUNGE")
    curl(f"pop3://{HOST}/1", "-l", "-X", "DELE")

    assert re.search(rb"STATUS box \(MESSAGES 1\)", told)
    assert copy == crlf(letter(5))
    assert b"Message-ID:" not in without_pseudo(lab.node.read(SPOOL))


def without_pseudo(mailbox):
    """What UW-IMAP leaves in an empty mailbox, to know its identifiers by."""
    return re.sub(rb"Subject: DON'T DELETE THIS MESSAGE.*\nMessage-ID: .*", b"", mailbox)


@pytest.mark.parametrize("mode", ["shared"])  # the login comes before any mailbox
def test_a_wrong_password_opens_nothing(begin, machines):
    """Neither protocol, and both say so."""
    begin(letters(1))
    for protocol in ("imap", "pop3"):
        words = ["curl", "-s", "-m", "30", "-u", f"{USER}:wrong", f"{protocol}://{HOST}/"]
        machines.client.run(*words, status=67)  # curl(1): the login was denied


def test_imaplib_does_a_bit_of_everything(begin, imap):
    """Python's own client meets answers that it can read, whatever it asks."""
    begin(letters(5))
    with imap() as client:
        assert client.select() == ("OK", [b"5"])
        assert [client.uid(*words)[0] for words in UID_JOBS] == ["OK"] * len(UID_JOBS)
        assert [getattr(client, name)(*words)[0] for name, *words in JOBS] == ["OK"] * len(JOBS)
        with pytest.raises(imaplib.IMAP4.error):
            client.fetch("99", "FLAGS")


UID_JOBS = [
    ("FETCH", "1:*", "(FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE)"),
    ("SEARCH", "NOT", "DELETED", "LARGER", "100"),
    ("STORE", "2", "+FLAGS.SILENT", r"(\Draft)"),
]
JOBS = [
    ("create", "box"),
    ("append", "box", r"(\Seen)", '"05-Jan-2004 10:00:00 +0000"', crlf(letter(9))),
    ("copy", "1:3", "box"),
    ("status", "box", "(MESSAGES UIDNEXT UNSEEN)"),
    ("sort", "(REVERSE SUBJECT)", "UTF-8", "ALL"),
    ("thread", "REFERENCES", "UTF-8", "ALL"),
    ("namespace",),
    ("subscribe", "box"),
    ("lsub",),
    ("rename", "box", "box2"),
    ("delete", "box2"),
    ("noop",),
    ("check",),
    ("close",),
]
