"""master.cf: columns, options, and lines that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config import master_cf


def parse(text: str) -> master_cf.Service:
    return master_cf.parse(text, "master.cf: line 1")


def test_dashes_stand_for_defaults():
    """Most columns of most lines are dashes."""
    service = parse("cleanup unix - - - - - cleanup")

    assert (service.private, service.unprivileged, service.chroot) == (True, True, False)
    assert (service.wakeup, service.process_limit) == (0, None)


def test_a_question_mark_waits_for_the_first_use():
    """flush and tlsmgr are woken up only once they were needed."""
    service = parse("flush unix n - n 1000? 0 flush")

    assert (service.wakeup, service.wakeup_if_used, service.process_limit) == (1000, True, 0)


def test_options_are_parsed_with_and_without_braces():
    """A value with spaces needs braces."""
    service = parse("10026 inet n - n - - smtpd -o { relayhost = [a] [b] } -oa=b -o c=d -v x")

    assert service.overrides == {"relayhost": "[a] [b]", "a": "b", "c": "d"}
    assert service.arguments == ("-v", "x")


def test_lines_continue_and_the_last_entry_wins(tmp_path: Path):
    """As in main.cf."""
    (tmp_path / "master.cf").write_text(
        "# comment\nrss unix - n n - - pipe\n  flags=F user=ann\n  argv=/bin/x ${recipient}\n"
        "smtp inet n - n - - smtpd\nsmtp inet n - n - 1 smtpd\n"
    )
    services = master_cf.read(str(tmp_path / "master.cf"))

    assert [service.name for service in services] == ["rss", "smtp"]
    assert services[0].arguments == ("flags=F", "user=ann", "argv=/bin/x", "${recipient}")
    assert services[1].process_limit == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("smtp foo n - n - - smtpd", "bad transport type: foo"),
        ("smtp inet x - n - - smtpd", 'field "private": bad value: "x"'),
        ("smtp inet y - n - - smtpd", "inet service cannot be private"),
        ("smtp inet n - n x - smtpd", 'field "wakeup_time": bad value: "x"'),
        ("smtp inet n - n - x smtpd", 'field "max_proc": bad value: "x"'),
        ("smtp inet n - n - -", 'missing "command" field'),
        ("smtp inet n - n - - smtpd -o foo", "missing '=' after attribute name: \"foo\""),
    ],
)
def test_a_line_that_cannot_be_is_fatal(text: str, complaint: str):
    """A mail system without one of its services would lose mail quietly."""
    with pytest.raises(Fatal) as failure:
        parse(text)
    assert str(failure.value) == f"master.cf: line 1: {complaint}"
