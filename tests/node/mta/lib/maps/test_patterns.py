"""regexp: and pcre: tables with the engines of Postfix, and without them."""

from __future__ import annotations

import pytest

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import open_table
from labctl.node.mta.lib.maps.patterns import libc, libpcre

CONFIG = Config({"myhostname": "mail.example.test"})


@pytest.fixture(params=["system", "python"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The libraries of the system, or Python's own engine as where they are not."""
    if request.param == "python":
        monkeypatch.setattr(libc, "is_there", lambda: False)
        monkeypatch.setattr(libpcre, "is_there", lambda: False)
    elif not (libc.is_there() and libpcre.is_there()):
        pytest.skip("this system has neither GNU's C library nor PCRE2")
    name: str = request.param
    return name


@pytest.mark.parametrize(
    ("table", "key", "expected"),
    [
        ("regexp:{{/^(a+)b$/ got $1}}", "AAB", "got AA"),
        ("regexp:{{/^a$/m line}}", "b\na\nc", "line"),
        ("regexp:{{/A/i exact}}", "a", None),
        ("regexp:{{/a(b)*c/ <$1>}}", "ac", "<>"),
        ("regexp:{{/[[:alpha:]]+@/ $$}}", "ann@", "$"),
        ("pcre:{{/^(?=.*x)(\\w+)$/ got $1}}", "axb", "got axb"),
        ("pcre:{{/(?<n>q)z/ named $1}}", "qz", "named q"),
        ("pcre:{{/(u+)/U least $1}}", "uuu", "least u"),
        ("pcre:{{/foo/A start}}", "xfoo", None),
        ("pcre:{{/a b/x spaced}}", "ab", "spaced"),
        ("pcre:{{/^a.b$/s dot}}", "a\nb", None),
        ("pcre:{{/end$/E last}}", "end\n", None),
        ("pcre:{{/(é)/ got $1}}", "é", "got é"),
    ],
)
def test_patterns_mean_the_same(engine: str, table: str, key: str, expected: str | None):
    """A node on another system must filter the same mail."""
    assert open_table(table, CONFIG).lookup(key) == expected


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("regexp:{{/(/ x}}", "Unmatched ( or \\("),
        ("regexp:{{/[[:foo:]]/ x}}", "Invalid character class name"),
        ("regexp:{{/a/q x}}", 'unknown regexp option "q": skipping this rule'),
        ("regexp:{{/a x}}", 'no closing regexp delimiter "/": skipping this rule'),
        ("regexp:{{a b}}", "ignoring unrecognized request"),
        ("pcre:{{/a(/ x}}", "error in regex at offset 2: missing closing parenthesis"),
        ("pcre:{{/a/ $1}}", 'out of range replacement index "1": skipping this rule'),
        ("pcre:{{/a/}}", "no replacement text: using empty string"),
        ("cidr:{{1.2.3.4/x y}}", 'bad mask value in "1.2.3.4/x": skipping this rule'),
        ("cidr:{{1.2.3.4}}", "no lookup result: skipping this rule"),
        ("cidr:{{endif}}", "ENDIF without IF: skipping this rule"),
    ],
)
def test_a_bad_rule_is_complained_of_in_the_words_of_postfix(table: str, complaint: str):
    """They are what people look for on the web."""
    if not (libc.is_there() and libpcre.is_there()):
        pytest.skip("the words are those of the libraries")
    (warning,) = open_table(table, CONFIG).warnings

    assert warning.partition(", line 1: ")[2] == complaint


def test_of_several_matches_posix_takes_the_longest():
    """What $1 stands for depends on it."""
    if not libc.is_there():
        pytest.skip("Python takes the first alternative")
    table = open_table("regexp:{{/(a|ab)/ $1}}", CONFIG)

    assert table.lookup("abc") == "ab"


def test_a_pattern_that_backtracks_for_ever_is_given_up():
    """One line of header_checks must not stop the mail of a whole site."""
    if not libpcre.is_there():
        pytest.skip("Python's engine knows no limit")
    heard: list[str] = []
    table = open_table("pcre:{{/^(a|aa)+$/ x}, {/a/ y}}", CONFIG.with_warnings_to(heard.append))

    assert table.lookup("a" * 60 + "!") == "y"
    assert heard == ["pcre map {{/^(a|aa)+$/ x}, {/a/ y}}, line 1: match limit exceeded"]
