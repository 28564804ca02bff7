"""xinetd.conf(5): what a service has in the end, and who may use it."""

from __future__ import annotations

import pytest

from labctl.node.base.log import Log
from labctl.node.inetd.xinetd_config import parse
from labctl.node.inetd.xinetd_limits import Limits, refusal
from labctl.node.inetd.xinetd_log import ServiceLog

DEFAULTS = """
defaults
{
    instances = 60
    log_on_success = HOST PID
}
"""
POP3 = """
# the lab sheet
service pop3
{
    socket_type = stream
    server = /usr/sbin/ipop3d
    log_on_success += EXIT
    log_on_success -= HOST
}
"""


def test_a_service_adds_to_the_defaults_and_takes_from_them():
    """xinetd.conf(5): += and -= work on sets."""
    name, attributes = parse(DEFAULTS + POP3, lambda _path: []).services[0]

    assert name == "pop3"
    assert attributes["log_on_success"] == ["PID", "EXIT"]
    assert attributes["instances"] == ["60"]


def test_a_disabled_service_is_not_there():
    """disable = yes is how the course turns one off."""
    text = POP3.replace("server =", "disable = yes\n server =")

    assert parse(text, lambda _path: []).services == []


def test_included_files_count_like_the_file_itself():
    """/etc/xinetd.d has one file a service."""
    parsed = parse(
        "includedir /etc/xinetd.d\n", lambda path: [POP3] * (path == "/etc/xinetd.d")
    )

    assert [name for name, _ in parsed.services] == ["pop3"]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        pytest.param(Limits(), "", id="no limit"),
        pytest.param(Limits(instances=2), "service_limit", id="too many"),
        pytest.param(Limits(per_source=1), "per_source_limit", id="too many from there"),
        pytest.param(Limits(only_from=("198.18.1.0",)), "address", id="another network"),
        pytest.param(Limits(only_from=("198.18.0.0",)), "", id="zeros are wildcards"),
        pytest.param(Limits(only_from=()), "address", id="nobody"),
        pytest.param(Limits(no_access=("198.18.0.9",)), "address", id="not this one"),
        pytest.param(
            Limits(only_from=("198.18.0.9",), no_access=("198.18.0.0/24",)),
            "",
            id="the closest pattern decides",
        ),
        pytest.param(Limits(access_times=("08:00-09:59",)), "time", id="closed"),
        pytest.param(Limits(access_times=("08:00-12:00",)), "", id="open"),
    ],
)
def test_who_may_come(limits, reason):
    """It is ten o'clock, and two are here already."""
    running = ["::ffff:198.18.0.9", "::ffff:198.18.0.7"]

    assert refusal(limits, "::ffff:198.18.0.9", running, 10 * 60) == reason


def test_log_lines_have_what_was_asked_for(tmp_path):
    """Students compare them with the manual."""
    path = tmp_path / "log"
    attributes = {
        "log_type": ["FILE", str(path)],
        "log_on_success": ["PID", "HOST", "DURATION", "EXIT"],
        "log_on_failure": ["HOST"],
    }
    log = ServiceLog("pop3", attributes, Log("xinetd", path=str(path)))
    log.start(42, "::ffff:198.18.0.9")
    log.exit(42, 0, 0, 3)
    log.fail("address", "::ffff:198.18.0.8")

    assert [line.partition("]: ")[2] for line in path.read_text().splitlines()] == [
        "START: pop3 pid=42 from=::ffff:198.18.0.9",
        "EXIT: pop3 status=0 pid=42 duration=3(sec)",
        "FAIL: pop3 address from=::ffff:198.18.0.8",
    ]
