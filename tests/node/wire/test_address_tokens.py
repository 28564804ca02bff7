"""What addresses are made of, however they are written."""

import pytest

from labctl.node.wire.address_tokens import external, internal, scan


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("joe", "word", id="atom"),
        pytest.param('"joe long"', "quoted", id="quoted string"),
        pytest.param('"open', "quoted", id="quoted string without an end"),
        pytest.param("joe\\ long", "quoted", id="a backslash makes one word of two"),
        pytest.param("\x01", "quoted", id="control characters need quotes"),
        pytest.param("[198.18.0.1]", "literal", id="literal"),
        pytest.param("(a (nested) one)", "comment", id="comments nest"),
        pytest.param("(\\) open", "comment", id="comment without an end"),
        pytest.param("a@b", "word operator word", id="operator"),
        pytest.param("|a!b%c", "operator word operator word operator word", id="old ones"),
        pytest.param(" \t\n", "", id="white space"),
    ],
)
def test_text_is_cut_into_tokens(text, kinds):
    """Nothing is thrown away but white space."""
    assert " ".join(token.kind.value for token in scan(text)) == kinds


def test_the_two_forms_of_a_quoted_word():
    """Headers have quotes, tables and logs do not."""
    tokens = scan('"a\\"b\tc"@[x\\]y]')

    assert external(tokens) == '"a\\"b c"@[x]y]'
    assert internal(tokens) == 'a"b c@[x]y]'


def test_words_do_not_run_into_one_another():
    """In an address that is none, the reader still sees what was written."""
    assert internal(scan("a b<c,d")) == "a b <c, d"


def test_a_limit_bounds_the_work():
    """postconf(5) header_address_token_limit."""
    assert len(scan("a," * 1000, 10)) == 10
