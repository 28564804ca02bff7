"""The end of a message: what cleanup is told, and what the client hears."""

import pytest

from labctl.node.mta.lib.queue.queue_file import decode
from labctl.node.mta.lib.services.cleanup import CleanupResult, Stat
from labctl.node.mta.smtpd.commands import bdat, data

ENVELOPE = "C: EHLO c.test\nC: MAIL FROM:<ann@outside.test>\nC: RCPT TO:<bob@example.test>\n"


def send(session, content: bytes) -> str:
    """DATA, content, dot."""
    session.say("DATA")
    session.session.transaction.submission.write(content)
    return str(data.end_of_data(session.session))


def content_of(session) -> list[str]:
    """The lines that cleanup was given as content."""
    records = [record for record in decode(session.queue.written) if chr(record.kind) == "N"]
    return [record.data.decode() for record in records]


def test_a_message_is_stored_behind_our_received_header(talk):
    """RFC 5321 4.4: every server signs, and in words that other programs parse."""
    session = talk().play(ENVELOPE)

    assert send(session, b"Subject: hi\n\ntext\n") == "250 2.0.0 Ok: queued as 4F1B2C0001"
    lines = content_of(session)
    assert lines[0] == "Received: from c.test (client.outside.test [198.18.0.5])"
    assert lines[1] == "\tby mx.example.test (Postfix) with ESMTP id 4F1B2C0001"
    assert lines[2].startswith("\tfor <bob@example.test>; Thu,  1 Feb 2001 ")
    assert lines[3:] == ["Subject: hi", "", "text"]


def test_of_several_recipients_none_is_named(talk):
    """A blind copy must stay blind."""
    session = talk().play(ENVELOPE + "C: RCPT TO:<ann@example.test>")
    send(session, b"\n")

    assert content_of(session)[1].endswith("with ESMTP id 4F1B2C0001;")
    assert "for <" not in "".join(content_of(session))


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"From ann Mon\nSubject: x\n", ["X-Mailbox-Line: From ann Mon", "Subject: x"]),
        (b" indented\n", ["", " indented"]),
    ],
)
def test_content_that_begins_like_something_else(talk, content, lines):
    """The first line must not be taken for an mbox separator or a continued header."""
    session = talk().play(ENVELOPE)
    send(session, content)

    assert content_of(session)[3:] == lines


@pytest.mark.parametrize(
    ("result", "reply"),
    [
        (CleanupResult(Stat.WRITE), "451 4.3.0 Error: queue file write error"),
        (CleanupResult(Stat.HOPS), "554 5.4.0 Error: too many hops"),
        (CleanupResult(Stat.SIZE), "552 5.3.4 Error: message file too big"),
        (CleanupResult(Stat.CONT), "550 5.7.1 message content rejected"),
        (CleanupResult(Stat.CONT, "5.7.1 no viruses"), "550 5.7.1 no viruses"),
    ],
)
def test_what_cleanup_could_not_do_is_told(talk, result, reply):
    """Only a 250 makes us responsible for the message."""
    session = talk().play(ENVELOPE)
    session.queue.result = result

    assert send(session, b"\n") == reply


def test_too_much_content_is_refused_at_its_end(talk):
    """A client that lied in SIZE= hears of it when it listens again."""
    session = talk(message_size_limit="100").play(ENVELOPE)

    assert send(session, b"0123456789\n" * 20) == "552 5.3.4 Error: message file too big"
    assert session.queue.closed


def test_a_refusal_at_the_end_takes_the_message_back(talk):
    """smtpd_end_of_data_restrictions decides before cleanup hears that it has everything."""
    table = "check_sender_access inline:{ {ann@outside.test = REJECT late} }"
    session = talk(smtpd_end_of_data_restrictions=table).play(ENVELOPE)

    assert send(session, b"\n") == (
        "554 5.7.1 <ann@outside.test>: Sender address rejected: late"
    )
    assert session.queue.closed


def test_tables_may_hold_and_mark_a_message(talk):
    """HOLD and PREPEND are carried out by cleanup, not by the session."""
    table = "check_sender_access inline:{ {ann@outside.test = PREPEND X-Mark: yes} }"
    session = talk(smtpd_recipient_restrictions=table).play(ENVELOPE)
    session.session.transaction.actions.hold = True
    send(session, b"\n")

    assert content_of(session)[0] == "X-Mark: yes"
    assert ("f", b"4") in [(chr(r.kind), r.data) for r in decode(session.queue.written)]


def test_chunks_make_a_message(talk):
    """RFC 3030: the reply to the last chunk is that of the message."""
    session = talk().play(ENVELOPE)
    session.say("BDAT 6")
    session.session.transaction.submission.write(b"a: b\n")
    first = str(bdat.end_of_chunk(session.session))
    session.say("BDAT 0 LAST")
    last = str(bdat.end_of_chunk(session.session))

    assert first == "250 2.0.0 Ok: 6 bytes"
    assert last == "250 2.0.0 Ok: 6 bytes queued as 4F1B2C0001"


def test_what_follows_an_unwanted_chunk_is_refused(talk):
    """Without RCPT the bytes come anyhow; the session stays in step."""
    session = talk()

    assert session.say("BDAT 5") == "503 5.5.1 Error: need RCPT command"
    assert session.say("MAIL FROM:<>") == "503 5.5.1 Error: MAIL after BDAT"


def test_a_refusal_at_the_end_of_data_keeps_the_envelope(talk):
    """smtpd_end_of_data_restrictions: only the file is gone, the rest stands until RSET."""
    session = talk(smtpd_end_of_data_restrictions="reject")
    session.play("""
        C: EHLO x.test
        C: MAIL FROM:<ann@outside.test>
        C: RCPT TO:<bob@example.test>
        C: DATA
        S: 354 End data with <CR><LF>.<CR><LF>
    """)
    refusal = str(data.end_of_data(session.session))

    assert refusal == "554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: Access denied"
    assert session.queue.closed
    assert session.say("MAIL FROM:<ann@outside.test>") == "503 5.5.1 Error: nested MAIL command"
    assert session.say("DATA") == "554 5.5.1 Error: no valid recipients"


def test_a_file_that_is_opened_early_needs_recipients_all_the_same(talk):
    """smtpd_delay_open_until_valid_rcpt = no must not let through mail for nobody."""
    session = talk(smtpd_delay_open_until_valid_rcpt="no")
    session.say("MAIL FROM:<ann@outside.test>")

    assert session.session.transaction.queue_id == session.queue.queue_id
    assert session.say("DATA") == "554 5.5.1 Error: no valid recipients"
