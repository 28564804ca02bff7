"""Accounts come from the two files, as they are now."""

from __future__ import annotations

import pytest

from labctl.node.base import accounts


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(accounts, "PASSWD", str(tmp_path / "passwd"))
    monkeypatch.setattr(accounts, "GROUP", str(tmp_path / "group"))
    (tmp_path / "passwd").write_text("ann:x:1000:1000:Ann:/home/ann:/bin/sh\nbroken line\n")
    (tmp_path / "group").write_text("ann:x:1000:\nmail:x:8:bob,ann\n")
    return tmp_path


def test_an_account_has_all_its_groups(files):
    """Delivery as a user must have the permissions that the user has."""
    ann = accounts.by_name("ann")

    assert ann == accounts.Account("ann", 1000, 1000, "/home/ann", "/bin/sh", "Ann", (1000, 8))


def test_an_account_is_found_by_number(files):
    """pickup knows the sender of a file only by its owner."""
    assert accounts.by_uid(1000).name == "ann"
    assert accounts.by_uid(4711) is None


def test_a_new_account_is_there_at_once(files):
    """A teacher adds a user to a running lab."""
    assert accounts.by_name("eve") is None
    with (files / "passwd").open("a") as passwd:
        passwd.write("eve:x:1001:1001::/home/eve:/bin/sh\n")

    assert accounts.by_name("eve").uid == 1001


def test_a_group_is_found_by_its_name(files):
    """postconf(5) setgid_group is a name."""
    assert accounts.group_by_name("mail") == accounts.Group("mail", 8, ("bob", "ann"))
