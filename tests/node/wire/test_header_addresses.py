"""Address lists of headers: nothing but addresses changes."""

import pytest

from labctl.node.wire.header_addresses import addresses, fold, parse, phrase, rewrite, unparse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("joe", ["joe"], id="bare"),
        pytest.param("Joe Q <joe@a>, mary", ["joe@a", "mary"], id="phrase"),
        pytest.param("joe@a (Joe, the one)", ["joe@a"], id="comma in a comment"),
        pytest.param('"A, B" <c@d>', ["c@d"], id="comma in a quoted string"),
        pytest.param("grp: a, b@c;", ["a", "b@c"], id="group"),
        pytest.param("<@r.test:z@w.test>", ["@r.test:z@w.test"], id="route"),
        pytest.param('"a b"@c', ['"a b"@c'], id="quoted local part"),
        pytest.param("<>", [], id="null address"),
        pytest.param("", [], id="nothing"),
        pytest.param('a, "unclosed', ["a", '"unclosed"'], id="open quote"),
    ],
)
def test_addresses_are_found_in_what_people_write(text, found):
    """`sendmail -t` mails to exactly these."""
    assert addresses(text) == found


def test_comments_phrases_and_groups_survive_a_rewrite():
    """A recipient sees the names that the sender wrote."""
    tokens = parse('bob (his comment), "A. B." <c@d>, grp: e;')

    text = unparse(rewrite(tokens, lambda address: f"{address}!"))

    assert text == 'bob! (his comment),\n"A. B." <c@d!>,\ngrp: e!;'


def test_long_lists_are_folded_between_addresses():
    """As many addresses a line as fit, continued with a tab."""
    header = "To: " + ",\n".join(f"someone{n}@example.test" for n in range(4))

    assert fold(header) == [
        "To: someone0@example.test, someone1@example.test,",
        "\tsomeone2@example.test, someone3@example.test",
    ]


def test_a_display_name_with_specials_is_quoted():
    """An unquoted dot or comma would change the meaning of From."""
    assert phrase("Joe User") == "Joe User"
    assert phrase("J. User") == '"J. User"'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("(first) joe", "joe@d (first)", id="comments go behind the address"),
        pytest.param("joe (a) . (b) x", "joe.x@d (a) (b)", id="comments inside too"),
        pytest.param("J. R. Tolkien <jr>", "J.R.Tolkien <jr@d>", id="dots in a name"),
        pytest.param("joe mary", "joe@d, mary@d", id="forgotten comma"),
        pytest.param("a b <joe> d", "a b <joe@d>, d@d", id="word after brackets"),
        pytest.param("<joe> <mary>", "<joe@d> <mary@d>", id="brackets side by side"),
        pytest.param("joe;mary", "joe@d;, mary@d", id="semicolon without a group"),
        pytest.param("G: a, B <b>;", "G: a@d, B <b@d>;", id="group"),
        pytest.param("@r,@s:joe", '""@r, @s:joe', id="route with a comma"),
        pytest.param("<joe", '"<joe"@d', id="bracket that never closes"),
        pytest.param("joe>", "joe@d>", id="bracket that never opened"),
        pytest.param(".joe.", '".joe."@d', id="dots at the ends"),
        pytest.param("joe@", "joe@", id="empty domain"),
        pytest.param("@dom", '""@dom', id="empty local part"),
        pytest.param("a@b@c", '"a@b"@c', id="two domains"),
        pytest.param('"joe"@c', "joe@c", id="needless quotes"),
        pytest.param("joe\\ long", '"joe long"@d', id="backslash and space"),
    ],
)
def test_strange_lists_are_put_right_and_nothing_is_lost(text, written):
    """The reader gets the list that the mail system understood."""
    tokens = rewrite(parse(text), lambda item: item if "@" in item else f"{item}@d")

    assert unparse(tokens).replace("\n", " ") == written
