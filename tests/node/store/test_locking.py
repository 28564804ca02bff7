"""Locks on a mailbox: what a second program sees, and what a dead one leaves."""

import os

import pytest

from labctl.node.store.locking import LockPolicy, MailboxBusy, dotlock, mailbox_lock, try_fcntl

IMPATIENT = LockPolicy(attempts=1, delay=0.01)


def test_a_locked_mailbox_has_a_dot_lock_beside_it(tmp_path):
    """Programs that know nothing of fcntl, procmail on NFS for one, look for this file."""
    mailbox = tmp_path / "bob"
    with open(mailbox, "ab") as file, mailbox_lock(str(mailbox), file.fileno()):
        names = sorted(os.listdir(tmp_path))

    assert names == ["bob", "bob.lock"]
    assert os.listdir(tmp_path) == ["bob"]


def test_a_second_delivery_waits_and_then_gives_up(tmp_path):
    """Waiting for ever would hold a delivery process hostage to one broken reader."""
    mailbox = str(tmp_path / "bob")
    with dotlock(mailbox), pytest.raises(MailboxBusy), dotlock(mailbox, IMPATIENT):
        pass


def test_the_lock_of_a_dead_program_is_removed(tmp_path):
    """A crash would otherwise close the mailbox until somebody looks."""
    lock = tmp_path / "bob.lock"
    lock.touch()
    os.utime(lock, (0, 0))

    with dotlock(str(tmp_path / "bob"), LockPolicy(attempts=1, delay=0.1)):
        assert lock.stat().st_mtime > 0


def test_a_record_lock_keeps_another_process_out(tmp_path):
    """fcntl is what excludes programs that may not write into the spool directory."""
    mailbox = tmp_path / "bob"
    with open(mailbox, "ab") as file, mailbox_lock(str(mailbox), file.fileno()):
        child = os.fork()
        if child == 0:
            with open(mailbox, "ab") as other:
                os._exit(int(try_fcntl(other.fileno())))
        taken = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert taken == 0
