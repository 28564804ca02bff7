"""Locks: somebody else waits, and does not wait for ever."""

from __future__ import annotations

import os
import time

import pytest

from labctl.node.base import locks


def test_a_dot_lock_keeps_others_out(tmp_path):
    """Two deliveries into one mailbox must not mix."""
    path = str(tmp_path / "ann")
    with (
        locks.dot_lock(path),
        pytest.raises(locks.LockTimeout),
        locks.dot_lock(path, patience=0.01),
    ):
        pass

    assert not os.path.exists(f"{path}.lock")


def test_a_dot_lock_that_a_crash_left_is_removed(tmp_path):
    """Mail would never arrive again."""
    lock = tmp_path / "ann.lock"
    lock.touch()
    os.utime(lock, (time.time() - 1000, time.time() - 1000))

    with locks.dot_lock(str(tmp_path / "ann"), patience=1.0, stale=500):
        assert lock.exists()


def test_flock_has_a_deadline(tmp_path):
    """An imapd that holds a mailbox must not stop a delivery agent for ever."""
    with open(tmp_path / "box", "w") as one, open(tmp_path / "box") as two:
        locks.lock_flock(one.fileno())
        with pytest.raises(locks.LockTimeout):
            locks.lock_flock(two.fileno(), patience=0.01)
