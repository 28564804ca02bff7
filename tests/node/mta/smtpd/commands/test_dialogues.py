"""smtpd sessions as dialogues.  C: is what the client sends, S: what it gets."""

import pytest

from labctl.node.mta.smtpd.limits import errors
from labctl.node.mta.smtpd.message import bare_newline
from labctl.node.mta.smtpd.session import Mode

GREETED = "C: EHLO client.outside.test\nC: MAIL FROM:<ann@outside.test>\n"


def test_one_recipient_gets_as_far_as_the_content(talk):
    """The shortest legal transaction reaches DATA and keeps the envelope."""
    session = talk().play("""
        C: HELO client.outside.test
        S: 250 mx.example.test
        C: MAIL FROM:<ann@outside.test>
        S: 250 2.1.0 Ok
        C: RCPT TO:<bob@example.test>
        S: 250 2.1.5 Ok
        C: DATA
        S: 354 End data with <CR><LF>.<CR><LF>
    """)

    assert session.session.mode is Mode.DATA
    assert [rcpt.address for rcpt in session.queue.recipients] == ["bob@example.test"]


def test_ehlo_offers_the_extensions_in_the_order_of_postfix(talk):
    """Clients and students compare this list with that of a genuine server."""
    reply = talk(message_size_limit="1000").say("EHLO client.outside.test")

    assert reply.splitlines() == [
        "250-mx.example.test",
        "250-PIPELINING",
        "250-SIZE 1000",
        "250-VRFY",
        "250-ETRN",
        "250-ENHANCEDSTATUSCODES",
        "250-8BITMIME",
        "250-DSN",
        "250-SMTPUTF8",
        "250 CHUNKING",
    ]


def test_hidden_extensions_are_not_offered_and_those_that_change_reports_not_obeyed(talk):
    """smtpd_discard_ehlo_keywords: SIZE and the like are harmless without the offer."""
    session = talk(smtpd_discard_ehlo_keywords="size, dsn, chunking")

    assert "DSN" not in session.say("EHLO client.outside.test")
    assert "discarding EHLO keywords: SIZE DSN CHUNKING" in session.log.lines
    assert session.say("MAIL FROM:<> RET=FULL") == "501 5.7.1 DSN support is disabled"
    assert session.say("MAIL FROM:<> SIZE=10") == "250 2.1.0 Ok"
    assert session.say("BDAT 5 LAST") == "521 5.5.1 Error: command not implemented"


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("RCPT TO:<bob@example.test>", "503 5.5.1 Error: need MAIL command"),
        ("DATA", "503 5.5.1 Error: need RCPT command"),
        ("HONK", "500 5.5.2 Error: command not recognized"),
        ("", "500 5.5.2 Error: bad syntax"),
        ("HELO", "501 Syntax: HELO hostname"),
        ("RSET now", "501 5.5.4 Syntax: RSET"),
        ("NOOP whatever", "250 2.0.0 Ok"),
        ("STARTTLS", "502 5.5.1 Error: command not implemented"),
        ("AUTH PLAIN", "503 5.5.1 Error: authentication not enabled"),
        ("ETRN", "500 Syntax: ETRN domain"),
        ("ETRN relayed.test", "250 Queuing started"),
        ("VRFY bob", "252 2.0.0 bob"),
        ("MAIL FROM", "501 5.5.4 Syntax: MAIL FROM:<address>"),
        ("MAIL FROM:ann@outside.test", "250 2.1.0 Ok"),
        ("MAIL FROM: <ann@outside.test>", "250 2.1.0 Ok"),
        ("MAIL FROM:<ann@@outside.test>", "250 2.1.0 Ok"),
        ("MAIL FROM:<ann,eve@outside.test>", "501 5.1.7 Bad sender address syntax"),
        ("MAIL FROM:<ann@ä.test>", "501 5.1.7 Bad sender address syntax"),
        (
            "MAIL FROM:<> SIZE=99999999999999999999",
            "552 5.3.4 Message size exceeds file system imposed limit",
        ),
        ("MAIL FROM:<> AUTH", "555 5.5.4 Unsupported option: AUTH"),
        ("MAIL FROM:<> XVERP", "555 5.5.4 Unsupported option: XVERP"),
        (b"NOOP\0 and what follows a NUL", "250 2.0.0 Ok"),
        ("MAIL FROM:<ann@outside.test", "501 5.1.7 Bad sender address syntax"),
        ("MAIL FROM:<> BODY=9BITMIME", "555 5.5.4 Unsupported option: BODY=9BITMIME"),
        ("MAIL FROM:<> SIZE=abc", "501 5.5.4 Bad message size syntax"),
        ("MAIL FROM:<> RET=ALL", "501 5.5.4 Bad RET parameter syntax"),
        ("MAIL FROM:<> ENVID=a+zz", "501 5.5.4 Bad ENVID parameter syntax"),
        ("MAIL FROM:<> SIZE=99999999", "552 5.3.4 Message size exceeds fixed limit"),
        ("BDAT", "521 5.5.4 Syntax: BDAT count [LAST]"),
        ("GET / HTTP/1.0", "221 2.7.0 Error: I can break rules, too. Goodbye."),
        ("XCLIENT NAME=a", "550 5.7.0 Error: insufficient authorization"),
        (b"VRFY \xff", "500 5.5.2 Error: bad UTF-8 syntax"),
    ],
)
def test_replies_to_a_first_command(talk, command, reply):
    """What each command says to a client that has not even greeted."""
    assert talk().say(command) == reply


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("MAIL FROM:<>", "503 5.5.1 Error: nested MAIL command"),
        ("DATA", "554 5.5.1 Error: no valid recipients"),
        ("RCPT TO:<>", "501 5.1.3 Bad recipient address syntax"),
        ("RCPT FROM:<bob@example.test>", "501 5.5.4 Syntax: RCPT TO:<address>"),
        ("RCPT TO:<bob@example.test> FOO", "555 5.5.4 Unsupported option: FOO"),
        ('RCPT TO:<"bob"@example.test>', "250 2.1.5 Ok"),
        (
            "RCPT TO:<bob@example.test> NOTIFY=NEVER,DELAY",
            "501 5.5.4 Error: Bad NOTIFY parameter syntax",
        ),
        (
            "RCPT TO:<bob@example.test> ORCPT=bob",
            "501 5.5.4 Error: Bad ORCPT parameter syntax",
        ),
        ("ETRN relayed.test", "503 Error: MAIL transaction in progress"),
    ],
)
def test_replies_inside_a_transaction(talk, command, reply):
    """What each command says after MAIL."""
    session = talk().play(GREETED)

    assert session.say(command) == reply


def test_too_many_errors_end_the_session(talk):
    """A client that guesses must not guess for ever."""
    session = talk(smtpd_hard_error_limit="2")
    session.say("ONE")
    assert _limit(session) is None
    session.say("TWO")

    assert _limit(session) == "421 4.7.0 mx.example.test Error: too many errors"
    assert session.session.reason == "too many errors"


def test_recipients_over_the_limit_are_forgiven_for_a_while(talk):
    """A list server that sends too many recipients at once is no attacker."""
    session = talk(smtpd_recipient_limit="1", smtpd_recipient_overshoot_limit="1")
    session.play(GREETED + "C: RCPT TO:<bob@example.test>\nS: 250 2.1.5 Ok")

    assert session.say("RCPT TO:<ann@example.test>") == "452 4.5.3 Error: too many recipients"
    assert session.session.errors == 0
    session.say("RCPT TO:<ann@example.test>")
    assert session.session.errors == 1


def test_the_disconnect_line_counts_what_was_accepted(talk):
    """Log readers compute refusal rates from these numbers."""
    session = talk().play(GREETED + "C: RCPT TO:<eve@example.test>\nC: FOO\nC: QUIT")

    assert str(session.session.counters) == (
        "ehlo=1 mail=1 rcpt=0/1 quit=1 unknown=0/1 commands=3/5"
    )


def test_a_client_that_does_not_wait_is_noticed(talk):
    """reject_unauth_pipelining must know who spoke before its turn."""
    session = talk(smtpd_data_restrictions="reject_unauth_pipelining")
    session.session.pending = b"MAIL FROM:<>\r\n"
    session.say("EHLO client.outside.test")

    assert session.session.pipelined
    assert session.log.lines == [
        "improper command pipelining after EHLO from "
        r"client.outside.test[198.18.0.5]: MAIL FROM:<>\r\n"
    ]


def test_xclient_starts_again_as_somebody_else(talk):
    """Restrictions are tested from one machine by pretending to be many."""
    session = talk(smtpd_authorized_xclient_hosts="198.18.0.5", mynetworks="203.0.113.9")
    session.say("EHLO client.outside.test")

    assert session.say("XCLIENT NAME=in.test ADDR=203.0.113.9").startswith("220 ")
    session.play("""
        C: EHLO in.test
        C: MAIL FROM:<ann@example.test>
        C: RCPT TO:<eve@elsewhere.test>
        S: 250 2.1.5 Ok
    """)
    assert session.log.lines == ["4F1B2C0001: client=in.test[203.0.113.9]"]


def test_message_rates_are_limited_for_strangers(talk):
    """smtpd_client_message_rate_limit counts MAIL commands of all processes."""
    session = talk(smtpd_client_message_rate_limit="1")
    session.play("C: MAIL FROM:<>\nS: 250 2.1.0 Ok\nC: RSET")

    assert session.say("MAIL FROM:<>") == "450 4.7.1 Error: too much mail from 198.18.0.5"


def _limit(session):
    reply = errors.too_many_errors(session.session)
    return str(reply) if reply else None


def test_clients_that_speak_out_of_turn_can_be_sent_away(talk):
    """smtpd_forbid_unauth_pipelining: smuggled commands arrive before their turn."""
    session = talk(smtpd_forbid_unauth_pipelining="yes")
    session.session.pending = b"MAIL FROM:<>\r\n"

    assert session.say("EHLO c.test") == "554 5.5.0 Error: SMTP protocol synchronization"
    assert session.session.mode is Mode.CLOSED


def test_a_lone_newline_can_be_refused(talk):
    """smtpd_forbid_bare_newline = reject: real clients never send one."""
    session = talk(smtpd_forbid_bare_newline="reject")

    assert str(bare_newline.of_command(session.session, b"NOOP\n")) == (
        "550 5.5.2 mx.example.test Error: bare <LF> received"
    )
    assert session.session.mode is Mode.CLOSED
    assert bare_newline.of_command(talk().session, b"NOOP\n") is None
