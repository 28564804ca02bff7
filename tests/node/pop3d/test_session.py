"""What a client and ipop3d say to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from labctl.node.pop3d.session import Session, State
from labctl.node.store.flags import DELETED
from labctl.node.store.listener import Nobody
from labctl.node.store.mailbox import Mailbox, Mode
from labctl.node.store.names import Place
from labctl.node.store.opening import How, open_mailbox
from labctl.node.wire import pop3

MAILBOX = (
    b"From a@a.test Mon Jan  5 10:00:00 2004\nSubject: one\n\n.hidden\nline 2\nline 3\n\n"
    b"From b@b.test Mon Jan  5 11:00:00 2004\nSubject: two\n\ntext\n\n"
)


class World:
    """One user, whose password is "right"."""

    mechanisms = ()
    plaintext = True
    challenge = ""
    offers_tls = False

    def __init__(self, inbox: Place) -> None:
        self.inbox = inbox
        self.updates: list[tuple[int, int, int]] = []

    def login(self, user: str, password: str) -> Mailbox | str:
        if password != "right":
            return "Bad login"
        return open_mailbox(self.inbox, Nobody(), "mail.test")

    def apop(self, user: str, digest: str) -> Mailbox | str:
        return "Bad APOP"

    def authenticate(self, mechanism: str, initial: str | None) -> Mailbox | str:
        return "Bad authentication"

    def log_update(self, left: int, deleted: int, seen: int) -> None:
        self.updates.append((left, deleted, seen))


@pytest.fixture
def world(tmp_path: Path) -> World:
    path = tmp_path / "eve"
    path.write_bytes(MAILBOX)
    return World(Place("INBOX", str(path), True))


def talk(session: Session, dialogue: str) -> None:
    """Play C: lines, and compare the answers with the S: lines after them."""
    expected: list[str] = []
    got: list[str] = []
    for line in dialogue.strip().splitlines():
        side, _, text = line.strip().partition(": ")
        if side == "C":
            assert got == expected
            expected = []
            got = session.receive(text.encode()).decode().split("\r\n")[:-1]
        else:
            expected.append(text)
    assert got == expected


def test_the_session_of_the_lab_sheet(world):
    """RFC 1939 10, with UW's words."""
    session = Session(world)
    talk(
        session,
        """
        C: USER eve
        S: +OK User name accepted, password please
        C: PASS right
        S: +OK Mailbox open, 2 messages
        C: STAT
        S: +OK 2 87
        C: DELE 1
        S: +OK Message deleted
        C: LIST
        S: +OK Mailbox scan listing follows
        S: 2 34
        S: .
        C: QUIT
        S: +OK Sayonara
        """,
    )

    assert session.state is State.CLOSED
    assert world.updates == [(1, 1, 0)]
    assert b"Subject: one" not in Path(world.inbox.path).read_bytes()


def test_lines_that_begin_with_a_dot_get_another(world):
    """RFC 1939 3: a lone dot would end the message."""
    session = Session(world)
    talk(
        session,
        "C: USER eve\nS: +OK User name accepted, password please\nC: PASS right\n"
        "S: +OK Mailbox open, 2 messages",
    )

    assert session.receive(b"TOP 1 1") == (
        b"+OK Top of message follows\r\nSubject: one\r\nStatus:   \r\n\r\n..hidden\r\n.\r\n"
    )


def test_a_wrong_password_may_be_tried_again(world):
    """RFC 1939 7: the state stays AUTHORIZATION."""
    talk(
        Session(world),
        """
        C: STAT
        S: -ERR Unknown AUTHORIZATION state command
        C: USER eve
        S: +OK User name accepted, password please
        C: PASS wrong
        S: -ERR Bad login
        C: PASS right
        S: +OK Mailbox open, 2 messages
        C: USER eve
        S: -ERR Unknown TRANSACTION state command
        """,
    )


def test_rset_takes_back_what_was_deleted(world):
    """RFC 1939 5."""
    session = Session(world)
    session.receive(b"USER eve")
    session.receive(b"PASS right")
    talk(
        session,
        """
        C: DELE 2
        S: +OK Message deleted
        C: RETR 2
        S: -ERR No such message
        C: LAST
        S: +OK 2
        C: RSET
        S: +OK Reset state
        C: LAST
        S: +OK 0
        C: STAT
        S: +OK 2 87
        """,
    )


def test_a_session_that_breaks_off_deletes_nothing(world):
    """RFC 1939 6: only QUIT enters the UPDATE state."""
    session = Session(world)
    session.receive(b"USER eve")
    session.receive(b"PASS right")
    session.receive(b"DELE 1")
    assert session.mailbox is not None
    session.mailbox.close()

    assert b"Subject: one" in Path(world.inbox.path).read_bytes()


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"uSeR   eve", pop3.Command("USER", "eve")),
        (b"  list 1", pop3.Command("LIST", "1")),
        (b"list  ", pop3.Command("LIST", " ")),
        (b"NOOP\t", pop3.Command("NOOP\t", "")),
        (b"", pop3.Command("", "")),
    ],
)
def test_command_lines(line, command):
    """People type them into telnet."""
    assert pop3.parse(line) == command


def test_a_message_that_another_session_took_is_not_there(tmp_path):
    """In the shared mode others may delete: an empty message would be a lie."""
    path = tmp_path / "eve"
    path.write_bytes(MAILBOX)
    inbox, how = Place("INBOX", str(path), True), How(mode=Mode.SHARED)
    other = open_mailbox(inbox, Nobody(), "mail.test", how)
    world = World(inbox)
    world.login = lambda _user, _password: open_mailbox(inbox, Nobody(), "mail.test", how)
    session = Session(world)
    session.receive(b"USER eve")
    session.receive(b"PASS right")
    other.ping()
    other.set_flags(other.messages[0], DELETED, 0)
    other.expunge(lambda _m: True)

    talk(session, "C: RETR 1\nS: -ERR No such message\nC: TOP 1 1\nS: -ERR No such message")
    assert session.receive(b"RETR 2").startswith(b"+OK 34 octets")
