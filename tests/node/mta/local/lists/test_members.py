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
        pytest.param("\\bob", ["\\bob"], id="no further expansion"),
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
        pytest.param("|/bin/cat -n", Member(Kind.COMMAND, "/bin/cat -n"), id="bare command"),
        pytest.param("/var/x", Member(Kind.FILE, "/var/x"), id="file"),
        pytest.param("~/box", Member(Kind.HOME_FILE, "~/box"), id="file at home"),
        pytest.param(":Include:/x", Member(Kind.INCLUDE, "/x"), id="include"),
    ],
)
def test_other_destinations_are_told_by_their_first_character(text, member):
    """A command with a comma in it must not fall apart."""
    assert parse(text) == [member]


def test_files_have_comments_and_continued_lines():
    """:include: files of mailing lists are kept by hand."""
    members = parse_lines(["# the team\n", "bob,\n", "  ann\n", "\n", "eve\n"])

    assert [member.text for member in members] == ["bob", "ann", "eve"]
