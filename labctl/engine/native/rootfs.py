"""The file system of a node: the host's programs read-only below, its own files above.

A lab keeps everything in one tmpfs that exists only in the supervisor's mount
namespace; when the supervisor ends, the files are gone without anyone deleting
them.  In it:

    layer/usr/    our commands, symlinks to the launcher: a lower layer over the host's /usr
    site/         what the launcher imports: labctl.node, dnspython, setproctitle (bind mounts)
    etc/          the skeleton that all nodes share below their own /etc
    nodes/NAME/   root/ (directories of the node), usr/ and etc/ (upper and work layers)

WHY A LOWER LAYER
    Without root, what belongs to the real root cannot be changed through an overlay, not even
    by adding a name to one of its directories.  A directory of the same name in a layer of ours
    is merged over it, and belongs to us.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from labctl.engine import node_code
from labctl.engine.native import kernel
from labctl.engine.native.kernel import Mount
from labctl.errors import LabError

LAB_TMPFS: Final = "mode=0755,size=50%"
HOME_OF_PROGRAMS: Final = "usr/lib/labctl"


class Base(NamedTuple):
    """Where the lab's tmpfs is, and what all nodes share in it."""

    directory: Path
    interpreter: Path | None  # to be bound into nodes, when /usr does not hold it

    def node(self, name: str) -> Path:
        return self.directory / "nodes" / name


def prepare() -> Base:
    """Build what the nodes share.  Called once, by the supervisor, in its mount namespace."""
    packages = {name: node_code.package(name) for name in ("labctl", *node_code.PACKAGES)}
    needed = [Path(entry) for entry in sys.path if entry] + list(packages.values())
    held = [os.open(path, os.O_PATH) for path in packages.values()]
    base_prefix = Path(sys.base_prefix)
    prefix_fd = os.open(base_prefix, os.O_PATH)
    directory = _mount_point([*needed, base_prefix, Path(sys.prefix)])
    kernel.mount("tmpfs", str(directory), "tmpfs", Mount.NOSUID, LAB_TMPFS)
    interpreter = None
    if not base_prefix.is_relative_to("/usr") or base_prefix.is_relative_to("/usr/local"):
        interpreter = directory / "python"
        interpreter.mkdir()
        _bind_read_only(f"/proc/self/fd/{prefix_fd}", interpreter)
    _make_layer(directory / "layer", bundled=interpreter is not None)
    _make_site(directory / "site", dict(zip(packages, held, strict=True)))
    _make_etc(directory / "etc")
    (directory / "nodes").mkdir()
    for fd in (*held, prefix_fd):
        os.close(fd)
    return Base(directory, interpreter)


def make_node(base: Base, name: str) -> None:
    """Make the directories of a node; they outlive a crash of the node."""
    node = base.node(name)
    for layer in ("usr", "etc"):
        (node / layer / "upper").mkdir(parents=True)
        (node / layer / "work").mkdir()
    root = node / "root"
    for path, mode in ROOT_DIRECTORIES.items():
        (root / path).mkdir(parents=True, exist_ok=True)
        (root / path).chmod(mode)
    for link, target in _usr_links():
        (root / link).symlink_to(target)


def remove_node(base: Base, name: str) -> None:
    """Forget the files of a node."""
    shutil.rmtree(base.node(name), ignore_errors=True)


def enter_node(base: Base, name: str, *, unprivileged: bool) -> None:
    """Make the node's tree the root of this process, which has a mount namespace of its own."""
    node = base.node(name)
    root = node / "root"
    kernel.bind(str(root), str(root))
    flags = ",userxattr" if unprivileged else ""
    layers = f"{base.directory}/layer/usr:/usr"
    for target, lower in (("usr", layers), ("etc", f"{base.directory}/etc")):
        options = (
            f"lowerdir={lower},upperdir={node}/{target}/upper,workdir={node}/{target}/work"
        )
        kernel.mount("overlay", str(root / target), "overlay", options=options + flags)
    kernel.bind(
        str(base.directory / "site"), str(root / HOME_OF_PROGRAMS / "site"), recursive=True
    )
    if base.interpreter is not None:
        kernel.bind(str(base.interpreter), str(root / HOME_OF_PROGRAMS / "prefix"))
    _make_dev(root / "dev")
    _make_proc(root / "proc")
    kernel.pivot_root(str(root))


def _mount_point(needed: Iterable[Path]) -> Path:
    """A directory of the host that may be hidden, because nothing that we need is below it."""
    for candidate in map(Path, ("/mnt", "/media", "/srv", "/opt", "/boot")):
        if candidate.is_dir() and not any(p.is_relative_to(candidate) for p in needed):
            return candidate
    raise LabError(
        "no directory of this host can be hidden to hold the lab's files",
        hint="One of /mnt, /media, /srv, /opt, /boot has to exist and not to hold labctl.",
    )


def _bind_read_only(source: str, target: Path) -> None:
    kernel.bind(source, str(target))
    # Only as root: elsewhere flags of the original mount are locked (mount_namespaces(7)), and
    # the files belong to another user than the one in the node anyway.
    try:
        kernel.mount("", str(target), flags=Mount.REMOUNT | Mount.BIND | Mount.RDONLY)
    except PermissionError:
        return


def _make_layer(layer: Path, *, bundled: bool) -> None:
    """Write our commands as symlinks, the way the Docker image has them."""
    home = layer / HOME_OF_PROGRAMS
    for directory in ("site", "prefix"):
        (home / directory).mkdir(parents=True)
    for directory in ("bin", "sbin", "local/bin", "local/sbin", "local/lib", "share", "lib"):
        (layer / "usr" / directory).mkdir(parents=True, exist_ok=True)
    executable = Path(sys.executable).resolve()
    if bundled:
        executable = Path("prefix") / executable.relative_to(Path(sys.base_prefix).resolve())
    (home / "python").symlink_to(executable)
    node_code.install(layer)


def _make_site(site: Path, packages: Mapping[str, int]) -> None:
    for name, fd in packages.items():
        target = site / name
        target.mkdir(parents=True)
        source = f"/proc/self/fd/{fd}"
        if name == "labctl":
            shutil.copy(f"{source}/__init__.py", target)
            target, source = target / "node", f"{source}/node"
            target.mkdir()
        if _is_for_everybody(Path(source)):
            _bind_read_only(source, target)
        else:
            shutil.copytree(source, target, dirs_exist_ok=True)
            _let_everybody_read(target)


def _is_for_everybody(package: Path) -> bool:
    """Users of a node read our code; who installed it with umask 077 has locked them out."""
    modes = [path.stat().st_mode for path in (package / ".", package / "__init__.py")]
    return all(mode & stat.S_IROTH for mode in modes)


def _let_everybody_read(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _make_etc(etc: Path) -> None:
    """Copy what programs of the host look up in /etc and what names no host or user."""
    etc.mkdir()
    for name in SHARED_ETC:
        source = Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, etc / name, symlinks=True, ignore=_secret)
        elif source.exists():
            shutil.copy(source, etc / name)


def _secret(directory: str, names: list[str]) -> set[str]:
    """What not everybody on the host may read is no business of a node, whoever makes it."""
    paths = {name: Path(directory) / name for name in names}
    return {name for name, path in paths.items() if not path.lstat().st_mode & stat.S_IROTH}


def _make_dev(dev: Path) -> None:
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (dev / name).touch()
        kernel.bind(f"/dev/{name}", str(dev / name))
    kernel.mount("devpts", str(dev / "pts"), "devpts", Mount.NONE, "newinstance,ptmxmode=0666")
    for link, target in DEV_LINKS.items():
        if not (dev / link).is_symlink():
            (dev / link).symlink_to(target)


def _make_proc(proc: Path) -> None:
    """Mount it the way a container has it: what reaches the host's kernel cannot be written.

    Where labctl runs as root, root in a node is root outside: a line in
    /proc/sys/kernel/core_pattern would be enough to run a program on the host.
    """
    kernel.mount("proc", str(proc), "proc", NO_PROGRAMS)
    for name in HIDDEN_IN_PROC:
        if (proc / name).is_file():
            kernel.bind("/dev/null", str(proc / name))
    for name in READ_ONLY_IN_PROC:
        if (path := proc / name).exists():
            kernel.bind(str(path), str(path))
            flags = Mount.REMOUNT | Mount.BIND | Mount.RDONLY | NO_PROGRAMS
            kernel.mount("", str(path), flags=flags)


def _usr_links() -> list[tuple[str, str]]:
    """/bin, /lib and so on, which today are links into /usr (Debian: merged-usr)."""
    links = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/") / name
        if path.is_symlink():
            links.append((name, os.readlink(path)))
        elif path.is_dir():
            raise LabError(
                f"/{name} of this host is no link into /usr",
                hint="The native engine needs a distribution with a merged /usr; "
                "use --engine docker here.",
            )
    return links


NO_PROGRAMS: Final = Mount.NOSUID | Mount.NODEV | Mount.NOEXEC
# What Docker masks and makes read-only in /proc (OCI runtime specification, linux.maskedPaths,
# linux.readonlyPaths).
HIDDEN_IN_PROC: Final = ("kcore", "keys", "latency_stats", "sched_debug", "timer_list")
READ_ONLY_IN_PROC: Final = ("acpi", "bus", "fs", "irq", "scsi", "sys", "sysrq-trigger")
SHARED_ETC: Final = (
    "alternatives",
    "bash.bashrc",
    "debian_version",
    "inputrc",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "login.defs",
    "mime.types",
    "os-release",
    "pam.conf",
    "pam.d",
    "profile",
    "protocols",
    "security",
    "services",
    "terminfo",
)
ROOT_DIRECTORIES: Final[Mapping[str, int]] = {
    "usr": 0o755,
    "etc": 0o755,
    "dev": 0o755,
    "dev/pts": 0o755,
    "dev/shm": 0o1777,
    "proc": 0o555,
    "sys": 0o555,
    "run": 0o755,
    "run/lock": 0o1777,
    "tmp": 0o1777,
    "home": 0o755,
    "root": 0o700,
    "srv": 0o755,
    "opt": 0o755,
    "mnt": 0o755,
    "var": 0o755,
    "var/cache": 0o755,
    "var/lib": 0o755,
    "var/log": 0o755,
    "var/spool": 0o755,
    "var/tmp": 0o1777,
}
DEV_LINKS: Final[Mapping[str, str]] = {
    "ptmx": "pts/ptmx",
    "fd": "/proc/self/fd",
    "stdin": "fd/0",
    "stdout": "fd/1",
    "stderr": "fd/2",
}
