"""Root in a native node can do there what root does, and nothing to the host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytestmark = [pytest.mark.native, pytest.mark.parametrize("engine", ["native"], indirect=True)]

REFUSED = {
    "mount -t tmpfs none /mnt": "mounts",
    "mknod /tmp/disk b 8 0": "devices",
    "echo /tmp/x > /proc/sys/kernel/core_pattern": "programs of the kernel",
    "echo h > /proc/sysrq-trigger": "the kernel's keyboard",
    "test -s /proc/kcore": "the memory of the kernel",
    "ip link add x type dummy": "interfaces",
    "hostname other": "its name, as in a container",
}


@pytest.fixture
def run(shared, labctl):
    return lambda text: labctl("exec", "--lab", shared.lab, "mx", "--", "sh", "-c", text)


@pytest.mark.parametrize("command", REFUSED, ids=REFUSED.values())
def test_a_node_may_not_change(run, command):
    """labctl may be run as root; the exercise is still somebody else's shell script."""
    done = run(command)

    assert done.returncode != 0, done.stdout


def test_a_node_sees_no_process_of_the_host(run):
    """What cannot be seen cannot be traced, killed or read."""
    seen = run("ls -d /proc/[0-9]* | wc -l; kill -0 " + str(os.getpid()) + "; echo $?")
    count, alive = seen.stdout.split()

    assert int(count) < 30
    assert alive == "1"


def test_a_node_has_the_capabilities_of_a_container(run):
    """Docker's default set without those that the lab does not need."""
    status = run("grep CapBnd /proc/self/status").stdout

    assert int(status.split()[1], 16) & ~0xA80425FB == 0


def test_the_host_is_not_in_the_tree_of_a_node(run, tmp_path):
    """A `rm -rf /` in a node is a lesson for the student only."""
    tmp_path.joinpath("host").write_text("host")
    look = run(
        f"cat {tmp_path}/host /etc/shadow /root/.profile; echo x > /usr/bin/new; echo $?"
    )

    assert look.stdout.split()[-1] == "0"
    assert "host" not in look.stdout
    assert not Path("/usr/bin/new").exists()
