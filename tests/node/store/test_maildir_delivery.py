"""Delivery into a Maildir: what readers see, and what a missing directory costs."""

import os
import re

import pytest

from labctl.node.store.maildir_delivery import deliver
from labctl.node.store.mbox.delivery import CannotDeliver


def test_the_message_appears_in_new_and_nothing_stays_in_tmp(tmp_path):
    """Readers look into new/ only, and must never see half a message."""
    path = deliver(f"{tmp_path}/box/", b"Subject: x\n\nx\n", 1795398591.5)

    assert re.fullmatch(r"1795398591\.V[0-9a-f]+I[0-9a-f]+M500000\..+", os.path.basename(path))
    assert os.listdir(tmp_path / "box/tmp") == []
    assert (tmp_path / "box/cur").is_dir()
    with open(path, "rb") as file:
        assert file.read() == b"Subject: x\n\nx\n"


def test_new_directories_are_private(tmp_path):
    """A Maildir in a home directory that others may enter must not be theirs to read."""
    deliver(f"{tmp_path}/a/b", b"x\n", 1.0)

    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a/b/new").stat().st_mode & 0o777 == 0o700


def test_what_stands_in_the_way_is_named(tmp_path):
    """The log must say which path an administrator has to look at."""
    (tmp_path / "box").write_text("a file")
    with pytest.raises(
        CannotDeliver, match=r"create maildir file .*/box/tmp/.*Not a directory"
    ):
        deliver(f"{tmp_path}/box/", b"x\n", 1.0)
