"""spawn: a script as a server."""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import replace

import pytest

from labctl.node.base import accounts
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import Kind, ServiceContext
from labctl.node.mta.spawn import attributes, service
from labctl.node.mta.spawn.attributes import Attributes


@pytest.fixture
def context(tmp_path):
    return ServiceContext(
        program="spawn",
        service="policy",
        kind=Kind.UNIX,
        arguments=(),
        config=Config({"command_time_limit": "30s", "queue_directory": str(tmp_path)}),
        listeners=(),
        log=Log("spawn", path=str(tmp_path / "log")),
    )


def talk(context, *argv):
    """Run a command for a client that sends one line; what the client gets."""
    ours, theirs = socket.socketpair()
    me = accounts.by_uid(os.geteuid())
    with ours:
        ours.settimeout(5)
        ours.sendall(b"request=smtpd_access_policy\n")
        ours.shutdown(socket.SHUT_WR)
        with theirs:
            service.run(context, Attributes(me, argv), theirs)
        # A command that has not read what it was sent leaves its client with a reset.
        with contextlib.suppress(ConnectionResetError):
            return ours.recv(1000)
    return b""


def test_the_client_is_standard_input_and_output(context):
    """A policy server of three lines of shell is enough for a lesson."""
    answer = talk(context, "/bin/sh", "-c", "read line; echo action=dunno; echo $line")

    assert answer == b"action=dunno\nrequest=smtpd_access_policy\n"


def test_a_command_that_fails_is_logged(context, tmp_path):
    """Otherwise a broken script looks like a silent one."""
    talk(context, "/bin/sh", "-c", "exit 3")

    assert "warning: command /bin/sh exit status 3" in (tmp_path / "log").read_text()


def test_a_command_that_hangs_is_ended(context, tmp_path):
    """postconf(5) command_time_limit."""
    hurried = context.config.with_overrides({"policy_time_limit": "1s"})
    talk(replace(context, config=hurried), "/bin/sh", "-c", "exec sleep 30")

    assert "command time limit exceeded" in (tmp_path / "log").read_text()


def test_a_command_does_not_run_as_root():
    """A script that talks to strangers is the wrong one to trust."""
    with pytest.raises(Fatal, match="root privileges"):
        attributes.read(["user=root", "argv=/bin/true"], Config({}))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["user=nobody"], "missing argv= command-line", id="no command"),
        pytest.param(["argv=/bin/true"], "missing user= command-line", id="no user"),
        pytest.param(["usr=nobody", "argv=x"], "unknown attribute: usr=nobody", id="typo"),
    ],
)
def test_what_is_missing_in_master_cf_is_named(arguments, reason):
    """The log is the only place where a student sees it."""
    with pytest.raises(Fatal, match=reason):
        attributes.read(arguments, Config({}))
