"""xinetd.conf(5): what a service has in the end, and who may use it."""

from __future__ import annotations

import re

import pytest

from labctl.node.base.log import Log
from labctl.node.inetd.xinetd.config import parse
from labctl.node.inetd.xinetd.limits import Limits, refusal
from labctl.node.inetd.xinetd.log import ServiceLog
from labctl.node.inetd.xinetd.statements import read

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
    wait = no
    user = root
    server = /bin/sh
    log_on_success += EXIT
    log_on_success -= HOST
}
"""


def services(text: str, include=lambda _path: []):
    return parse(read("/etc/xinetd.conf", text, include)).services


def complaints(text: str) -> list[str]:
    read_text = read("/etc/xinetd.conf", text, lambda _path: [])
    return [complaint for _, complaint in parse(read_text).complaints]


def test_a_service_adds_to_the_defaults_and_takes_from_them():
    """xinetd.conf(5): += and -= work on sets."""
    name, attributes = services(DEFAULTS + POP3)[0]

    assert name == "pop3"
    assert attributes["log_on_success"] == ["PID", "EXIT"]
    assert attributes["instances"] == ["60"]


def test_a_disabled_service_is_not_there():
    """disable = yes is how the course turns one off."""
    assert services(POP3.replace("server =", "disable = yes\n server =")) == []


def test_included_files_count_like_the_file_itself():
    """/etc/xinetd.d has one file a service."""
    found = services(
        "includedir /etc/xinetd.d\n",
        lambda path: [("/etc/xinetd.d/pop3", POP3)] * (path == "/etc/xinetd.d"),
    )

    assert [name for name, _ in found] == ["pop3"]


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("instances = x", "Number of instances is invalid: x"),
        ("per_source = x", "Number of per source instances is invalid: x"),
        ("cps = x 3", "cps argument not a number"),
        ("cps = 3 x", "cps time argument not a number"),
        ("nice = x", "Error parsing: x"),
        ("umask = 9", "umask argument is invalid."),
        ("access_times = 25:00-26:00", "invalid time interval"),
        ("access_times = 10:00", "incorrect time interval"),
        ("access_times = 10:00-9:00", "invalid time interval: 10:00-9:00"),
        ("log_type = NOSUCH", "Unknown log type: NOSUCH"),
        ("log_type = FILE", "wrong number of arguments"),
        ("log_type = SYSLOG nosuch", "Unknown syslog facility: nosuch"),
        ("log_type = SYSLOG daemon nosuch", "Unknown syslog level: nosuch"),
        ("log_on_success += NOSUCH", "Bad log_on_success flag: NOSUCH"),
        ("flags = NOSUCH", "Bad service flag: NOSUCH"),
        ("wait = maybe", "Bad value for wait: maybe"),
        ("disable = maybe", "Bad value: maybe"),
        ("redirect = h nosuch", "port number invalid"),
        ("rlimit_cpu = x", "CPU limit is invalid: x"),
        ("rlimit_as = 5X", "Address space limit is invalid: 5X"),
        ("server = /nosuch", "Server /nosuch is not executable"),
        ("user = nosuchuser", "Unknown user: nosuchuser"),
        ("env = X", "X has no '='"),
        ("max_load = x", "error reading max_load argument"),
    ],
)
def test_a_value_without_sense_disables_the_service(statement, complaint):
    """In the words of xinetd 2.3.15, with the place."""
    told = complaints(POP3.replace("}", f"    {statement}\n}}"))
    name = statement.split()[0]

    assert told == [
        f"{complaint} [file=/etc/xinetd.conf] [line=11]",
        f"Error parsing attribute {name} - DISABLING SERVICE [file=/etc/xinetd.conf] [line=11]",
        "removing pop3",
    ]


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("nosuch = 1", "bad service attribute: nosuch"),
        ("cps = 5", "attribute cps expects 2 values and 1 values were specified"),
        ("instances = 1 2", "attribute instances expects 1 values and 2 values were specified"),
        (
            "instances += 3",
            "Service pop3: operator '+=' cannot be used for attribute 'instances'",
        ),
        ("no_access = 300.1.1.1", "failed to parse 300.1.1.1"),
    ],
)
def test_a_statement_that_does_not_count_is_named(statement, complaint):
    """And the service is offered without it."""
    text = POP3.replace("}", f"    {statement}\n}}")

    assert complaints(text) == [f"{complaint} [file=/etc/xinetd.conf] [line=11]"]
    assert [name for name, _ in services(text)] == ["pop3"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("rubbish\n", "missing service keyword [file=/etc/xinetd.conf] [line=1]"),
        ("service\n{\n}\n", "service name missing [file=/etc/xinetd.conf] [line=1]"),
        ("service a {\n}\n", "Service a: missing '{' [file=/etc/xinetd.conf] [line=2]"),
        (
            "service a\n{\n nonsense\n}\n",
            "Bad operator for attribute: nonsense [file=/etc/xinetd.conf] [line=3]",
        ),
        (
            "service a\n{\n port=1\n}\n",
            "Attribute port needs a space before operator [file=/etc/xinetd.conf] [line=3]",
        ),
        ("service pop3\n{\n}\n", "Must specify a server in pop3"),
        (
            "service x2\n{\n server = /bin/sh\n}\n",
            "Port not specified and can't find service: x2 with getservbyname",
        ),
        (
            "service x\n{\n type = UNLISTED\n}\n",
            "Unlisted service: x must have a port entry",
        ),
        (
            "service pop3\n{\n server = /bin/sh\n socket_type = stream\n user = root\n}\n",
            "Service pop3 missing attribute wait - DISABLING",
        ),
    ],
)
def test_what_is_no_service_is_named(text, complaint):
    """The rest of the file is read all the same."""
    assert complaints(text + POP3)[0] == complaint


def test_defaults_without_sense_end_it_all():
    """xinetd does not run with them."""
    text = "defaults\n{\n log_on_success = NOSUCH\n}\n" + POP3

    assert parse(read("f", text, lambda _path: [])).fatal
    assert services(text) == []


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
    """A log file of xinetd's own, with its own dates."""
    path = tmp_path / "log"
    attributes = {
        "log_type": ["FILE", str(path)],
        "log_on_success": ["PID", "HOST", "DURATION", "EXIT"],
        "log_on_failure": ["HOST"],
    }
    log = ServiceLog("pop3", attributes, Log("xinetd", path=str(tmp_path / "syslog")))
    log.start(42, "::ffff:198.18.0.9")
    log.exit(42, 0, 0, 3)
    log.fail("address", "::ffff:198.18.0.8")
    written = [line.partition(": ") for line in path.read_text().splitlines()]

    assert [line for _, _, line in written] == [
        "START: pop3 pid=42 from=::ffff:198.18.0.9",
        "EXIT: pop3 status=0 pid=42 duration=3(sec)",
        "FAIL: pop3 address from=::ffff:198.18.0.8",
    ]
    assert all(re.fullmatch(r"\d\d/\d+/\d+@\d\d:\d\d:\d\d", date) for date, _, _ in written)
