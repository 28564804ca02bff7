"""Right sides of aliases, as people write them."""

import pytest

from labctl.node.mta.local.lists.members import Kind, Member, parse, parse_lines


@pytest.mark.parametrize(
    ("text", "members"),
    [
        pytest.param("bob, ann@x.test", ["bob", "ann@x.test"], id="a list"),
        pytest.param("Ann Smith <ann@x.test>", ["ann@x.test"], id="with a display name"),
        pytest.param("bob (the builder), ann", ["bob", "ann"], id="with a comment"),
        pytest.param('"two words"@x.test', ["two words@x.test"], id="quoted"),
        pytest.param("\\bob", ["bob"], id="a backslash quotes one character"),
        pytest.param('"\\\\bob"', ["\\bob"], id="no further expansion"),
        pytest.param("bob ann", ["bob", "ann"], id="without commas"),
        pytest.param("team: bob, ann;", ["bob", "ann"], id="a group"),
        pytest.param("bob # ann", ["bob", "#", "ann"], id="no comments but in parentheses"),
        pytest.param(" , ,", [], id="nothing"),
    ],
)
def test_addresses_are_found_in_what_surrounds_them(text, members):
    """aliases(5) takes addresses as people write them into a To: header."""
    assert parse(text) == [Member(Kind.ADDRESS, member) for member in members]


@pytest.mark.parametrize(
    ("text", "member"),
    [
        pytest.param('"|cat, \\"x\\" > f"', Member(Kind.COMMAND, 'cat, "x" > f'), id="command"),
        pytest.param("|/bin/cat", Member(Kind.COMMAND, "/bin/cat"), id="bare command"),
        pytest.param('|"cat -n"', Member(Kind.COMMAND, "cat -n"), id="quoted behind the bar"),
        pytest.param("/var/x", Member(Kind.FILE, "/var/x"), id="file"),
        pytest.param("~/box", Member(Kind.HOME_FILE, "~/box"), id="file at home"),
        pytest.param(":Include:/x", Member(Kind.INCLUDE, "/x"), id="include"),
    ],
)
def test_other_destinations_are_told_by_their_first_character(text, member):
    """A command with a comma in it must not fall apart."""
    assert parse(text) == [member]


def test_words_behind_a_command_without_quotes_are_destinations_too():
    """`|cat > /file` of a .forward file surprises everybody once, here as it does there."""
    assert parse("|cat > /tmp/x") == [Member(Kind.COMMAND, "cat"), Member(Kind.FILE, "/tmp/x")]


def test_files_have_comments_and_continued_lines():
    """:include: files of mailing lists are kept by hand."""
    members = parse_lines(["# the team\n", "bob,\n", "  ann\n", "\n", "eve\n"])

    assert [member.text for member in members] == ["bob", "ann", "eve"]
