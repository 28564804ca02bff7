"""Homes that are not there."""

import os

import pytest

from labctl.node.base import accounts
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.local.lists import homes


@pytest.fixture
def homeless(monkeypatch):
    me = accounts.by_uid(os.getuid())._replace(home="/nonexistent")
    monkeypatch.setattr(accounts, "by_name", lambda name: me)


@pytest.mark.usefixtures("homeless")
def test_mail_waits_for_a_home_when_one_is_required():
    """The file server may be down, and with it the .forward file."""
    status = homes.trouble(Config({"require_home_directory": "yes"}), "ann")

    assert (status.status, status.reason) == (
        *("4.3.0", "cannot access home directory /nonexistent: No such file or directory"),
    )


@pytest.mark.usefixtures("homeless")
def test_a_home_is_not_required_unless_main_cf_says_so():
    """Accounts of services often have none."""
    assert homes.trouble(Config({}), "ann") is None
