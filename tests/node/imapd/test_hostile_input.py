"""Whatever a client sends and a message contains: an answer, in bounded time and memory."""

from __future__ import annotations

import contextlib
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labctl.node.store.listener import MailboxLost

WORDS = [
    *("FETCH", "STORE", "SEARCH", "COPY", "SORT", "THREAD", "STATUS", "LIST", "APPEND"),
    *("SELECT", "EXPUNGE", "NOOP", "UID", "CREATE", "RENAME", "DELETE", "LSUB", "IDLE"),
    *(
        "CLOSE",
        "SCAN",
        "1:*",
        "*",
        "4294967296",
        "0",
        "1,2:3,*:1",
        "BODY[]",
        "(FLAGS)",
        "(FLAGS",
    ),
    *(
        "BODY[1.1.MIME]<0.4294967296>",
        "ENVELOPE)",
        "BODY[HEADER.FIELDS (",
        "+FLAGS",
        "(\\Seen)",
    ),
    *("\\", "(", ")", '"', '""', '"a\\"b"', "{3}", "{3+}", "{99999999999}", "INBOX", "../x"),
    *("NOT", "OR", "(OR", "CHARSET", "X-NOSUCH", "TEXT", "HEADER", "KEYWORD", "SINCE"),
    *("31-Feb-2004", "%", "\u00e9", "\x00"),
]
LINES = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
FUZZ = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def session(dialogue):
    made = dialogue("one", "two")
    made.say("a SELECT INBOX")
    return made


def answered(session, line: str) -> list[str]:
    """Say the line, with octets for a literal that it may announce; the answers."""
    try:
        return session.say(f"t {line}", b"abc\r\n")
    except EOFError:  # the literal was longer than what this client has
        return ["t BAD"]
    finally:
        session.client.coming.clear()


@FUZZ
@given(LINES)
def test_every_command_has_an_answer(session, line):
    """Words of the grammar in any order, with numbers and quotes that do not fit."""
    answers = answered(session, line)

    assert answers
    assert re.match(r"(t|\*|\+) ", answers[-1])


@FUZZ
@given(st.binary(max_size=200).filter(lambda data: b"\n" not in data))
def test_any_octets_have_an_answer(session, line):
    """What is not IMAP at all is refused, and the session goes on."""
    answered(session, line.decode("latin-1"))

    assert session.say("z NOOP")[-1].startswith("z ")


@pytest.mark.parametrize("size", [2**32, 2**63, 10**30])
def test_a_literal_of_absurd_length_is_refused_before_it_comes(session, size):
    """No octet of it is read, and none is kept."""
    answers = session.say(f"a SELECT {{{size}}}")

    assert answers == [
        "* BAD Absurdly long client literal",
        "a BAD Missing or invalid argument to SELECT",
    ]


MESSAGES = {
    "ten thousand multiparts in each other": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
        for n in range(10_000)
    ),
    "ten thousand messages in each other": b"Content-Type: message/rfc822\n\n" * 10_000,
    "ten thousand parts beside each other": b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 10_000,
    "a header line of a megabyte": b"To: " + b"a" * 1_000_000 + b"\n\nx",
    "a list of addresses that nests": b"To: " + b"(" * 20_000 + b"a:" * 20_000 + b"\n\nx",
    "a quoted string without end": b'To: "' + b'\\"' * 20_000 + b"\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?b?4p==?= " * 10_000 + b"\n\nx",
    "NULs": b"Subject: \0\0\nContent-Type: \0/\0; \0=\0\n\n\0",
}
COMMANDS = [
    *("FETCH 1 (BODYSTRUCTURE ENVELOPE)", "FETCH 1 BODY[1.1.1.2.1.MIME]", 'SEARCH TEXT "zz"'),
    *("SORT (SUBJECT FROM) UTF-8 ALL", "THREAD REFERENCES UTF-8 ALL"),
]


@pytest.mark.parametrize("content", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_message_made_to_hurt_is_answered(session, content):
    """Depth, width and length; a second of time is plenty for each command."""
    session.inbox.write_bytes(b"From x@y Mon Jan  5 10:00:00 2004\n" + content + b"\n\n")
    session.say("a UNSELECT")
    session.say("b SELECT INBOX")

    for command in COMMANDS:
        assert session.say(f"c {command}")[-1].startswith(("c OK", "c NO"))


def test_thousands_of_flags_are_ignored(session):
    """c-client keeps thirty keywords in a mailbox, and no more."""
    words = " ".join(f"k{n}" for n in range(8000))
    told = session.say(f"a STORE 1 +FLAGS ({words})")

    assert told[-1].startswith("a OK")
    assert len(session.session.mailbox.keywords) == 30


@pytest.mark.parametrize("seed", range(60))
def test_a_mailbox_of_garbage_opens_or_is_refused(session, seed):
    """Bytes of an mbox changed, cut and doubled; a lost mailbox ends the session in words."""
    dice = random.Random(seed)
    data = bytearray(session.inbox.read_bytes())
    for _ in range(dice.randrange(1, 12)):
        at = dice.randrange(len(data))
        data[at : at + dice.randrange(3)] = bytes(dice.choices(b"From \n:XUID-0\r\0", k=2))
    session.say("a UNSELECT")
    session.inbox.write_bytes(data)

    with contextlib.suppress(MailboxLost):
        for line in ("b SELECT INBOX", "c FETCH 1:* (FLAGS ENVELOPE BODY[])", "d CLOSE"):
            assert session.say(line)[-1][:2] == line[:2]
