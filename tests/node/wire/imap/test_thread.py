"""Base subjects and the two ways to thread."""

from __future__ import annotations

import pytest

from labctl.node.wire.imap.subject import Subject, base_subject
from labctl.node.wire.imap.thread import (
    Mail,
    format_threads,
    message_ids,
    ordered_subject,
    references,
)


@pytest.mark.parametrize(
    ("text", "base", "reply"),
    [
        (b"lunch", "lunch", False),
        (b"Re: lunch", "lunch", True),
        (b"RE: re: [list] Fwd: lunch (fwd)", "lunch", True),
        (b"[list] lunch", "lunch", False),
        (b"[only a blob]", "[only a blob]", False),
        (b"[Fwd: lunch]", "lunch", True),
        (b"=?utf-8?q?Re=3A_caf=C3=A9?=", "café", True),
        (b"Re:", "", True),
    ],
)
def test_base_subject(text, base, reply):
    """RFC 5256 2.1: one conversation has one base subject."""
    assert base_subject(text) == Subject(base, reply)


def mail(number, subject="", refs="", reply=False):
    return Mail(
        number, float(number), subject, reply, b"<%d@x>" % number, message_ids(refs.encode())
    )


def test_answers_hang_below_what_they_answer():
    """RFC 5256 REFERENCES: a chain is flat, branches are in parentheses."""
    mails = [mail(1), mail(2, refs="<1@x>"), mail(3, refs="<1@x> <2@x>"), mail(4, refs="<1@x>")]

    assert format_threads(references(mails)) == "(1 (2 3)(4))"


def test_children_of_a_lost_message_stay_together():
    """The message that they answer was deleted long ago."""
    mails = [mail(1, refs="<gone@x>"), mail(2, refs="<gone@x>")]

    assert format_threads(references(mails)) == "((1)(2))"


def test_messages_of_one_subject_are_one_thread():
    """RFC 5256 step 5: not every mail program sends References."""
    mails = [mail(1, "A"), mail(2, "A", reply=True), mail(3, "B")]

    assert format_threads(references(mails)) == "(1 2)(3)"


def test_messages_that_refer_to_each_other_do_not_hang_the_server():
    """A loop of references is easily made."""
    mails = [mail(1, refs="<2@x>"), mail(2, refs="<1@x>")]

    assert format_threads(references(mails)) in ("(2 1)", "(1 2)")


def test_ordered_subject_has_two_levels():
    """The poor man's threading."""
    mails = [mail(1, "B"), mail(2, "A"), mail(3, "B"), mail(4, "B")]

    assert format_threads(ordered_subject(mails)) == "(1 (3)(4))(2)"
