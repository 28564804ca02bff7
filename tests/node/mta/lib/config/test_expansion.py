"""The `$name` language of postconf(5)."""

from __future__ import annotations

import pytest

from labctl.node.mta.lib.config.expansion import MacroError, expand, names_in

VALUES = {"one": "1", "two": "22", "empty": "", "host": "mail.example.test"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$one ${two} $(host)", "1 22 mail.example.test"),
        ("$$one", "$one"),
        ("$one.x", "1.x"),
        ("${one?yes}${one:no}", "yes"),
        ("${empty?yes}${empty:no}", "no"),
        ("${one?{set $two}:{unset}}", "set 22"),
        ("${one ? { a } : { b }}", " a "),
        ("${unknown}", ""),
        ("${{$two} > {3} ? {big} : {small}}", "big"),
        ("${{$two} == {22} ? {same} : {other}}", "same"),
        ("${{abc} < {abd} ? {less}}", "less"),
        ("${{3.10} >level {3.9} ? {newer} : {older}}", "newer"),
        ("${one?x/${{$two} <= {4} ? {a} : {b${one}c}}}", "x/b1c"),
    ],
)
def test_macros_expand(text: str, expected: str):
    """Debian's own defaults use all of these forms."""
    assert expand(text, VALUES.get) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("${x", 'truncated macro reference: "${x"'),
        ("a$", 'empty macro name: "a$"'),
        ("${}", 'empty macro name: "${}"'),
        ("${my-name}", 'attribute name syntax error at: "...my>>>-name"'),
        ("${{a} <level {b}?x}", 'malformed compatibility level syntax: "a"'),
    ],
)
def test_nonsense_is_refused(text: str, complaint: str):
    """The words are those that people search for."""
    with pytest.raises(MacroError) as failure:
        expand(text, VALUES.get)
    assert str(failure.value) == complaint


def test_names_are_found_in_both_branches():
    """postconf must not call a parameter unused that only one branch mentions."""
    assert set(names_in("${one?{$two}:{$host}}")) == {"one", "two", "host"}
