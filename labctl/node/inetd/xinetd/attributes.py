"""The attributes of xinetd.conf(5): how many values, which operators, what makes sense.

INPUT AND OUTPUT
    ``ATTRIBUTES[name].check(values)`` returns a complaint in xinetd's words, "" if all is well.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from labctl.node.base import accounts, log
from labctl.node.base.log import ERROR, WARNING
from labctl.node.inetd.xinetd.limits import is_pattern

Check = Callable[[Sequence[str]], str]
ANY: Final = -1
_TIMES: Final = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")
_AMOUNT: Final = re.compile(r"\d+[kKmM]?|UNLIMITED")
LEVELS: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")


class Attribute(NamedTuple):
    """What may be said of a service under this name."""

    values: int = 1
    check: Check = lambda _values: ""
    is_set: bool = False  # "+=" and "-=" are allowed
    in_defaults: bool = False
    severity: int = ERROR


def _number(complaint: str) -> Check:
    def check(values: Sequence[str]) -> str:
        value = values[0]
        return "" if value.isdecimal() or value == "UNLIMITED" else f"{complaint}: {value}"

    return check


def _one_of(complaint: str, *words: str) -> Check:
    def check(values: Sequence[str]) -> str:
        return next((f"{complaint}: {value}" for value in values if value not in words), "")

    return check


def _amount(what: str) -> Check:
    return lambda values: (
        "" if _AMOUNT.fullmatch(values[0]) else f"{what} limit is invalid: {values[0]}"
    )


def _cps(values: Sequence[str]) -> str:
    if not values[0].isdecimal():
        return "cps argument not a number"
    return "" if values[1].isdecimal() else "cps time argument not a number"


def _integer(values: Sequence[str]) -> str:
    return "" if re.fullmatch(r"-?\d+", values[0]) else f"Error parsing: {values[0]}"


def _deny_time(values: Sequence[str]) -> str:
    return "" if values[0] in ("FOREVER", "NEVER") else _integer(values)


def _umask(values: Sequence[str]) -> str:
    return "" if re.fullmatch(r"[0-7]+", values[0]) else "umask argument is invalid."


def _access_times(values: Sequence[str]) -> str:
    for value in values:
        match = _TIMES.fullmatch(value)
        if match is None:
            return "incorrect time interval"
        hour, minute, end_hour, end_minute = (int(part) for part in match.groups())
        if max(hour, end_hour) > 23 or max(minute, end_minute) > 59:
            return "invalid time interval"
        if (hour, minute) >= (end_hour, end_minute):
            return f"invalid time interval: {value}"
    return ""


def _log_type(values: Sequence[str]) -> str:
    kind, *words = values or ("",)
    if kind not in ("FILE", "SYSLOG"):
        return f"Unknown log type: {kind}"
    if not words or len(words) > (2 if kind == "SYSLOG" else 3):
        return "wrong number of arguments"
    if kind == "SYSLOG" and words[0] not in log.FACILITIES:
        return f"Unknown syslog facility: {words[0]}"
    if kind == "SYSLOG" and words[1:] and words[1] not in LEVELS:
        return f"Unknown syslog level: {words[1]}"
    return ""


def _server(values: Sequence[str]) -> str:
    path = values[0]
    is_program = os.path.isfile(path) and os.access(path, os.X_OK)
    return "" if is_program else f"Server {path} is not executable"


def _user(values: Sequence[str]) -> str:
    known = values[0].isdecimal() or accounts.by_name(values[0])
    return "" if known else f"Unknown user: {values[0]}"


def _group(values: Sequence[str]) -> str:
    known = values[0].isdecimal() or accounts.group_by_name(values[0])
    return "" if known else f"Unknown group: {values[0]}"


def _env(values: Sequence[str]) -> str:
    return next((f"{value} has no '='" for value in values if "=" not in value), "")


def _address(values: Sequence[str]) -> str:
    try:
        socket.getaddrinfo(values[0], None)
    except OSError:
        return "bad address"
    return ""


def _redirect(values: Sequence[str]) -> str:
    if not values[1].isdecimal():
        try:
            socket.getservbyname(values[1])
        except OSError:
            return "port number invalid"
    return _address(values)


def _load(values: Sequence[str]) -> str:
    is_load = re.fullmatch(r"\d+(?:\.\d*)?|\.\d+", values[0])
    return "" if is_load else "error reading max_load argument"


def _patterns(values: Sequence[str]) -> str:
    return next((f"failed to parse {value}" for value in values if not is_pattern(value)), "")


YES_NO: Final = ("yes", "no")
_SUCCESS: Final = ("PID", "HOST", "USERID", "EXIT", "DURATION", "TRAFFIC")
_FAILURE: Final = ("HOST", "USERID", "ATTEMPT")
_FLAGS: Final = (
    *("INTERCEPT", "NORETRY", "IDONLY", "NAMEINARGS", "NODELAY", "KEEPALIVE", "NOLIBWRAP"),
    *("SENSOR", "IPv4", "IPv6", "LABELED", "REUSE"),
)

ATTRIBUTES: Final[Mapping[str, Attribute]] = {
    "id": Attribute(),
    "type": Attribute(ANY, is_set=True),
    "flags": Attribute(
        ANY,
        _one_of("Bad service flag", *_FLAGS),
        is_set=True,
        in_defaults=True,
        severity=WARNING,
    ),
    "disable": Attribute(1, _one_of("Bad value", *YES_NO)),
    "socket_type": Attribute(),
    "protocol": Attribute(),
    "wait": Attribute(1, _one_of("Bad value for wait", *YES_NO)),
    "user": Attribute(1, _user),
    "group": Attribute(1, _group),
    "groups": Attribute(1, _one_of("Bad value for groups", *YES_NO), in_defaults=True),
    "instances": Attribute(1, _number("Number of instances is invalid"), in_defaults=True),
    "per_source": Attribute(
        1, _number("Number of per source instances is invalid"), in_defaults=True
    ),
    "nice": Attribute(1, _integer, in_defaults=True),
    "umask": Attribute(1, _umask, in_defaults=True),
    "server": Attribute(1, _server),
    "server_args": Attribute(ANY),
    "libwrap": Attribute(),
    "only_from": Attribute(ANY, _patterns, is_set=True, in_defaults=True),
    "no_access": Attribute(ANY, _patterns, is_set=True, in_defaults=True),
    "access_times": Attribute(ANY, _access_times, is_set=True, in_defaults=True),
    "log_type": Attribute(ANY, _log_type, in_defaults=True),
    "log_on_success": Attribute(
        ANY,
        _one_of("Bad log_on_success flag", *_SUCCESS),
        is_set=True,
        in_defaults=True,
        severity=WARNING,
    ),
    "log_on_failure": Attribute(
        ANY,
        _one_of("Bad log_on_failure flag", *_FAILURE),
        is_set=True,
        in_defaults=True,
        severity=WARNING,
    ),
    "rpc_version": Attribute(),
    "rpc_number": Attribute(),
    "env": Attribute(ANY, _env, is_set=True),
    "passenv": Attribute(ANY, is_set=True, in_defaults=True),
    "port": Attribute(),
    "redirect": Attribute(2, _redirect),
    "bind": Attribute(1, _address, in_defaults=True),
    "interface": Attribute(1, _address, in_defaults=True),
    "banner": Attribute(in_defaults=True),
    "banner_success": Attribute(in_defaults=True),
    "banner_fail": Attribute(in_defaults=True),
    "cps": Attribute(2, _cps, in_defaults=True),
    "max_load": Attribute(1, _load, in_defaults=True),
    "deny_time": Attribute(1, _deny_time),
    "v6only": Attribute(1, _one_of("Bad value for v6only", *YES_NO), in_defaults=True),
    "rlimit_as": Attribute(1, _amount("Address space")),
    "rlimit_cpu": Attribute(1, _number("CPU limit is invalid")),
    "rlimit_data": Attribute(1, _amount("Data")),
    "rlimit_files": Attribute(1, _number("Max files limit is invalid")),
    "rlimit_rss": Attribute(1, _amount("RSS")),
    "rlimit_stack": Attribute(1, _amount("Stack")),
    "enabled": Attribute(ANY, is_set=True, in_defaults=True),
    "disabled": Attribute(ANY, is_set=True, in_defaults=True),
}
