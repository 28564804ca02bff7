"""Rcfiles that people write, and those that nobody would."""

import random

import pytest

from labctl.node.procmail.rcfile import Assignment, Complaint, Recipe, parse

PIECES = [
    *(":0", ":0:", ":0 c", ":0 Z", "* ^Subject", "* !", "* $ $X", "* 1^", "* A ??"),
    *("| cat", "! a@b", "folder/", "VAR=|x", "{", "}", "{ A=1 }"),
    *("A=", "A='", 'B="x', "C=`y", "\\", "#", "\0", "=", "ü"),
]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("?? what", 'Skipped "?? what"', id="no statement at all"),
        pytest.param(":0 Z\nx", 'Skipped "Z"', id="a flag that is none"),
        pytest.param("}", "Closing brace unexpected", id="a brace too many"),
        pytest.param(":0\n* x\n:0\ny", "Missing action", id="conditions for nothing"),
    ],
)
def test_what_makes_no_sense_is_told(line, complaint):
    """The log is the only place where an author can see it."""
    assert Complaint(complaint) in parse(line)


def test_a_mistake_does_not_stop_what_follows():
    """Mail must be sorted on, whatever is wrong with one line."""
    statements = parse("?? what\n}\nA=b\n:0\nfolder\n")

    assert Assignment("A", "b") in statements
    assert isinstance(statements[-1], Recipe)


@pytest.mark.parametrize("seed", range(100))
def test_every_text_can_be_parsed(seed):
    """Somebody's rcfile is cut in the middle, or is no rcfile at all."""
    chance = random.Random(seed)
    text = "".join(
        chance.choice(PIECES) + chance.choice("\n\n\n \t") for _ in range(chance.randrange(40))
    )

    assert all(isinstance(item, Assignment | Recipe | Complaint) for item in parse(text))
