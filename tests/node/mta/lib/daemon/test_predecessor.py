"""Two qmgrs would lose sight of each other's messages: the second waits for the first."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import pytest

from labctl.node.base import processes
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon import predecessor
from labctl.node.mta.lib.daemon.context import Kind


@pytest.fixture
def context(tmp_path):
    (tmp_path / "pid").mkdir()
    config = Config({"queue_directory": str(tmp_path)})
    return SimpleNamespace(kind=Kind.UNIX, service="qmgr", config=config)


@pytest.fixture
def orphan(context):
    """A process of the service whose master has gone; it says when it has the lock."""
    listen, tell = os.pipe()

    def run():
        predecessor.outlive_predecessor(context)
        os.write(tell, b"!")
        signal.pause()

    log = Log("test", path=os.devnull)
    pid = processes.fork_program(run, title="orphan", log=log, keep=[tell])
    os.read(listen, 1)
    yield pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(listen)
    os.close(tell)


def test_a_successor_does_not_start_while_its_predecessor_lives(context, orphan, monkeypatch):
    """What the orphan still moves into the active queue would be nobody's."""
    monkeypatch.setattr(predecessor, "PATIENCE", 0.05)

    with pytest.raises(Fatal, match="another process of service qmgr does not end"):
        predecessor.outlive_predecessor(context)


def test_a_killed_predecessor_holds_nobody_up(context, orphan):
    """The kernel gives the lock back, whatever a process dies of."""
    os.kill(orphan, signal.SIGKILL)

    predecessor.outlive_predecessor(context)


def test_another_service_has_a_lock_of_its_own(context, orphan):
    """pickup must not wait for qmgr."""
    context.service = "pickup"
    predecessor.outlive_predecessor(context)

    assert os.path.exists(predecessor.lock_file(context))
