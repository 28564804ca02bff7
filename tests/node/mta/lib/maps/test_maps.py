"""Lookup tables of every type that needs no server."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import MapError, indexed, open_maps, open_table

CONFIG = Config({"recipient_delimiter": "+", "myhostname": "mail.example.test"})


def ask(table: str, key: str) -> str | None:
    return open_table(table, CONFIG).lookup(key)


@pytest.mark.parametrize(
    ("table", "key", "expected"),
    [
        ("static:fixed", "x", "fixed"),
        ("static:{two words}", "x", "two words"),
        ("inline:{a=1, {b = two, words}}", "B", "two, words"),
        ("unix:passwd.byname", "nosuchuser", None),
        ("pipemap:{inline:{k=v},inline:{v=w}}", "k", "w"),
        ("pipemap:{inline:{k=v},inline:{x=w}}", "k", None),
        ("unionmap:{inline:{k=1},inline:{x=0},inline:{k=2}}", "k", "1,2"),
        ("randmap:{same}", "x", "same"),
        ("proxy:inline:{a=1}", "a", "1"),
        ("regexp:{{/^(a+)b$/ got $1}}", "AAB", "got AA"),
        ("regexp:{{!/@/ bare}}", "ann", "bare"),
        ("regexp:{{/a/!/b/ only}}", "ab", None),
        ("regexp:{{/[[:digit:]]+\\.x/ $$ ${0}1}, {/x$/ last}}", "7.x", "last"),
        ("pcre:{{/(?i:Q)(z)/ got $1}}", "qz", "got z"),
        ("regexp:{{/^(a|ab)(c|bcd)(d*)$/ $2}}", "abcd", "bcd"),
        ("pcre:{{/foo(?=bar)/ ahead}}", "foobar", "ahead"),
        ("cidr:{{198.18.0.0/25 low}, {198.18.0.0/24 high}}", "198.18.0.200", "high"),
        ("cidr:{{2001:db8::/32 six}}", "2001:db8:1::1", "six"),
        ("cidr:{{!198.18.0.0/15 foreign}}", "198.18.0.1", None),
        ("cidr:{{!198.18.0.0/15 foreign}}", "10.1.1.1", "foreign"),
        ("cidr:{{!198.18.0.0/15 foreign}, {::/0 six}}", "2001:db8::1", "six"),
    ],
)
def test_each_type_answers_as_documented(table: str, key: str, expected: str | None):
    """The types are chapters of DATABASE_README."""
    assert ask(table, key) == expected


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("nosuch:x", "unsupported dictionary type: nosuch"),
        ("hash:/nosuch/t", "open database /nosuch/t.db: No such file or directory"),
        ("regexp:/nosuch/t", "open /nosuch/t: No such file or directory"),
        ("inline:{}", 'bad syntax: "inline:{}"; need "inline:{name=value...}"'),
        ("pipemap:{}", 'bad syntax: "pipemap:{}"; need "pipemap:{type:name...}"'),
        ("environ:", 'open dictionary: expecting "type:name" form instead of "environ:"'),
        ("unix:hosts", "unknown table: unix:hosts"),
    ],
)
def test_a_table_that_cannot_be_opened_says_why(table: str, complaint: str):
    """The words are those that people search for."""
    with pytest.raises(Fatal) as failure:
        open_table(table, CONFIG)
    assert str(failure.value) == complaint


def test_a_condition_holds_to_its_end(tmp_path: Path):
    """if and endif save time, and may be nested."""
    rules = tmp_path / "rules"
    rules.write_text("if /^a/\nif !/z$/\n/b/ inner\nendif\n/c/ outer\nendif\n/./ rest\n")
    table = open_table(f"regexp:{rules}", CONFIG)

    answers = [table.lookup(key) for key in ("ab", "abz", "ac", "b")]
    assert answers == ["inner", "rest", "outer", "rest"]


def test_a_wrong_rule_is_skipped_with_a_warning():
    """One typing error must not switch all header checks off."""
    table = open_table("regexp:{{/(/ x}, {/a/ $0}, {/a/ fine}}", CONFIG)

    assert table.lookup("a") == "fine"
    assert [warning.rpartition(", line ")[2][:2] for warning in table.warnings] == [
        "1:",
        "2:",
        "2:",
    ]


def test_an_indexed_table_finds_every_key_it_was_given(tmp_path: Path):
    """A binary search that is off by one loses a user."""
    entries = {f"user{number}@example.test": f"box{number}" for number in range(257)}
    indexed.write(
        str(tmp_path / "t.db"), entries, mode=0o644, owner=(os.geteuid(), os.getegid())
    )
    table = open_table(f"hash:{tmp_path}/t", CONFIG)

    assert all(table.lookup(key.upper()) == value for key, value in entries.items())
    assert table.lookup("user") is None
    assert dict(table.items()) == entries


def test_a_daemon_sees_the_table_that_was_made_anew(tmp_path: Path):
    """Nobody restarts a mail system after postmap."""
    path, owner = str(tmp_path / "t.db"), (os.geteuid(), os.getegid())
    indexed.write(path, {"a": "old"}, mode=0o644, owner=owner)
    maps = open_maps(f"hash:{tmp_path}/t", CONFIG)
    before = maps.lookup("a")
    indexed.write(path, {"a": "new", "b": "1"}, mode=0o644, owner=owner)

    assert (before, maps.lookup("a")) == ("old", "new")


def test_a_missing_table_is_a_temporary_failure_for_a_daemon():
    """Mail must wait for the administrator, not bounce."""
    heard: list[str] = []
    maps = open_maps("hash:/nosuch/t", CONFIG.with_warnings_to(heard.append))

    with pytest.raises(MapError):
        maps.lookup("ann")
    assert heard[-1] == 'hash:/nosuch/t lookup error for "ann"'


def test_a_table_that_does_not_open_is_an_error_and_named_once():
    """Every process says what it cannot open, with the word that log readers look for."""
    errors: list[str] = []
    config = CONFIG.with_warnings_to(lambda text: None, error=errors.append)
    open_maps("hash:/nosuch/t", config, name="virtual_alias_maps")
    open_maps("hash:/nosuch/t", config, name="canonical_maps")

    assert errors == ["open database /nosuch/t.db: No such file or directory"]


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("inline:{{a=b}{c=d}}", "syntax error after '}' in \"{a=b}{c=d}\": "),
        ("inline:{ }", "empty table: "),
        ("inline:{a=b}}", "bad syntax: "),
        ("inline:{{a=b}", "bad syntax: "),
    ],
)
def test_what_is_wrong_with_an_inline_table_is_said(table, complaint):
    """Braces are easily lost among braces."""
    with pytest.raises(Fatal) as failure:
        ask(table, "a")

    assert str(failure.value) == f'{complaint}"{table}"; need "inline:{{name=value...}}"'


def test_addresses_are_looked_up_in_the_documented_order():
    """virtual(5): the extension is handed back when the key went without it."""
    maps = open_maps("inline:{ann@a.test=1, bob+x@a.test=2, @a.test=3, eve=4}", CONFIG)

    def find(address: str, *, user_key: bool = False) -> tuple[str, str] | None:
        return maps.lookup_address(address, CONFIG, user_key=user_key)

    assert find("ann+work@a.test") == ("1", "+work")
    assert find("bob+x@a.test") == ("2", "")
    assert find("carl@a.test") == ("3", "")
    assert find("eve@b.test", user_key=True) == ("4", "")
    assert find("eve@b.test") is None


def test_sqlite_takes_the_key_as_a_value(tmp_path: Path):
    """An apostrophe in an address must not end the query."""
    base = sqlite3.connect(tmp_path / "mail.db")
    base.execute("create table users (name text, box text)")
    base.execute("insert into users values (?, ?)", ("o'neil", "box1"))
    base.commit()
    base.close()
    query = "select box from users where name = '%u'"
    (tmp_path / "q.cf").write_text(f"dbpath = {tmp_path}/mail.db\nquery = {query}\n")

    assert ask(f"sqlite:{tmp_path}/q.cf", "o'neil@a.test") == "box1"
