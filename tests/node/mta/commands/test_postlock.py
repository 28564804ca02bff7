"""postlock(1): a command while the mailbox belongs to nobody else."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands import postlock


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "main.cf").write_text("deliver_lock_attempts = 1\ndeliver_lock_delay = 1\n")
    return ["postlock", "-c", str(tmp_path)]


def test_the_lock_is_there_while_the_command_runs(configured, tmp_path):
    """A script that changes a mailbox must keep deliveries out of it."""
    box = tmp_path / "box"

    assert (
        postlock.main([*configured, "-l", "dotlock", str(box), "test", "-e", f"{box}.lock"])
        == 0
    )
    assert not (tmp_path / "box.lock").exists()


def test_the_exit_status_is_that_of_the_command(configured, tmp_path):
    """Scripts look at it."""
    assert postlock.main([*configured, str(tmp_path / "box"), "sh", "-c", "exit 3"]) == 3


def test_who_cannot_have_the_lock_is_told_to_come_back(configured, tmp_path):
    """75: a temporary failure, and the command was not run."""
    (tmp_path / "box.lock").touch()
    command = [
        *configured,
        "-l",
        "dotlock",
        str(tmp_path / "box"),
        "touch",
        str(tmp_path / "x"),
    ]

    with pytest.raises(
        Fatal, match=r"unable to create lock file .*box\.lock: File exists"
    ) as it:
        postlock.main(command)
    assert it.value.status == 75
    assert not (tmp_path / "x").exists()


def test_an_unknown_way_of_locking_is_refused(configured):
    """A typing error must not leave the mailbox unlocked."""
    with pytest.raises(Fatal, match='unknown mailbox_delivery_lock value "bogus" in "bogus"'):
        postlock.main([*configured, "-l", "bogus", "/tmp/x", "true"])
