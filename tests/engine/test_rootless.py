"""Labs of plain users, from a wheel: with ids of their own in /etc/subuid, and without."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = [pytest.mark.native, pytest.mark.root, pytest.mark.slow]

CHECKOUT = Path(__file__).parents[2]
DEBIAN_PYTHON = "/usr/bin/python3"  # plain users may read it, wherever ours is
WITH_IDS = ("labctl-ids", "stu")
WITHOUT_IDS = ("labctl-one", "one")


class Installed(NamedTuple):
    """labctl as a user on this machine runs it."""

    user: str
    command: Path

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = ["runuser", "-u", self.user, "--", str(self.command), *arguments]
        return subprocess.run(
            argv, cwd="/", capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(scope="session")
def command() -> Iterator[Path]:
    """The labctl of a wheel of this checkout, where everybody may read it."""
    if os.getuid() != 0:
        pytest.skip("only root can be several users")
    place = Path(tempfile.mkdtemp(prefix="labctl-wheel-"))
    place.chmod(0o755)
    try:
        yield install(place / "venv", umask=0o022)
    finally:
        shutil.rmtree(place)


def install(place: Path, *, umask: int) -> Path:
    run = {"check": True, "umask": umask, "capture_output": True, "timeout": 300}
    subprocess.run([DEBIAN_PYTHON, "-m", "venv", place], **run)
    pip = [place / "bin" / "pip", "--disable-pip-version-check", "install"]
    lock = ["-c", CHECKOUT / "requirements.lock"]
    subprocess.run([*pip, "--quiet", *lock, CHECKOUT], **run)
    return place / "bin" / "labctl"


@pytest.fixture(
    scope="module",
    params=[pytest.param(WITH_IDS, id="ids"), pytest.param(WITHOUT_IDS, id="one id")],
)
def labctl(request: pytest.FixtureRequest, command: Path) -> Iterator[Installed]:
    """labctl of a plain user, who has no lab before and none afterwards."""
    for user in request.param:
        if any(one.pw_name == user for one in pwd.getpwall()):
            break
    else:
        pytest.skip(f"no user called {' or '.join(request.param)} on this machine")
    labctl = Installed(user, command)
    yield labctl
    labctl("down", "--all", "--engine", "native")


@pytest.fixture(scope="module")
def primary(labctl: Installed) -> subprocess.CompletedProcess[str]:
    """The shipped topology `primary`, up on the native engine."""
    up = labctl("up", "primary", "--engine", "native", "--name", "rootless")
    assert up.returncode == 0, up.stderr
    return up


def owners(labctl: Installed) -> set[str]:
    listed = labctl(
        "exec", "--lab", "rootless", "smtp", "--", "stat", "-c", "%U", "/var/mail/."
    )
    mine = labctl(
        *("exec", "--lab", "rootless", "smtp", "--"),
        *("sh", "-c", "stat -c %U /home/pascal /var/spool/postfix/active"),
    )
    return {*listed.stdout.split(), *mine.stdout.split()}


def test_a_wheel_has_all_that_a_lab_needs(labctl):
    """Who installs with pip has no checkout beside it."""
    assert labctl("validate", "beauvelo").returncode == 0
    assert json.loads(labctl("schema").stdout)["type"] == "object"


def test_mail_flows_in_the_lab_of_a_plain_user(labctl, primary):
    """A student has no root password, and is the one whom all this is for."""
    report = json.loads(labctl("verify", "rootless", "-o", "json").stdout)

    assert [one for one in report["checks"] if one["outcome"] != "passed"] == []
    assert report["passed"] > 20


def test_what_one_user_id_cannot_show_is_said(labctl, primary):
    """A check that did not look must not look as if it had."""
    report = json.loads(labctl("verify", "rootless", "-o", "json", "--only", "flow.*").stdout)
    left_out = {one.get("left out", "") for one in report["checks"]}

    if labctl.user in WITH_IDS:
        assert owners(labctl) == {"root", "pascal", "postfix"}
        assert left_out == {""}
    else:
        assert owners(labctl) == {"root"}
        assert "all accounts of the lab's nodes are your own one" in primary.stderr
        assert {text.partition(":")[0] for text in left_out} == {"who owns the mailbox"}


def test_the_host_sees_the_plain_user_only(labctl, primary):
    """Root in a node is nobody special outside."""
    seen = subprocess.run(
        ["ps", "-o", "uid=", "-C", "init,master,supervisor"], capture_output=True, text=True,
        check=False,
    ).stdout.split()  # fmt: skip

    assert str(pwd.getpwnam(labctl.user).pw_uid) in seen


def test_down_removes_the_lab(labctl, primary):
    """The last test of the module: nothing listens on the name any more."""
    down = labctl("down", "rootless")

    assert down.returncode == 0, down.stderr
    assert labctl("status", "rootless").returncode == 2
    assert (
        "@labctl/" + str(pwd.getpwnam(labctl.user).pw_uid)
        not in Path("/proc/net/unix").read_text()
    )


def test_code_that_only_its_owner_may_read_is_copied(command, tmp_path_factory):
    """umask 077 is a habit of careful people; users of a node must read our programs."""
    account = next(one for one in pwd.getpwall() if one.pw_name in WITH_IDS)
    place = Path(tempfile.mkdtemp(prefix="labctl-077-"))
    try:
        shutil.copytree(command.parents[1], place / "venv", symlinks=True)
        labctl = Installed(account.pw_name, place / "venv" / "bin" / "labctl")
        shebang(labctl.command)
        for path in (place, *place.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
            if not path.is_symlink():
                path.chmod(0o700 if path.is_dir() or path.parent.name == "bin" else 0o600)
        up = labctl("up", "primary", "--engine", "native", "--name", "umask077")
        flows = labctl("verify", "umask077", "--only", "flow.*")
    finally:
        labctl("down", "umask077")
        shutil.rmtree(place)

    assert up.returncode == 0, up.stderr
    assert flows.returncode == 0, flows.stdout


def shebang(script: Path) -> None:
    """A copied virtual environment: its scripts name the interpreter of the first one."""
    lines = script.read_text().split("\n", 1)
    script.write_text(f"#!{script.parent / 'python'}\n{lines[1]}")


# Run as root: in a user namespace that may have none below it, become somebody and run labctl.
CONFINED = """
import os, sys
ready, go = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    import ctypes
    assert ctypes.CDLL(None, use_errno=True).unshare(0x10000000) == 0  # CLONE_NEWUSER
    os.write(ready[1], b"r"); os.read(go[0], 1)
    open("/proc/sys/user/max_user_namespaces", "w").write("0")
    os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
os.read(ready[0], 1)
for name in ("uid_map", "gid_map"):
    open(f"/proc/{child}/{name}", "w").write("0 0 65536")
os.write(go[1], b"g")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_machine_that_forbids_user_namespaces_is_told_from_a_defect(command):
    """The student cannot change it; the message is for whoever runs the machine."""
    account = next(one for one in pwd.getpwall() if one.pw_name in WITHOUT_IDS)
    argv = [DEBIAN_PYTHON, "-c", CONFINED, str(account.pw_uid), str(command)]
    up = subprocess.run(
        [*argv, "up", "primary", "--engine", "native", "--name", "refused"],
        cwd="/", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert up.returncode == 3, up.stderr
    assert "does not let a lab have its own namespaces" in up.stderr
    assert "max_user_namespaces" in up.stderr
    assert "Traceback" not in up.stderr
