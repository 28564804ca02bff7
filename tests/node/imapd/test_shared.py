"""Sessions of several clients on one mailbox, on nodes in the mode ``shared``."""

from __future__ import annotations

import re

import pytest

from labctl.node.store import mailbox


@pytest.fixture
def pair(dialogue, tmp_path, monkeypatch):
    """Two sessions of one user, who have selected a folder with three messages."""
    mode = tmp_path / "mode"
    mode.write_text("shared\n")
    monkeypatch.setattr(mailbox, "MODE_FILE", mode)
    one = dialogue("x")
    two = type(one)(one.home, one.inbox)
    one.say("a CREATE box")
    for number in (1, 2, 3):
        text = f"Subject: {number}\r\n\r\ntext {number}\r\n"
        one.say(f"b APPEND box {{{len(text)}}}", text.encode() + b"\r\n")
    one.say("c SELECT box")
    two.say("d SELECT box")
    return one, two


def flags(answers: list[str]) -> dict[int, set[str]]:
    """Message numbers and flags of FETCH answers."""
    found = re.findall(r"\* (\d+) FETCH \(.*?FLAGS \(([^)]*)\)", "\n".join(answers))
    return {int(number): set(words.split()) - {"\\Recent"} for number, words in found}


def test_a_message_appended_to_the_selected_mailbox_is_there_at_once(pair):
    """The other session hears of it next; only one of them calls it recent."""
    one, two = pair
    text = b"Subject: new\r\n\r\n"
    told = one.say(f"a APPEND box (\\Seen Work) {{{len(text)}}}", text + b"\r\n")

    assert "* 4 EXISTS" in told
    assert told[-1].startswith("a OK [APPENDUID ")
    assert "* 4 EXISTS" in two.say("b NOOP")
    assert flags(two.say("c FETCH 4 (UID FLAGS)")) == {4: {"\\Seen", "Work"}}
    recent = [s.say("d FETCH 4 FLAGS")[0].count("\\Recent") for s in pair]
    assert sum(recent) <= 1


def test_flags_reach_the_other_session(pair):
    """RFC 3501 7.4.2: with the next command that may say so."""
    one, two = pair
    one.say("a STORE 1:2 FLAGS (\\Seen)")

    assert flags(two.say("b CHECK")) == {1: {"\\Seen"}, 2: {"\\Seen"}}


def test_two_sessions_do_not_overwrite_each_other(pair):
    """Each changes one flag of one message, and both changes last."""
    one, two = pair
    one.say("a STORE 1 FLAGS (\\Seen)")
    two.say("b NOOP")
    one.say("c STORE 1 +FLAGS (\\Draft)")
    two.say("d STORE 1 -FLAGS (\\Seen)")

    assert flags(two.say("e FETCH 1 FLAGS")) == {1: {"\\Draft"}}
    one.say("f NOOP")
    assert flags(one.say("g FETCH 1 FLAGS")) == {1: {"\\Draft"}}


def test_message_numbers_hold_during_fetch(pair):
    """RFC 3501 7.4.1: EXPUNGE only with the next command after."""
    one, two = pair
    one.say("a STORE 1 +FLAGS (\\Deleted)")
    one.say("b EXPUNGE")

    assert not [line for line in two.say("c FETCH 3 UID") if "EXPUNGE" in line]
    assert "* 1 EXPUNGE" in two.say("d NOOP")


def test_a_new_mailbox_of_an_old_name_has_another_validity(pair):
    """RFC 3501 2.3.1.1: the client must forget what it knew."""
    one, _ = pair
    seen = set()
    for _ in range(3):
        one.say("a CREATE again")
        (line,) = [
            w for w in one.say("b STATUS again (UIDVALIDITY)") if w.startswith("* STATUS")
        ]
        seen.add(line)
        one.say("c DELETE again")

    assert len(seen) == 3


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ("BINARY.PEEK[]", "BINARY[] {22}"),
        ("BINARY.SIZE[TEXT]", "BINARY.SIZE[TEXT] 8"),
        ("BINARY.PEEK[HEADER]", "BINARY[HEADER] {14}"),
        ("BODY.PEEK[TEXT]<3>", "BODY[TEXT]<3> {5}"),
    ],
)
def test_what_other_servers_take_is_taken(pair, item, answer):
    """Clients that were written for them; UW-IMAP refuses all of these."""
    one, _ = pair

    assert answer in one.say(f"a FETCH 1 {item}")[0].replace('"', "")


def test_what_another_session_removed_is_not_shown_as_empty(pair):
    """RFC 2180 4.1.3: an empty message would be a lie."""
    one, two = pair
    one.say("a STORE 1 +FLAGS (\\Deleted)")
    one.say("b EXPUNGE")
    told = two.say("c FETCH 1:2 BODY.PEEK[]")

    assert [line.split()[1] for line in told if line.startswith("* ")] == ["2"]
    assert told[-1].startswith("c NO [EXPUNGEISSUED] ")


def test_what_another_session_removed_is_not_copied(pair):
    """RFC 2180 4.4.1: all messages are copied, or none; an empty copy would be a lie."""
    one, two = pair
    two.say("a CREATE copies")
    one.say("b STORE 1 +FLAGS (\\Deleted)")
    one.say("c EXPUNGE")

    assert two.say("d COPY 1:2 copies")[-1].startswith("d NO [EXPUNGEISSUED] ")
    assert "MESSAGES 0" in two.say("e STATUS copies (MESSAGES)")[0]
