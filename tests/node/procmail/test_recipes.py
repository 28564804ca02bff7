"""Recipes as users write them, and where the message goes."""

import os

import pytest

from labctl.node.procmail.diary import Diary
from labctl.node.procmail.interpreter import deliver_by_default, run
from labctl.node.procmail.message import Message
from labctl.node.procmail.rcfile import parse
from labctl.node.procmail.state import Processor
from labctl.node.procmail.variables import FIXED

TEXT = b"""\
From ann@example.test  Mon Nov 23 01:27:00 2026
From: Ann <ann@example.test>
To: bob@example.test,
\teve@example.test
Subject: Hello [list-x] 42

first MONEY
From here money
"""


@pytest.fixture
def sort(tmp_path, monkeypatch):
    """Run an rcfile over the message; the answer is the folder, relative to MAILDIR."""
    monkeypatch.chdir(tmp_path)

    def sort(rcfile):
        variables = {**FIXED, "DEFAULT": "inbox", "PATH": "/usr/bin:/bin", "LOGNAME": "bob"}
        processor = Processor(Message.parse(TEXT), variables, Diary())
        run(processor, parse(rcfile))
        if not processor.delivered:
            deliver_by_default(processor)
        return processor.last[0]

    return sort


@pytest.mark.parametrize(
    ("condition", "folder"),
    [
        pytest.param("^subject: hello", "yes", id="case does not matter"),
        pytest.param("^To:.*eve@", "yes", id="folded fields are one line"),
        pytest.param("^TO_eve@example", "yes", id="TO_ finds any recipient"),
        pytest.param("^TO_ve@", "inbox", id="TO_ finds whole names"),
        pytest.param("^FROM_DAEMON", "inbox", id="people are no daemons"),
        pytest.param("! ^X-Spam", "yes", id="negation"),
        pytest.param("B ?? here money$", "yes", id="the body"),
        pytest.param("< 10", "inbox", id="size"),
        pytest.param("? true", "yes", id="command"),
        pytest.param("? false", "inbox", id="command that fails"),
        pytest.param("$ ^From:.*${NOBODY:-ann}@", "yes", id="variables"),
        pytest.param("^^From ann", "yes", id="the very beginning"),
        pytest.param("^Subject:.*\\<list-x\\>", "yes", id="ends of words"),
    ],
)
def test_conditions(sort, condition, folder):
    """Each form of procmailrc(5) decides as its manual says."""
    assert sort(f":0\n* {condition}\nyes\n") == folder


def test_all_conditions_must_hold(sort):
    """Conditions of one recipe are joined by and."""
    assert sort(":0\n* ^Subject\n* ^Nothing\nyes\n") == "inbox"


@pytest.mark.parametrize(
    ("conditions", "folder"),
    [
        pytest.param("* 2^1 money\n* -3^0 first", "yes", id="4 - 3 is enough"),
        pytest.param("* 1^1 money\n* -3^0 first", "inbox", id="2 - 3 is not"),
    ],
)
def test_scores_add_up(sort, conditions, folder):
    """procmailsc(5): a recipe is used when the sum is greater than zero."""
    assert sort(f":0 B\n{conditions}\nyes\n") == folder


@pytest.mark.parametrize(
    ("rcfile", "folder"),
    [
        pytest.param(":0\n* ^X\na\n:0 E\nb\n", "b", id="else"),
        pytest.param(":0\n* ^X\na\n:0 A\nb\n", "inbox", id="and"),
        pytest.param(":0 c\na\n:0 a\nb\n", "b", id="if that worked"),
        pytest.param(":0 W\n| exit 1;\n:0 e\nb\n", "b", id="if that failed"),
        pytest.param(":0\n{\n X=c\n :0\n $X\n}\n", "c", id="block"),
    ],
)
def test_recipes_depend_on_each_other(sort, rcfile, folder):
    """The flags A, a, E, e and blocks are the grammar of decisions."""
    assert sort(rcfile) == folder


def test_what_was_matched_can_be_used(sort):
    """Mailing lists are sorted into folders of their own names this way."""
    assert sort(":0\n* ^Subject:.*\\[\\/[^]]+\nlists.$MATCH\n") == "lists.list-x"


def test_a_copy_does_not_end_the_rcfile(sort, tmp_path):
    """c is for keeping one and going on."""
    assert sort(":0 c\ncopy\n:0\nlast\n") == "last"
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "last").read_bytes()


def test_a_filter_changes_the_message(sort, tmp_path):
    """fb rewrites the body and leaves the header alone."""
    sort(":0 fbw\n| tr a-z A-Z\n:0\nx\n")

    assert b"Subject: Hello [list-x] 42\n\nFIRST MONEY\n" in (tmp_path / "x").read_bytes()


def test_a_filter_that_fails_changes_nothing(sort, tmp_path):
    """A broken script must not eat the mail."""
    sort(":0 fw\n| cat; exit 3\n:0\nx\n")

    assert b"first MONEY\n>From here money\n\n" in (tmp_path / "x").read_bytes()


def test_output_can_be_captured(sort):
    """VAR=| and backquotes bring the answer of a command into the rcfile."""
    assert sort("A=`echo one`\n:0 h\nB=| grep -c Subject\n:0\n$A-$B\n") == "one-1"


def test_folders_are_told_by_their_names(sort, tmp_path):
    """dir/ is a Maildir, dir/. an MH folder, anything else an mbox file."""
    assert sort(":0\nmd/\n").startswith("md/new/")
    assert sort(":0\nmh/.\n") == "mh/1"
    assert os.listdir(tmp_path / "md/tmp") == []


def test_a_folder_that_cannot_be_written_is_not_the_end(sort):
    """The next recipe, and in the end the mailbox, still get the message."""
    assert sort(":0\n/nonexistent/x\n") == "inbox"
