"""What a client and imapd say to each other."""

from __future__ import annotations

import re


def test_select_tells_everything_in_uws_order(dialogue):
    """Students hold these lines against their transcripts."""
    answer = dialogue("one", "two").say("a SELECT INBOX")

    assert [re.sub(r"\d{9,}", "N", line) for line in answer[:7]] == [
        "* 2 EXISTS",
        "* 2 RECENT",
        "* OK [UIDVALIDITY N] UID validity status",
        "* OK [UIDNEXT 3] Predicted next UID",
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Draft \\Seen)",
        "* OK [PERMANENTFLAGS (\\* \\Answered \\Flagged \\Deleted \\Draft \\Seen)]"
        " Permanent flags",
        answer[6],
    ]
    assert answer[6].startswith("* OK [UNSEEN 1] first unseen message in /")
    assert answer[7:] == ["a OK [READ-WRITE] SELECT completed"]


def test_reading_a_body_marks_it_as_seen(dialogue):
    """RFC 3501 6.4.5: BODY[] sets \\Seen, and the client hears of it."""
    talk = dialogue("one")
    talk.say("a SELECT INBOX")

    assert talk.say("b FETCH 1 BODY[TEXT]") == [
        "* 1 FETCH (BODY[TEXT] {13}",
        "text of ann",
        ")",
        "* 1 FETCH (FLAGS (\\Recent \\Seen))",
        "b OK FETCH completed",
    ]


def test_looking_at_a_body_leaves_no_trace(dialogue):
    """BODY.PEEK exists for programs that only look."""
    talk = dialogue("one")
    talk.say("a SELECT INBOX")
    talk.say("b FETCH 1 BODY.PEEK[]")

    assert talk.say("c FETCH 1 FLAGS")[0] == "* 1 FETCH (FLAGS (\\Recent))"


def test_expunge_renumbers_as_it_goes(dialogue):
    """RFC 3501 7.4.1: each EXPUNGE counts the messages that are left."""
    talk = dialogue("one", "two", "three", "four")
    talk.say("a SELECT INBOX")
    talk.say("b STORE 2,3 +FLAGS.SILENT (\\Deleted)")

    assert talk.say("c EXPUNGE") == [
        "* 2 EXPUNGE",
        "* 2 EXPUNGE",
        "* 2 EXISTS",
        "* 2 RECENT",
        "c OK Expunged 2 messages",
    ]
    assert talk.inbox.read_bytes().count(b"\nSubject: ") == 2


def test_uid_expunge_spares_what_it_does_not_name(dialogue):
    """RFC 4315 2.1: another client may have marked messages meanwhile."""
    talk = dialogue("one", "two")
    talk.say("a SELECT INBOX")
    talk.say("b STORE 1:2 +FLAGS.SILENT (\\Deleted)")

    assert talk.say("c UID EXPUNGE 2")[0] == "* 2 EXPUNGE"
    assert talk.say("d UID SEARCH ALL")[0] == "* SEARCH 1"


def test_flags_and_keywords_survive_the_session(dialogue):
    """They are kept in the mailbox itself, where every program finds them."""
    talk = dialogue("one", "two")
    talk.say("a SELECT INBOX")
    talk.say("b STORE 2 +FLAGS (\\Flagged Work)")
    talk.say("c CLOSE")
    talk.say("d SELECT INBOX")

    assert talk.say("e FETCH 2 FLAGS")[0] == "* 2 FETCH (FLAGS (\\Flagged Work))"
    assert b"X-Status: F\nX-Keywords: Work" in talk.inbox.read_bytes()


def test_new_mail_is_told_after_the_next_command(dialogue):
    """RFC 3501 7: EXISTS may come with any answer."""
    talk = dialogue("one")
    talk.say("a SELECT INBOX")
    with talk.inbox.open("ab") as file:
        file.write(b"From x@y Mon Jan  5 11:00:00 2004\nSubject: late\n\nhello\n\n")

    assert talk.say("b NOOP") == ["* 2 EXISTS", "* 2 RECENT", "b OK NOOP completed"]


def test_appending_asks_for_the_literal_and_tells_the_uid(dialogue):
    """RFC 4315: APPENDUID saves the client a search."""
    talk = dialogue("one")
    talk.say("a CREATE Sent")

    answer = talk.say("b APPEND Sent (\\Seen) {18}", b"Subject: x\r\n\r\nbody\r\n")

    assert answer[0] == "+ Ready for argument"
    assert re.fullmatch(r"b OK \[APPENDUID \d+ 1\] APPEND completed", answer[1])


def test_a_refused_append_does_not_ask_for_the_message(dialogue):
    """A client would otherwise send megabytes for nothing."""
    assert dialogue("one").say("a APPEND nosuch {100000}") == [
        "* OK [TRYCREATE] Must create mailbox before append",
        "a NO [TRYCREATE] APPEND failed: Can't append to mailbox nosuch: no such mailbox",
    ]


def test_a_literal_sent_ahead_of_a_refusal_is_not_a_command(dialogue):
    """RFC 7888: its octets are on their way and must be read."""
    talk = dialogue("one")

    assert talk.say("a FOO {6+}", b"c NOOP\r\n") == ["a BAD Command unrecognized: FOO"]
    assert talk.client.coming == b""


def test_copy_keeps_flags_and_dates(dialogue):
    """RFC 3501 6.4.7."""
    talk = dialogue("one", "two")
    talk.say("a SELECT INBOX")
    talk.say("b STORE 2 +FLAGS (\\Answered)")
    talk.say("c CREATE box")
    assert re.fullmatch(
        r"d OK \[COPYUID \d+ 1:2 1:2\] COPY completed", talk.say("d COPY 1:2 box")[0]
    )
    talk.say("e SELECT box")

    assert talk.say("f FETCH 2 (FLAGS INTERNALDATE)")[0] == (
        '* 2 FETCH (FLAGS (\\Answered) INTERNALDATE " 5-Jan-2004 10:00:02 +0000")'
    )


def test_nobody_gets_out_of_his_home(dialogue):
    """UW-IMAP opens /etc/passwd; a shared machine must not."""
    talk = dialogue("one")
    (talk.home / "way-out").symlink_to("/etc/passwd")

    for name in ("/etc/passwd", "../../etc/passwd", "~root/mbox", "way-out"):
        assert talk.say(f"a SELECT {name}") == [
            f"a NO Can't open mailbox {name}: no such mailbox"
        ]


def test_commands_are_refused_in_the_wrong_state(dialogue):
    """RFC 3501 3: FETCH needs a selected mailbox."""
    assert dialogue("one").say("a FETCH 1 FLAGS") == ["a BAD Command unrecognized: FETCH"]


def test_a_second_session_takes_the_mailbox_only_when_it_may(dialogue):
    """An mbox has one writer: APPEND beside an open session leaves that session alone."""
    talk = dialogue("one")
    talk.say("a SELECT INBOX")

    assert talk.say("b APPEND INBOX {18+}", b"Subject: x\r\n\r\nbody\r\n") == [
        "* 2 EXISTS",
        "* 2 RECENT",
        "b OK Unable to re-open mailbox for APPENDUID: INBOX",
    ]


def test_search_answers_with_what_matches(dialogue):
    """RFC 3501 6.4.4: all keys must hold."""
    talk = dialogue("lunch", "Re: lunch", "other")
    talk.say("a SELECT INBOX")

    assert talk.say("b SEARCH SUBJECT LUNCH NOT FROM bob")[0] == "* SEARCH 1"
    assert talk.say("c SEARCH OR FROM bob FROM eve")[0] == "* SEARCH 2 3"
    assert talk.say("d SEARCH RETURN (MIN COUNT) ALL")[0] == '* ESEARCH (TAG "d") MIN 1 COUNT 3'


def test_idle_ends_with_done(dialogue):
    """RFC 2177: anything else is a mistake of the client."""
    talk = dialogue("one")
    assert talk.say("a IDLE", b"DONE\r\n") == ["+ Waiting for DONE", "a OK IDLE completed"]
    assert talk.say("b IDLE", b"STOP\r\n")[1:] == ["b BAD Bogus IDLE continuation"]
