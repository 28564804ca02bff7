"""Labs as a user meets them, on every engine that this machine has."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

LABCTL = [sys.executable, "-m", "labctl"]


@pytest.fixture
def running(labctl, engine, lab, topology):
    """A small lab that is up."""
    up = labctl("up", str(topology), "--engine", engine)
    assert up.returncode == 0, up.stderr
    return up


def test_a_second_up_changes_nothing(running, labctl, lab, engine, topology):
    """`up` in a script must be safe to repeat: what a student did stays."""
    labctl("exec", "--lab", lab, "mx", "--", "sh", "-c", "echo mine >> /root/notes")

    again = labctl("up", str(topology), "--engine", engine)

    assert again.returncode == 0, again.stderr
    assert "nothing to do" in again.stderr
    assert labctl("exec", "--lab", lab, "mx", "--", "cat", "/root/notes").stdout == "mine\n"


def test_an_edit_touches_only_what_it_names(running, labctl, lab, engine, topology):
    """A changed banner is there after `up`, and the node is the same one as before."""
    labctl("exec", "--lab", lab, "mx", "--", "touch", "/root/still-here")
    topology.write_text(topology.read_text() + "    postfix: {smtpd_banner: hello}\n")

    dry = labctl("up", str(topology), "--engine", engine, "--dry-run")
    again = labctl("up", str(topology), "--engine", engine)

    assert dry.stdout.splitlines() == [
        "write files mx /etc/postfix/main.cf: their content changed",
        "reload mx postfix: /etc/postfix/main.cf changed",
    ]
    assert again.returncode == 0, again.stderr
    value = labctl("exec", "--lab", lab, "mx", "--", "postconf", "-h", "smtpd_banner")
    assert value.stdout == "hello\n"
    assert labctl("exec", "--lab", lab, "mx", "--", "ls", "/root").stdout == "still-here\n"


def test_a_dry_run_builds_nothing(labctl, engine, lab, topology):
    """Who asks what would happen must not make it happen."""
    dry = labctl("up", str(topology), "--engine", engine, "--dry-run")

    assert "create node mx: it does not exist yet" in dry.stdout
    assert labctl("status", lab).returncode == 2


def test_two_labs_stand_side_by_side(running, labctl, lab, engine, topology):
    """A teacher tries a second topology without taking down the first."""
    other = f"{lab}b"
    try:
        second = labctl("up", str(topology), "--engine", engine, "--name", other)
        listed = json.loads(labctl("status", "-o", "json").stdout)
    finally:
        labctl("down", other)

    assert second.returncode == 0, second.stderr
    assert {lab, other} <= {one["name"] for one in listed}
    assert labctl("status", lab).returncode == 0


def test_labs_that_start_at_the_same_moment_do_not_meet(labctl, engine, lab, topology):
    """A class presses Enter together, and everybody has a subnet of his own."""
    names = [lab, *(f"{lab}-{number}" for number in range(2))]
    argv = [*LABCTL, "up", str(topology), "--engine", engine, "--name"]
    starting = [
        subprocess.Popen([*argv, name], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for name in names
    ]
    try:
        said = [one.communicate(timeout=120)[1] for one in starting]

        assert [one.returncode for one in starting] == [0, 0, 0], said
    finally:
        for name in names[1:]:
            labctl("down", name)


def test_down_works_without_the_file_and_twice(running, labctl, lab, topology):
    """The file may be gone, and a script may say `down` to be sure."""
    topology.unlink()

    first, second = labctl("down", lab), labctl("down", lab)

    assert (first.returncode, second.returncode) == (0, 0)
    assert "removed" in first.stderr
    assert "nothing to remove" in second.stderr


def test_a_node_that_cannot_start_is_named_with_its_last_lines(labctl, engine, lab, topology):
    """The author of a broken main.cf reads what the node said."""
    broken = '    files: {/etc/inittab: "broken:wait::/no/such/program\\n"}\n'
    topology.write_text(topology.read_text() + broken)

    up = labctl("up", str(topology), "--engine", engine, "--timeout", "20")

    assert up.returncode == 1
    assert "node mx failed" in up.stderr
    assert "/no/such/program" in up.stderr
    assert labctl("down", lab).returncode == 0
    assert labctl("status", lab).returncode == 2


@pytest.mark.parametrize("delay", [0.05, 0.4, 0.8])
def test_ctrl_c_during_up_leaves_nothing_that_down_cannot_remove(
    labctl, engine, lab, topology, delay
):
    """Interrupted work is finished or undone, never in the way."""
    up = subprocess.Popen(
        [*LABCTL, "up", str(topology), "--engine", engine], stderr=subprocess.PIPE, text=True
    )
    try:
        up.wait(delay)
    except subprocess.TimeoutExpired:
        up.send_signal(signal.SIGINT)
    _, said = up.communicate(timeout=30)

    assert up.returncode in (130, 0, -signal.SIGINT)
    assert "Traceback" not in said or up.returncode == -signal.SIGINT
    assert labctl("down", lab).returncode == 0
    assert labctl("up", str(topology), "--engine", engine).returncode == 0


def test_a_second_up_at_the_same_time_is_told_who_is_at_it(labctl, engine, lab, topology):
    """Two terminals, one lab: one of them wins, the other says why not."""
    from labctl.engine.lock import changing

    with changing(lab):
        up = labctl("up", str(topology), "--engine", engine)

    assert up.returncode == 3
    assert f"lab {lab!r} is being changed by another labctl (pid " in up.stderr


def test_a_new_user_costs_nobody_his_mail(running, labctl, lab, engine, topology):
    """Homes and mailboxes are made in the node that runs."""
    labctl("exec", "--lab", lab, "mx", "--", "sh", "-c", "echo old > /var/mail/ann")
    topology.write_text(topology.read_text().replace("users: [ann, bob]", "users: [ann, eve]"))

    again = labctl("up", str(topology), "--engine", engine)

    assert again.returncode == 0, again.stderr
    assert labctl("exec", "--lab", lab, "mx", "--", "cat", "/var/mail/ann").stdout == "old\n"
    home = labctl("exec", "--lab", lab, "mx", "--", "stat", "-c", "%U", "/home/eve")
    assert home.stdout == "eve\n"


def test_too_little_time_is_told_from_a_failure(labctl, engine, lab, topology):
    """Exit status 4 means: wait, or allow more; nothing is broken."""
    slow = '    files: {/etc/inittab: "slow:wait::sleep 8\\n"}\n'
    topology.write_text(topology.read_text() + slow)

    up = labctl("up", str(topology), "--engine", engine, "--timeout", "1.5")
    again = labctl("up", str(topology), "--engine", engine)

    assert up.returncode == 4, up.stderr
    # A slow Docker engine may not have had the time for the name server either.
    assert re.search("node mx was not ready in time|nor were mx ready", up.stderr)
    assert again.returncode == 0, again.stderr
    assert "mx is ready" in again.stderr


@pytest.mark.docker
def test_a_subnet_of_somebody_else_is_refused_by_name(labctl, lab, topology, tmp_path):
    """Two labs of one school on one server, both with addresses from the book."""
    subnet = "198.19.231.0/24"
    mine = topology.read_text().replace("nodes:", f"networks: {{lan: {subnet}}}\nnodes:", 1)
    topology.write_text(mine)
    other = f"{lab}b"
    try:
        first = labctl("up", str(topology), "--engine", "docker", "--name", other)
        second = labctl("up", str(topology), "--engine", "docker")
    finally:
        labctl("down", other)

    assert first.returncode == 0, first.stderr
    assert second.returncode == 3
    assert (
        f"its subnet {subnet} is taken by the Docker network labctl-{other}-lan"
        in second.stderr
    )


@pytest.mark.native
@pytest.mark.docker
def test_an_image_that_cannot_be_built_is_no_obstacle(
    labctl, lab, topology, monkeypatch, tmp_path
):
    """`labctl up` without options works wherever one engine works."""
    from labctl.cli import up
    from labctl.engine.docker.engine import DockerEngine
    from labctl.errors import LabError

    def prepare(*_: object) -> None:
        raise LabError("the image labctl/node:latest cannot be built")

    monkeypatch.setattr(DockerEngine, "prepare", prepare)

    assert up.command(topology) == 0
    assert labctl("status", lab).returncode == 0
    assert [
        one["engine"]
        for one in json.loads(labctl("status", "-o", "json").stdout)
        if one["name"] == lab
    ] == ["native"]
