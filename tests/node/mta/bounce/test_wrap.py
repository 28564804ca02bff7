"""Folding of long reasons."""

from labctl.node.mta.bounce.wrap import wrap


def test_lines_end_before_column_80():
    """79 columns fit; the 80th does not."""
    assert wrap("w " * 39 + "w") == ("w " * 40).strip()
    assert wrap("w " * 40 + "w") == ("w " * 40).strip() + "\n    w"


def test_a_word_that_is_too_long_stays_whole():
    """A cut address would be another address."""
    assert wrap("a " + "x" * 90) == "a\n    " + "x" * 90


def test_space_inside_of_a_line_stays():
    """Somebody may have aligned it."""
    assert wrap("two  words   here") == "two  words   here"


def test_a_word_that_is_too_long_has_a_line_to_itself():
    """Nothing is cut: it may be an address."""
    assert wrap(f"short {'x' * 100} end").split("\n") == [
        "short",
        "    " + "x" * 100,
        "    end",
    ]
