"""Borrowed identities: files belong to whom we act as, and we come back."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from labctl.node.base import privileges
from labctl.node.base.accounts import Account

ANN = Account("ann", 12345, 12345, "/home/ann", "/bin/sh", "", (12345, 8))


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root")


@pytest.mark.root
@needs_root
def test_files_belong_to_whom_we_act_as():
    """A mailbox that root owns cannot be read by its user."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        mail = Path(directory, "mail")
        with privileges.acting_as(ANN):
            mail.touch()
        assert mail.stat().st_uid == 12345

    assert (os.geteuid(), os.getegid()) == (0, 0)


@pytest.mark.root
@needs_root
def test_dropping_is_for_good():
    """A daemon that talks to strangers must not find its way back to root."""
    pid = os.fork()
    if pid == 0:
        privileges.drop_to(ANN)
        try:
            os.seteuid(0)
        except PermissionError:
            os._exit(0 if sorted(os.getgroups()) == [8, 12345] else 2)
        os._exit(1)
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_acting_as_oneself_needs_no_privilege(tmp_path):
    """A test, and a lab of one user id, run as an ordinary user."""
    me = Account("me", os.geteuid(), os.getegid(), "/", "/bin/sh", "", (os.getegid(),))
    with privileges.acting_as(me):
        (tmp_path / "mail").touch()

    assert (tmp_path / "mail").exists()
