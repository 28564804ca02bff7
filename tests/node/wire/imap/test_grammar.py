"""Arguments, sets, FETCH items and search keys of IMAP."""

from __future__ import annotations

import pytest

from labctl.node.wire.imap import fetch as imap_fetch
from labctl.node.wire.imap import sets as imap_sets
from labctl.node.wire.imap.args import Arguments, MissingArgument, UnexpectedArgument
from labctl.node.wire.imap.search import Key, parse_program
from labctl.node.wire.imap.strings import astring, nstring


def no_literal(size: int, ahead: bool) -> tuple[bytes, bytes]:
    raise AssertionError("nobody asked for a literal")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param(b"INBOX", b"INBOX", id="an atom"),
        pytest.param(b'"two words"', b"two words", id="a quoted string"),
        pytest.param(rb'"a\\b\"c"', b'a\\b"c', id="escapes in it"),
        pytest.param(b'""', b"", id="an empty string"),
    ],
)
def test_a_string_has_three_forms(text, value):
    """RFC 3501 4.3: clients use whichever they like."""
    arguments = Arguments(text, no_literal)

    assert arguments.astring() == value
    arguments.end()


@pytest.mark.parametrize(
    "text", [b"(a)", b'"open', b'"ab"c', b'a"b', b"{}", b"{5", b"{-1}", b""]
)
def test_what_is_no_string_is_refused(text):
    """A guess would select the wrong mailbox."""
    with pytest.raises(MissingArgument):
        Arguments(text, no_literal).astring()


def test_a_literal_is_read_where_a_string_may_be():
    """RFC 7888: a plus means that the client does not wait."""
    asked = []

    def read(size: int, ahead: bool) -> tuple[bytes, bytes]:
        asked.append((size, ahead))
        return b"abc", b" next"

    arguments = Arguments(b"{3+}", read)

    assert (arguments.astring(), arguments.astring()) == (b"abc", b"next")
    assert asked == [(3, True)]


def test_too_many_arguments_are_a_mistake():
    """UW-IMAP tells missing from superfluous arguments."""
    arguments = Arguments(b"a b", no_literal)
    arguments.astring()

    with pytest.raises(UnexpectedArgument):
        arguments.end()


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        pytest.param(b"2", [(2, 2)], id="one"),
        pytest.param(b"4:2", [(2, 4)], id="a range in either order"),
        pytest.param(b"1,3:*", [(1, 1), (3, 5)], id="a star is the last"),
    ],
)
def test_message_numbers(text, ranges):
    """RFC 3501 sequence-set."""
    assert imap_sets.numbers(text, 5) == ranges


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"x", "Syntax error in sequence"),
        (b"0", "Sequence out of range"),
        (b"6", "Sequence out of range"),
        (b"1:6", "Sequence range invalid"),
        (b"1,,2", "Syntax error in sequence"),
    ],
)
def test_message_numbers_must_exist(text, complaint):
    """The words are those of c-client."""
    with pytest.raises(imap_sets.BadSet, match=complaint):
        imap_sets.numbers(text, 5)


def test_unique_identifiers_need_not_exist():
    """RFC 3501 6.4.8: 100:* always has the last message."""
    assert imap_sets.uids(b"100:*", 8) == [(8, 100)]


def test_a_set_is_written_short():
    """RFC 4731: ALL is a sequence-set."""
    assert imap_sets.numbers_text([2, 3, 4, 7, 9, 10]) == "2:4,7,9:10"


def test_fetch_items_keep_their_order_and_names():
    """A client reads the answers by the names it has asked for."""
    items = imap_fetch.parse(b'(FLAGS BODY.PEEK[1.2.HEADER.FIELDS ("to" FROM)]<5.10> UID)')

    assert [item.label for item in items] == [
        b"FLAGS",
        b"BODY[1.2.HEADER.FIELDS (TO FROM)]<5>",
        b"UID",
    ]
    assert [item.peek for item in items] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"NONSENSE", ""),
        (b"()", ""),
        (b"(FLAGS", "Unterminated FETCH attribute list"),
        (b"BODY[FOO]", "Unknown section text specifier"),
        (b"BODY[MIME]", "Unknown section text specifier"),
        (b"BODY[HEADER.FIELDS]", "Syntax error in header fields"),
        (b"BODY[]<0.0>", "Syntax error in partial text specifier"),
        (b"BINARY[]", "Syntax error in binary specifier"),
    ],
)
def test_what_cannot_be_fetched(text, complaint):
    """Each mistake has its words."""
    with pytest.raises(imap_fetch.BadItem) as caught:
        imap_fetch.parse(text)

    assert str(caught.value) == complaint


def test_search_keys_nest():
    """RFC 3501 6.4.4: parentheses group, OR takes two keys, NOT one."""
    program = parse_program(Arguments(b"OR (SEEN 1:3) NOT FROM bob", no_literal))

    seen_and_set = Key("AND", (Key("SEEN"), Key("SET", (b"1:3",))))
    not_bob = Key("NOT", (Key("FROM", (b"bob",)),))
    assert program.keys == Key("AND", (Key("OR", (seen_and_set, not_bob)),))


@pytest.mark.parametrize("text", [b"(", b"()", b"OR ALL", b"NONSENSE", b"SINCE 32-Jan-2004"])
def test_search_keys_must_be_whole(text):
    """Half a question has no answer."""
    with pytest.raises(MissingArgument):
        parse_program(Arguments(text, no_literal))


def test_a_thousand_parentheses_are_refused():
    """A client must not be able to exhaust the stack."""
    with pytest.raises(MissingArgument):
        parse_program(Arguments(b"(" * 1000 + b"ALL" + b")" * 1000, no_literal))


def test_strings_are_quoted_only_where_that_is_safe():
    """RFC 3501 4.3: CR, LF, quotes and 8-bit octets need a literal."""
    assert nstring(None) == b"NIL"
    assert nstring(b"") == b'""'
    assert nstring(b'say "x"') == b'{7}\r\nsay "x"'
    assert astring(b"two words") == b'"two words"'
