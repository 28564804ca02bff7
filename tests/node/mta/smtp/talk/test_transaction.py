"""Transactions as dialogues.  C: is what we must send, S: what the server answers."""

import socket
import threading

import pytest

from labctl.node.mta.lib.queue.dsn import Notify
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.smtp.hosts.finder import Host
from labctl.node.mta.smtp.talk.dialogue import ConversationLost, Dialogue
from labctl.node.mta.smtp.talk.session import Session
from labctl.node.mta.smtp.talk.transaction import (
    Interrupted,
    Letter,
    Rules,
    Timeouts,
    Transaction,
)

HOST = Host("mx.example.test", "198.18.0.9", 25)
LETTER = Letter(
    "ann@example.test", 42, False, False, False, "", "", lambda _seven_bit: b"Subject: x\r\n"
)
BOB = Recipient("bob@example.test", offset=1)
EVE = Recipient("eve@example.test", offset=2)
RULES = Rules()
QUICK = Timeouts(*(2.0,) * len(Timeouts._fields))


def play(script, recipients, *, letter=LETTER, features=(), rules=RULES):
    """Run a transaction against a server that follows the script."""
    ours, theirs = socket.socketpair()
    heard = []

    def serve():
        with theirs, theirs.makefile("rwb") as stream:
            for line in script.strip().splitlines():
                who, _, text = line.strip().partition(": ")
                if who == "S":
                    stream.write(text.encode() + b"\r\n")
                    stream.flush()
                else:
                    heard.append((text, stream.readline().decode().rstrip("\r\n")))

    server = threading.Thread(target=serve)
    server.start()
    session = Session(Dialogue(ours), HOST, dict.fromkeys(features, ""), 0.0)
    transaction = Transaction(session, letter, recipients, QUICK, rules)
    results = {}
    try:
        for verdict in transaction.verdicts():
            for rcpt in verdict.recipients:
                results[rcpt.offset] = (verdict.status.status, verdict.status.reason)
    finally:
        server.join(5)
        ours.close()
    for expected, got in heard:
        assert got == expected
    return results


def test_a_message_goes_out_step_by_step():
    """The shortest transaction, without any extension."""
    results = play(
        """
        C: MAIL FROM:<ann@example.test>
        S: 250 2.1.0 Ok
        C: RCPT TO:<bob@example.test>
        S: 250 2.1.5 Ok
        C: DATA
        S: 354 go
        C: Subject: x
        C: .
        S: 250 2.0.0 Ok: queued
        """,
        [BOB],
    )

    assert results == {1: ("2.0.0", "250 2.0.0 Ok: queued")}


def test_pipelining_sends_all_commands_before_the_first_reply():
    """RFC 2920: one round trip instead of four; each refusal hits its own recipient."""
    results = play(
        """
        C: MAIL FROM:<ann@example.test> SIZE=42
        C: RCPT TO:<bob@example.test>
        C: RCPT TO:<eve@example.test>
        C: DATA
        S: 250 Ok
        S: 550 5.1.1 no bob here
        S: 250 Ok
        S: 354 go
        C: Subject: x
        C: .
        S: 250 2.0.0 Ok: queued
        """,
        [BOB, EVE],
        features=["PIPELINING", "SIZE"],
    )

    said = "host mx.example.test[198.18.0.9] said: 550 5.1.1 no bob here"
    assert results == {
        1: ("5.1.1", f"{said} (in reply to RCPT TO command)"),
        2: ("2.0.0", "250 2.0.0 Ok: queued"),
    }


def test_a_pipelined_data_without_recipients_is_taken_back():
    """The server said 354 although it took nobody: an empty message ends it."""
    results = play(
        """
        C: MAIL FROM:<ann@example.test>
        C: RCPT TO:<bob@example.test>
        C: DATA
        S: 250 Ok
        S: 450 4.2.1 busy
        S: 354 go
        C: .
        S: 554 no valid recipients
        """,
        [BOB],
        features=["PIPELINING"],
    )

    assert results[1][0] == "4.2.1"


def test_a_refused_sender_is_everybodys_result():
    """MAIL FROM is about the message, not about one recipient."""
    results = play(
        """
        C: MAIL FROM:<ann@example.test>
        S: 452 4.3.1 full
        """,
        [BOB, EVE],
    )

    assert {status for status, _ in results.values()} == {"4.3.1"}


def test_dsn_parameters_pass_on_when_the_server_knows_them():
    """RFC 3461: what the sender asked travels with the message."""
    letter = LETTER._replace(dsn_ret="HDRS", dsn_envelope_id="a+1")
    rcpt = BOB._replace(dsn_original="rfc822;b b@x.test", notify=Notify.SUCCESS | Notify.DELAY)
    play(
        """
        C: MAIL FROM:<ann@example.test> ENVID=a+2B1 RET=HDRS
        S: 250 Ok
        C: RCPT TO:<bob@example.test> ORCPT=rfc822;b+20b@x.test NOTIFY=SUCCESS,DELAY
        S: 550 no
        """,
        [rcpt],
        letter=letter,
        features=["DSN"],
    )


def test_lmtp_answers_for_each_recipient():
    """RFC 2033 4.2: one full mailbox does not bounce the others' copies."""
    results = play(
        """
        C: MAIL FROM:<ann@example.test>
        S: 250 Ok
        C: RCPT TO:<bob@example.test>
        S: 250 Ok
        C: RCPT TO:<eve@example.test>
        S: 250 Ok
        C: DATA
        S: 354 go
        C: Subject: x
        C: .
        S: 250 2.0.0 bob has it
        S: 552 5.2.2 eve is full
        """,
        [BOB, EVE],
        rules=Rules(lmtp=True),
    )

    assert [results[1][0], results[2][0]] == ["2.0.0", "5.2.2"]


def test_a_message_too_large_for_the_server_is_not_even_begun():
    """RFC 1870 6.3: the announced limit saves the transfer."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        session = Session(Dialogue(ours), HOST, {"SIZE": "10"}, 0.0)
        verdicts = list(Transaction(session, LETTER, [BOB], QUICK).verdicts())

    assert verdicts[0].status.status == "5.3.4"


@pytest.mark.parametrize(
    ("needs", "wants", "features", "status"),
    [
        pytest.param(True, True, [], "5.6.7", id="an address that ASCII cannot say"),
        pytest.param(False, True, ["SMTPUTF8"], "2.0.0", id="asked for, and offered"),
    ],
)
def test_smtputf8_is_asked_for_where_it_is_needed(needs, wants, features, status):
    """RFC 6531 3.1: a server that does not offer it must not get such mail."""
    keyword = " SMTPUTF8" if features else ""
    script = f"""
        C: MAIL FROM:<ann@example.test>{keyword}
        S: 250 Ok
        C: RCPT TO:<bob@example.test>
        S: 250 Ok
        C: DATA
        S: 354 go
        C: Subject: x
        C: .
        S: 250 2.0.0 Ok
        """
    letter = LETTER._replace(needs_utf8=needs, wants_utf8=wants)
    results = play(script if features else "", [BOB], letter=letter, features=features)

    assert results[1][0] == status


def test_a_probe_ends_with_the_recipients():
    """verify(8) wants to know, and must not send a message."""
    results = play(
        """
        C: MAIL FROM:<ann@example.test>
        C: RCPT TO:<bob@example.test>
        C: RCPT TO:<eve@example.test>
        S: 250 Ok
        S: 250 2.1.5 bob lives here
        S: 550 5.1.1 eve does not
        """,
        [BOB, EVE],
        features=["PIPELINING"],
        rules=Rules(probe="rcpt"),
    )

    assert results[1] == ("2.1.5", "250 2.1.5 bob lives here")
    assert results[2][0] == "5.1.1"


def test_garbage_before_a_reply_is_skipped():
    """A banner of some filter between the lines must not bounce mail."""
    results = play(
        """
        C: MAIL FROM:<ann@example.test>
        S: hello there
        S: 550 5.7.1 no
        """,
        [BOB],
    )

    assert results[1][0] == "5.7.1"
    assert "said: hello there 550 5.7.1 no (in" in results[1][1]


def test_the_last_words_of_a_server_are_heard():
    """It may say that the message is too big, and hang up, while we are still sending."""
    ours, theirs = socket.socketpair()
    letter = LETTER._replace(content=lambda _seven_bit: _hang_up(theirs))
    session = Session(Dialogue(ours), HOST, {}, 0.0)
    theirs.sendall(b"250 Ok\r\n250 Ok\r\n354 go\r\n552 5.3.4 too big\r\n")

    with ours, pytest.raises(Interrupted) as caught:
        list(Transaction(session, letter, [BOB], QUICK).verdicts())

    assert caught.value.status.status == "5.3.4"


def _hang_up(connection):
    connection.close()
    return b"x" * 1_000_000


def test_a_lost_connection_says_what_we_were_doing():
    """The text of the log line tells a teacher where to look."""
    with pytest.raises(ConversationLost) as caught:
        play("C: MAIL FROM:<ann@example.test>", [BOB])

    assert caught.value.reason("mx[198.18.0.9]") == (
        "lost connection with mx[198.18.0.9] while sending MAIL FROM"
    )
