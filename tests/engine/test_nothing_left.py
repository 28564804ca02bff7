"""`down` leaves nothing: what a lab was is written down first, and looked for afterwards.

The inventory is that of one lab, so that other labs on the machine may come and go meanwhile.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from labctl.engine.native import launch

LABCTL = [sys.executable, "-m", "labctl"]
NAMESPACES = ("mnt", "net", "uts", "ipc", "pid", "user")
DOCKER_SOCKET = "/var/run/docker.sock"
DEADLINE = 10.0
GONE = "?"
PR_SET_CHILD_SUBREAPER = 36


class Inventory(NamedTuple):
    """Everything of one lab that the kernel, a disk or a Docker engine could keep."""

    processes: frozenset[str] = frozenset()  # pid and start time
    namespaces: frozenset[str] = frozenset()
    sockets: frozenset[str] = frozenset()
    mounts: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    docker: frozenset[str] = frozenset()


def inventory(lab: str, before: Inventory | None = None) -> Inventory:
    """What there is of ``lab``; or, of what there was ``before``, what is still there."""
    if before is None:
        mine = _tree(supervisor_of(lab))
        processes = frozenset(f"{pid} {started}" for pid, started in mine.items())
        namespaces = frozenset(
            one for pid in mine for one in _namespaces(pid) if one not in _namespaces("self")
        )
    else:
        alive = _all()
        processes = before.processes & {f"{pid} {started}" for pid, started in alive.items()}
        namespaces = before.namespaces & {one for pid in alive for one in _namespaces(pid)}
    return Inventory(
        processes,
        namespaces,
        frozenset(line.split()[-1] for line in _lines("/proc/net/unix") if f"/{lab}" in line),
        frozenset(line for line in _lines("/proc/self/mountinfo") if _is_ours(line, lab)),
        frozenset(name for name in os.listdir("/sys/class/net") if lab in name),
        frozenset(
            str(path)
            for place in ("/tmp", "/run", "/dev/shm", "/var/tmp")
            for path in Path(place).glob(f"*{lab}*")
        ),
        _docker(lab),
    )


def supervisor_of(lab: str) -> int:
    channel = launch.connect(lab)
    if channel is None:
        return 0
    with channel:
        return launch.supervisor_pid(channel)


def _is_ours(mount: str, lab: str) -> bool:
    point = mount.split()[4]
    return lab in mount or (point in ("/mnt", "/media", "/srv") and " tmpfs " in mount)


def _docker(lab: str) -> frozenset[str]:
    if not os.path.exists(DOCKER_SOCKET):
        return frozenset()
    kinds = (["ps", "-a"], ["network", "ls"], ["volume", "ls"])
    chosen = ["-q", "--filter", f"label=dev.labctl.lab={lab}"]
    listed = [
        subprocess.run(["docker", *kind, *chosen], capture_output=True, text=True, check=True)
        for kind in kinds
    ]
    return frozenset(word for one in listed for word in one.stdout.split())


def _tree(top: int) -> dict[str, str]:
    """A process and all below it: pid -> start time."""
    parents = {pid: _stat(pid)[1] for pid in _all()}
    found = {str(top)} if top else set()
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: started for pid, started in _all().items() if pid in found}


def _all() -> dict[str, str]:
    started = {pid: _stat(pid)[19] for pid in os.listdir("/proc") if pid.isdigit()}
    return {pid: when for pid, when in started.items() if when != GONE}


def _stat(pid: str) -> list[str]:
    """The fields of proc(5) /proc/PID/stat after the name; a zombie counts as gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return [GONE] * 22
    return fields if fields[0] != "Z" else [GONE] * 22


def _namespaces(pid: str) -> frozenset[str]:
    found = set()
    for kind in NAMESPACES:
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
        except OSError:
            continue
    return frozenset(found)


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def until(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true; the kernel ends many processes one after the other."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def up(labctl, engine, lab, topology) -> Inventory:
    done = labctl("up", str(topology), "--engine", engine)
    assert done.returncode == 0, done.stderr
    return inventory(lab)


@pytest.fixture
def orphans() -> Iterator[Callable[[], set[str]]]:
    """Processes whose parents have ended come to us; what is a child of ours and was not."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ours = _tree(os.getpid()).keys()
    yield lambda: _tree(os.getpid()).keys() - ours
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def test_down_leaves_nothing(up, labctl, lab, engine):
    """A term of lessons on one machine must not fill it with remains."""
    assert up.docker if engine == "docker" else len(up.processes) > 10
    assert engine == "docker" or (up.sockets and len(up.namespaces) >= 12)

    assert labctl("down", lab).returncode == 0

    assert inventory(lab, before=up) == Inventory()


@pytest.mark.native
def test_a_killed_supervisor_takes_the_lab_with_it(labctl, lab, topology):
    """Nothing has to be cleaned up, so nothing can be forgotten."""
    labctl("up", str(topology), "--engine", "native")
    up = inventory(lab)
    assert len(up.processes) > 10

    os.kill(supervisor_of(lab), signal.SIGKILL)

    assert until(lambda: inventory(lab, before=up) == Inventory())
    assert labctl("status", lab).returncode == 2
    assert labctl("up", str(topology), "--engine", "native").returncode == 0


def test_a_failed_up_leaves_nothing_that_down_does_not_remove(labctl, engine, lab, topology):
    """The lab stays to be looked at, and not a minute longer."""
    broken = '    files: {/etc/inittab: "broken:wait::/no/such/program\\n"}\n'
    topology.write_text(topology.read_text() + broken)
    assert labctl("up", str(topology), "--engine", engine).returncode == 1
    up = inventory(lab)
    assert up != Inventory()

    assert labctl("down", lab).returncode == 0

    assert inventory(lab, before=up) == Inventory()


@pytest.mark.parametrize("delay", [0.3, 0.6, 1.0, 1.5])
def test_ctrl_c_leaves_nothing_that_down_does_not_remove(
    labctl, engine, lab, topology, delay, orphans
):
    """Whatever was begun has the name of the lab, from the first moment on."""
    argv = [*LABCTL, "up", str(topology), "--engine", engine]
    running = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
    try:
        running.wait(delay)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    up = inventory(lab)

    assert running.returncode in (130, 0, -signal.SIGINT), said
    assert "Traceback" not in said
    assert labctl("down", lab).returncode == 0
    assert inventory(lab, before=up) == Inventory()
    assert until(lambda: not orphans())


class DyingProxy:
    """A Docker engine that dies when it is asked for its second container."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        self._open: list[socket.socket] = [self._listener]
        self._created = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(DOCKER_SOCKET)
            self._open += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._created += data.startswith(b"POST ") and b"/containers/create" in data
                if self._created == 2:
                    self.die()
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def die(self) -> None:
        self.path.unlink(missing_ok=True)
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def dying_engine(tmp_path) -> Iterator[DyingProxy]:
    proxy = DyingProxy(tmp_path / "docker.sock")
    yield proxy
    proxy.die()


@pytest.mark.docker
def test_an_engine_that_dies_during_up_loses_nothing(labctl, lab, topology, dying_engine):
    """Somebody restarts Docker in the middle of a lesson."""
    environment = {**os.environ, "DOCKER_HOST": f"unix://{dying_engine.path}"}
    argv = [*LABCTL, "up", str(topology), "--engine", "docker"]
    died = subprocess.run(
        argv, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert died.returncode == 3, died.stderr
    assert "Docker engine" in died.stderr
    assert "Traceback" not in died.stderr

    again = labctl("up", str(topology), "--engine", "docker")

    assert again.returncode == 0, again.stderr
    assert "create network lan" not in again.stderr  # it is there, and goes on being used


@pytest.mark.docker
def test_a_missing_engine_is_named(labctl, lab, topology, tmp_path, monkeypatch):
    """ "Connection aborted" tells nobody that Docker is not running."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")

    up = labctl("up", str(topology), "--engine", "docker")

    assert up.returncode == 3
    assert "no Docker engine answers" in up.stderr
    assert "--engine native" in up.stderr
