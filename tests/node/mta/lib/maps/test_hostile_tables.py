"""Tables with any bytes in them: built, refused or asked again later, never a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import MapError, indexed, open_table
from labctl.node.mta.lib.maps.alias_source import alias_entries
from labctl.node.mta.lib.maps.source import map_entries

CONFIG = Config({"recipient_delimiter": "+", "myhostname": "mail.example.test"})
SHORT = settings(
    max_examples=50, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LINES = st.lists(
    st.sampled_from(
        [*'/!()[]{}*+?|\\^$.,"#:@ a1b\t\n', "if ", "endif\n", "10.0.0.0/8 ", "$1", "i"]
    ),
    max_size=50,
).map("".join)


def ask(table: str, key: str) -> str | None:
    try:
        return open_table(table, CONFIG).lookup(key)
    except (Fatal, MapError) as refused:
        return str(refused)


@given(LINES)
@SHORT
def test_any_source_is_read(text: str):
    """postmap says which line it does not like, and takes the others."""
    for read in (map_entries, alias_entries):
        for entry in read(text.split("\n")):
            assert entry.complaint or entry.key


@pytest.mark.parametrize("kind", ["regexp", "pcre", "cidr", "texthash", "sqlite"])
@given(text=LINES)
@SHORT
def test_any_rules_can_be_asked(tmp_path: Path, kind: str, text: str):
    """A rule that makes no sense is skipped; the daemon lives on."""
    rules = tmp_path / "rules"
    rules.write_text(text)

    for key in ("a", "10.1.1.1", "a@b", ""):
        ask(f"{kind}:{rules}", key)


@given(
    st.sampled_from(["inline", "unionmap", "pipemap", "randmap", "static", "regexp", "tcp"]),
    LINES,
)
@SHORT
def test_any_name_of_a_table_is_opened_or_refused(kind: str, text: str):
    """What stands in main.cf behind the colon."""
    ask(f"{kind}:{text}", "a")
    ask(f"{kind}:{{{text}}}", "a")


@given(cut=st.integers(0, 400), noise=st.binary(max_size=8))
@SHORT
def test_a_damaged_table_file_is_no_crash(tmp_path: Path, cut: int, noise: bytes):
    """A disk that was full, a copy that was cut off."""
    path = str(tmp_path / "t.db")
    whole = indexed.pack({f"user{n}": f"box{n}" for n in range(10)})
    data = bytearray(whole)
    data[cut : cut + len(noise)] = noise
    Path(path).write_bytes(data)
    ask(f"hash:{tmp_path}/t", "user3")

    Path(path).write_bytes(data[:cut])
    complaint = ask(f"hash:{tmp_path}/t", "user3")
    damaged = f"open database {path}: Invalid argument"
    assert complaint == damaged or data[:cut].startswith(whole)


def test_readers_see_the_old_table_or_the_new_one(tmp_path: Path):
    """postmap runs while mail is delivered; half a table would bounce mail."""
    path, owner = str(tmp_path / "t.db"), (os.geteuid(), os.getegid())
    old = {f"user{n}": "old" for n in range(500)}
    indexed.write(path, old, mode=0o644, owner=owner)
    writer = os.fork()
    if writer == 0:
        for round_ in range(40):
            value = "new" if round_ % 2 else "old"
            indexed.write(path, dict.fromkeys(old, value), mode=0o644, owner=owner)
        os._exit(0)

    answers = set()
    while os.waitpid(writer, os.WNOHANG) == (0, 0):
        table = open_table(f"hash:{tmp_path}/t", CONFIG)
        answers.add(frozenset(table.lookup(key) for key in ("user0", "user250", "user499")))
    assert answers <= {frozenset({"old"}), frozenset({"new"})}
