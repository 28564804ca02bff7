"""One node of a native lab: how a fork of the supervisor becomes a machine, or visits one.

STATES OF THE CHILD
    forked (in a new pid namespace, where it is PID 1)
      -> own mount, network, uts and ipc namespaces
      -> cables plugged in, tree of the node made the root
      -> files of the plan written, capabilities given up
      -> runs init; never returns
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import setproctitle

from labctl.compiler.plan import Directory, File, Node
from labctl.engine.native import imports, kernel, rootfs
from labctl.engine.native.kernel import Namespace
from labctl.engine.native.network import Cabling

OWN_NAMESPACES: Final = Namespace.MOUNT | Namespace.NET | Namespace.UTS | Namespace.IPC
ENTERED: Final = {
    "net": Namespace.NET,
    "uts": Namespace.UTS,
    "ipc": Namespace.IPC,
    "mnt": Namespace.MOUNT,  # last: the paths of the others are read in the old one
}
# By the supervisor, or by Python; a command that inherits that cannot be ended with Ctrl-C.
IGNORED_BY_US: Final = (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ)
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Birth(NamedTuple):
    """What a node needs to begin its life."""

    node: Node
    number: int
    bridges: Sequence[int]
    base: rootfs.Base
    unprivileged: bool
    console: int
    run_init: Callable[[Sequence[str]], int]
    move: imports.Move


class Visit(NamedTuple):
    """A command that is run in a node."""

    argv: Sequence[str]
    user: str
    environment: Mapping[str, str]
    fds: Sequence[int]  # what becomes 0, 1 and 2
    terminal: bool


def start(birth: Birth) -> int:
    """Fork a node; give the pid of its init as the supervisor sees it."""
    return _fork_in(lambda: kernel.unshare(Namespace.PID), lambda: _become(birth))


def visit(init: int, move: imports.Move, action: Callable[[], int]) -> int:
    """Fork a process that enters the namespaces of a node and runs ``action`` there."""
    fds = {name: os.open(f"/proc/{init}/ns/{name}", os.O_RDONLY) for name in ("pid", *ENTERED)}
    try:
        return _fork_in(
            lambda: kernel.enter(fds["pid"], Namespace.PID), lambda: _enter(fds, move, action)
        )
    finally:
        for fd in fds.values():
            os.close(fd)


def run_command(command: Visit) -> int:
    """Become the command of a visit; for use in the process that ``visit()`` makes."""
    os.setsid()
    for number, fd in enumerate(command.fds):
        os.dup2(fd, number)
    kernel.drop_capabilities()
    account = _account(command.user or "root")
    if command.terminal:
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.closerange(3, 256)
    _take_identity(account)
    environment = {
        "PATH": PATH,
        "HOME": account.pw_dir,
        "USER": account.pw_name,
        "LOGNAME": account.pw_name,
        "SHELL": account.pw_shell or "/bin/sh",
        "LANG": "C.UTF-8",
        **command.environment,
    }
    with contextlib.suppress(OSError):
        os.chdir(account.pw_dir)
    for number in IGNORED_BY_US:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(command.argv[0], list(command.argv), environment)
    except OSError as error:
        # As a shell has it: 127 not found, 126 found and not to be run.
        print(f"labctl: {command.argv[0]}: {error.strerror}", file=sys.stderr)
        return 127 if isinstance(error, FileNotFoundError) else 126


def write_files(files: Sequence[File], directories: Sequence[Directory] = ()) -> int:
    """Write files of the plan in the node that we are in."""
    # passwd and group first: they say who the owners of the others are.
    first = {"/etc/group": 0, "/etc/passwd": 1}
    ordered = sorted(files, key=lambda file: first.get(file.path, 2))
    names = [file for file in ordered if file.path in first]
    for file in names:
        _write(file)
    for directory in directories:
        path = Path(directory.path)
        path.mkdir(parents=True, exist_ok=True)
        _own(path, directory.owner, directory.group)
        path.chmod(int(directory.mode, 8))
    for file in ordered[len(names) :]:
        _write(file)
    return 0


def delete_files(paths: Sequence[str]) -> int:
    """Delete files in the node that we are in; what is gone already is fine."""
    for path in paths:
        Path(path).unlink(missing_ok=True)
    return 0


def reload_services(names: Sequence[str]) -> int:
    """Ask init of the node that we are in to have services read their files again."""
    if not names:
        return 0
    command = ["/usr/sbin/init", "reload", *names]
    return subprocess.run(command, check=False, env={"PATH": PATH}).returncode


def _become(birth: Birth) -> int:
    os.setsid()
    cabling = Cabling(birth.number, birth.node.interfaces, birth.bridges)
    kernel.unshare(OWN_NAMESPACES)
    kernel.mount("", "/", flags=kernel.Mount.REC | kernel.Mount.PRIVATE)
    socket.sethostname(birth.node.hostname)
    cabling.plug_in()
    rootfs.enter_node(birth.base, birth.node.name, unprivileged=birth.unprivileged)
    imports.relocate(birth.move)
    os.umask(0o022)
    write_files(birth.node.files, birth.node.directories)
    null = os.open("/dev/null", os.O_RDONLY)
    for number, fd in enumerate((null, birth.console, birth.console)):
        os.dup2(fd, number)
    os.closerange(3, 1024)
    _reopen_standard_streams()
    kernel.drop_capabilities(kernel.KEPT_CAPABILITIES | {kernel.CAP_NET_ADMIN})  # init drops it
    setproctitle.setproctitle("init")
    os.environ.clear()
    os.environ.update(PATH=PATH, HOME="/root", LANG="C.UTF-8")
    return birth.run_init(["init"])


def _reopen_standard_streams() -> None:
    """The old objects remember what the descriptors were before: seekable, or buffered."""
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)


def _enter(fds: Mapping[str, int], move: imports.Move, action: Callable[[], int]) -> int:
    kernel.die_with_parent(signal.SIGKILL)
    for name, namespace in ENTERED.items():
        kernel.enter(fds[name], namespace)
    imports.relocate(move)
    os.umask(0o022)
    return action()


def _run_and_exit(action: Callable[[], int]) -> NoReturn:
    """Never let a fork return into the supervisor's loop."""
    status = 70  # EX_SOFTWARE
    try:
        status = action()
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _fork_in(enter_namespace: Callable[[], None], action: Callable[[], int]) -> int:
    """Fork a child into the pid namespace that ``enter_namespace`` chooses for children."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        enter_namespace()
        pid = os.fork()
        if pid == 0:
            _run_and_exit(action)
        return pid
    finally:
        kernel.enter(own, Namespace.PID)
        os.close(own)


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        if name == "root":
            return pwd.struct_passwd(("root", "x", 0, 0, "root", "/root", "/bin/sh"))
        print(f"labctl: this node has no user {name!r}", file=sys.stderr)
        raise SystemExit(126) from None


def _take_identity(account: pwd.struct_passwd) -> None:
    if account.pw_uid == 0:
        return
    try:
        os.setgroups(os.getgrouplist(account.pw_name, account.pw_gid))
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    except OSError:
        # One-uid labs: there is nobody else to become.
        return


def _write(file: File) -> None:
    path = Path(file.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.labctl")
    temporary.write_text(file.content, encoding="utf-8")
    _own(temporary, file.owner, file.group)
    temporary.chmod(int(file.mode, 8))
    temporary.rename(path)


def _own(path: Path, owner: str, group: str) -> None:
    if (owner, group) == ("root", "root"):
        return
    try:
        os.chown(path, _uid(owner), _gid(group))
    except OSError:
        # One-uid labs: all files belong to the one user that there is.
        return


def _uid(owner: str) -> int:
    return int(owner) if owner.isdigit() else pwd.getpwnam(owner).pw_uid


def _gid(group: str) -> int:
    return int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
