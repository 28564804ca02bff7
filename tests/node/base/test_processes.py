"""Forking programs: their status, their name, and what they inherit."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from labctl.node.base import processes
from labctl.node.base.log import Fatal, Log


@pytest.fixture
def log(tmp_path):
    return Log("parent", path=str(tmp_path / "log"))


def run(log, program, **options):
    """Fork, wait, and return how it ended."""
    pid = processes.fork_program(program, title="child -t", log=log, **options)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def test_the_result_is_the_exit_status(log):
    """init decides by it whether to start the program again."""
    assert run(log, lambda: 3) == 3
    assert run(log, lambda: None) == 0


def test_a_program_that_gives_up_is_logged(log, tmp_path):
    """`fatal:` lines are where a student looks first."""

    def give_up():
        raise Fatal("no configuration", status=2)

    assert run(log, give_up) == 2
    assert (tmp_path / "log").read_text().endswith("fatal: no configuration\n")


def test_a_defect_never_returns_into_the_parent(log, tmp_path):
    """Two masters in one mail system would be the end of it."""
    assert run(log, lambda: 1 // 0) == 1
    assert "panic: ZeroDivisionError" in (tmp_path / "log").read_text()


def test_a_child_is_known_by_the_name_of_its_program(log):
    """`pgrep -x smtpd` and `killall smtpd` are how the course looks at processes."""
    reader, writer = os.pipe()

    def tell():
        os.write(writer, Path("/proc/self/comm").read_bytes())

    run(log, tell, keep=[writer])
    os.close(writer)
    assert os.read(reader, 100) == b"child\n"
    os.close(reader)


def test_a_child_has_only_what_was_kept_for_it(log):
    """A listener that a child holds by accident can never be closed."""
    kept, other = os.pipe(), os.pipe()

    def look():
        try:
            os.fstat(other[0])
        except OSError:
            os.fstat(kept[0])
            return 0
        return 1

    assert run(log, look, keep=kept) == 0
    for fd in (*kept, *other):
        os.close(fd)


def test_a_child_begins_with_default_signals(log):
    """A handler of the parent would run with the parent's state in the child."""
    signal.signal(signal.SIGUSR2, lambda *_: None)
    try:
        status = run(log, lambda: os.kill(os.getpid(), signal.SIGUSR2))
    finally:
        signal.signal(signal.SIGUSR2, signal.SIG_DFL)

    assert status == -signal.SIGUSR2
