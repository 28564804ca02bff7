"""Whatever stands in a .forward file, reading it comes to an end."""

import time

from hypothesis import given
from hypothesis import strategies as st

from labctl.node.mta.local.lists.members import Kind, parse, parse_lines

PIECES = st.sampled_from(
    [*'",;:<>()[]\\@|/~ \t\n.!%', "ann", ":include:", "#", "é", "\udcff", "x" * 300, "\0"]
)
LISTS = st.lists(PIECES, max_size=60).map("".join)


@given(LISTS)
def test_any_text_is_a_list_of_members(text):
    """A user's file must not be able to keep local(8) from delivering to others."""
    for member in parse_lines(text.splitlines(keepends=True)):
        assert isinstance(member.kind, Kind)
        assert member.text or member.kind in (Kind.COMMAND, Kind.INCLUDE)


@given(st.text(max_size=200).filter(lambda text: not {*'"\\\r\n\t'} & {*text}))
def test_a_command_in_quotes_is_one_member(command):
    """Nothing in a command, not a comma and not another bar, makes a second destination."""
    assert [member.text for member in parse(f'"|{command}"')] == [command]


def test_long_lines_take_time_in_proportion():
    """Ten thousand brackets, comments or backslashes are read once and not squared."""
    begin = time.process_time()
    for piece in ("(", "<", '"', "\\", "a,", "a ", "<a>", "|", ":", ";"):
        parse(piece * 10_000)

    assert time.process_time() - begin < 5
