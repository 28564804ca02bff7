"""main.cf with any bytes in it: the file is read or refused, never a crash, never a hang."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config import master_cf
from labctl.node.mta.lib.config.expansion import MacroError, expand, names_in
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.parameters import PARAMETERS

PIECES = st.sampled_from(
    [
        "$",
        "{",
        "}",
        "(",
        ")",
        "?",
        ":",
        "=",
        "==",
        "<level",
        "a",
        "mydomain",
        " ",
        "1",
        "\n",
        "#",
    ]
)
SHORT = settings(
    max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def refusal(work: Callable[[], object]) -> str:
    """What was said against it, "" for nothing; anything but a refusal is a failure."""
    try:
        work()
    except (Fatal, MacroError) as refused:
        return str(refused)
    return ""


@given(st.lists(PIECES, max_size=40).map("".join))
@SHORT
def test_any_text_expands_or_is_refused(text: str):
    """What a student types into main.cf is not always what was meant."""
    refusal(lambda: expand(text, {"a": "$a"}.get))
    refusal(lambda: names_in(text))


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from(sorted(PARAMETERS)))
@SHORT
def test_any_value_is_read_or_refused(text: str, name: str):
    """Whatever the kind of the parameter."""
    config = Config({name: text, "myhostname": "mail.example.test"})
    for read in (config.text, config.flag, config.number, config.seconds, config.words):
        refusal(partial(read, name))


@given(st.binary(max_size=300))
@SHORT
def test_any_bytes_are_a_main_cf_or_refused(tmp_path: Path, data: bytes):
    """Half an editor's swap file, a zip, nothing at all."""
    (tmp_path / "main.cf").write_bytes(data)
    refusal(lambda: Config.read(str(tmp_path)))


@given(st.lists(st.sampled_from([*"abn-y?10{}= \t\n#", "unix", "inet", "-o"]), max_size=60))
@SHORT
def test_any_text_is_a_master_cf_or_refused(tmp_path: Path, pieces: list[str]):
    """master(8) must say which line it is, and not stop with a traceback."""
    path = tmp_path / "master.cf"
    path.write_text("".join(pieces))
    complaint = refusal(lambda: master_cf.read(str(path)))

    assert complaint == "" or "line " in complaint


@pytest.mark.parametrize("text", ["${" * 20000, "${a?{" * 5000, "${a?{" * 2000 + "}}" * 2000])
def test_depth_is_no_crash(text: str):
    """Python's own stack is not the place where this ends."""
    assert "macro" in refusal(lambda: expand(text, {"a": "1"}.get))
