"""main.cf: what a student writes, and what the programs make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config, split_words
from labctl.node.mta.lib.config.startup_check import unobeyed


def config(**settings: str) -> Config:
    return Config({"myhostname": "mail.example.test", **settings})


def test_comments_do_not_end_a_setting(tmp_path: Path):
    """People comment out single lines of a long list."""
    (tmp_path / "main.cf").write_text("relay_domains = a,\n  b\n# not now\n  c\n")

    assert Config.read(str(tmp_path)).words("relay_domains") == ("a", "b", "c")


def test_a_later_setting_wins(tmp_path: Path):
    """That is how people try something out at the end of the file."""
    (tmp_path / "main.cf").write_text("biff = no\nbiff = yes\n")

    assert Config.read(str(tmp_path)).flag("biff") is True


def test_the_domain_is_the_name_without_its_host():
    """Most files set myhostname only."""
    assert config().text("mydomain") == "example.test"


def test_defaults_refer_to_other_parameters():
    """myorigin follows myhostname until somebody sets it."""
    assert config().text("myorigin") == "mail.example.test"


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        pytest.param("0", "subnet", id="an old file keeps the old defaults"),
        pytest.param("2", "host", id="level 2 has the new ones"),
        pytest.param("3.6", "host", id="a level has parts"),
        pytest.param("10", "host", id="levels are numbers, not texts"),
    ],
)
def test_compatibility_level_decides_on_defaults(level: str, expected: str):
    """An upgrade must not change who may relay."""
    assert config(compatibility_level=level).text("mynetworks_style") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2h", 7200, id="a unit"),
        pytest.param("5", 432000, id="without a unit that of the default, days"),
        pytest.param("1w", 604800, id="weeks"),
        pytest.param("2days", 172800, id="what stands behind the unit is not looked at"),
    ],
)
def test_periods_have_units(value: str, expected: int):
    """`maximal_queue_lifetime = 5` means five days, not five seconds."""
    assert config(maximal_queue_lifetime=value).seconds("maximal_queue_lifetime") == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("soft_bounce = maybe", "bad boolean configuration: soft_bounce = maybe"),
        (
            "message_size_limit = lots",
            "bad numerical configuration: message_size_limit = lots",
        ),
        ("ipc_idle = 5x", "parameter ipc_idle: bad time value or unit: 5x"),
        ("junk", "main.cf, line 1: missing '=' after attribute name: \"junk\""),
        ("line_length_limit = 10", "invalid line_length_limit parameter value 10 < 512"),
        (
            "fork_attempts = 99999999999",
            "bad numerical configuration: fork_attempts = 99999999999",
        ),
        ("in_flow_delay = 1m", "invalid in_flow_delay: 60 (max 10)"),
        ("max_idle = 0", "invalid max_idle: 0 (min 1)"),
        ("daemon_directory =", "bad string length 0 < 1: daemon_directory = "),
        ("default_verp_delimiters = +", "bad string length 1 < 2: default_verp_delimiters = +"),
        ("myhostname = -a-", "parameter myhostname: bad parameter value: -a-"),
        ("mail_owner = nosuch", "parameter mail_owner: unknown user name value: nosuch"),
        ("relay host = x", "line 1: missing '=' after attribute name: \"relay host = x\""),
        ("compatibility_level = x", 'malformed compatibility level syntax: "x"'),
    ],
)
def test_nothing_starts_with_a_wrong_value(tmp_path: Path, text: str, complaint: str):
    """A mail system that guesses loses mail."""
    (tmp_path / "main.cf").write_text(f"{text}\n")

    with pytest.raises(Fatal) as failure:
        Config.read(str(tmp_path))
    assert str(failure.value).endswith(complaint)


def test_a_parameter_that_refers_to_itself_is_refused():
    """It has no value."""
    with pytest.raises(Fatal, match="dictionary mail_dict: macro processing error") as failure:
        config(recursive="$recursive", myorigin="$recursive").text("myorigin")
    assert failure.value.warnings == ('unreasonable macro call nesting: "recursive"',)


def test_a_value_that_doubles_with_every_line_is_refused():
    """Thirty short lines must not fill the memory of a mail server."""
    lines = {f"p{number}": f"$p{number + 1}$p{number + 1}" for number in range(40)}

    with pytest.raises(Fatal, match="macro processing error"):
        config(**lines, p40="x").text("p0")


def test_odd_lines_are_complained_of(tmp_path: Path):
    """Every program of Postfix warns of a setting that is there twice."""
    (tmp_path / "main.cf").write_text("  indented = 1\nbiff = no\nbiff = yes\nbiff = yes\n")

    assert Config.read(str(tmp_path)).complaints == (
        f'{tmp_path}/main.cf: logical line must not start with whitespace: "  indented = 1"',
        f"{tmp_path}/main.cf, line 3: overriding earlier entry: biff=no",
    )


def test_overrides_win_and_leave_the_rest_alone():
    """`-o` in master.cf concerns one service."""
    plain = config(biff="no")
    special = plain.with_overrides({"biff": "yes"})

    assert (plain.flag("biff"), special.flag("biff")) == (False, True)


def test_a_transport_has_the_general_limit_until_it_has_its_own():
    """relay_destination_recipient_limit follows default_destination_recipient_limit."""
    general = config(default_destination_recipient_limit="7")
    own = general.with_overrides({"odd-name_destination_recipient_limit": "1"})

    assert general.number("odd-name_destination_recipient_limit") == 7
    assert own.number("odd-name_destination_recipient_limit") == 1


def test_braces_hold_words_together():
    """A restriction may have an argument with spaces."""
    assert split_words("a, { b c } inline:{x=1, y=2}") == ["a", "{ b c }", "inline:{x=1, y=2}"]


def test_parameters_that_nothing_obeys_are_named():
    """A student who sets postscreen_greet_wait must hear that it does nothing."""
    settings = {"postscreen_greet_wait": "2s", "mydestination": "a.test", "own": "x"}

    assert unobeyed(Config(settings)) == ["postscreen_greet_wait"]
