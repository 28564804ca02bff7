"""The lab's clock: it can be moved, and everybody sees it."""

from __future__ import annotations

import time

import pytest

from labctl.node.base.clock import Clock


def test_without_a_file_lab_time_is_real_time(tmp_path):
    """An idle container has no init that would make the file."""
    clock = Clock(tmp_path / "clock")

    assert clock.now() == pytest.approx(time.time(), abs=1)


def test_who_reads_sees_what_another_process_has_moved(tmp_path):
    """A queue lifetime of five days must pass in all daemons at once."""
    reader, mover = Clock(tmp_path / "clock"), Clock(tmp_path / "clock")
    mover.advance(0.0)
    assert reader.offset() == 0.0

    mover.advance(432000.0)

    assert reader.now() == pytest.approx(time.time() + 432000, abs=1)


def test_moves_add_up(tmp_path):
    """A lesson moves the clock several times."""
    clock = Clock(tmp_path / "run" / "clock")
    clock.advance(3600.0)

    assert clock.advance(60.0) == 3660.0


def test_timers_follow_the_clock(tmp_path):
    """A queue run that is due in lab time must happen."""
    clock = Clock(tmp_path / "clock")
    before = clock.uptime()
    clock.advance(1000.0)

    assert clock.uptime() - before >= 1000.0
