"""A lab for mail clients: a node that serves mail, and a machine with the clients of Debian."""

from __future__ import annotations

import io
import os
import secrets
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).parent
NODE_IMAGE: Final = os.environ.get("ORACLE_IMAGE", "labctl/node:latest")
CLIENT_IMAGE: Final = "labctl/clients:latest"
BASES: Final = ("labctl/base:bookworm", "debian:bookworm-slim")  # as `labctl images build` does
HOST: Final = "mail.example.test"
USER, PASSWORD = "ann", "ann-pw"
SPOOL: Final = f"/var/mail/{USER}"
HOME: Final = "/home/reader"  # of whom the clients run as
DEADLINE: Final = 120.0  # seconds, for one command
BUILDING: Final = 900.0  # most of it is Debian's archive

NODE_FILES: Final = {
    "/etc/postfix/main.cf": f"""\
compatibility_level = 3.6
maillog_file = /var/log/maillog
inet_protocols = ipv4
myhostname = {HOST}
mydestination = {HOST}
""",
    "/etc/inetd.conf": """\
pop3 stream tcp nowait.10000 root /usr/sbin/ipop3d ipop3d
imap2 stream tcp nowait.10000 root /usr/sbin/imapd imapd
""",
}


class Machine(NamedTuple):
    """A container, and who acts in it."""

    container: str
    address: str
    user: str

    def run(
        self, *argv: str, stdin: bytes = b"", status: int | None = 0, terminal: bool = False
    ) -> bytes:
        """Run a command to its end; its output, errors and all."""
        options = ["-t", "-e", "TERM=xterm"] if terminal else ["-i"]
        options += ["-u", self.user, "-e", f"HOME={HOME}", "-w", "/tmp"]
        # docker(1) alone would leave the command behind when the time is up.
        command = [*options, self.container, "timeout", str(int(DEADLINE)), *argv]
        return docker("exec", *command, stdin=stdin, status=status)

    def write(self, path: str, content: bytes | str, *options: str) -> None:
        """Make a file that only its owner can read, and the directories above it."""
        data = content.encode() if isinstance(content, str) else content
        self.run("install", "-D", "-m", "600", *options, "/dev/stdin", path, stdin=data)

    def read(self, path: str) -> bytes:
        """What is in a file."""
        return self.run("cat", path)

    def files(self, path: str) -> dict[str, bytes]:
        """Every file below a directory, by its path."""
        packed = self.run("tar", "-C", path, "-c", ".")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            members = [member for member in archive if member.isfile()]
            return {one.name: archive.extractfile(one).read() for one in members}  # type: ignore[union-attr]  # a file has content

    def unpack(self, path: str, files: Mapping[str, bytes]) -> None:
        """Make many files at once."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        self.run("tar", "-C", path, "--no-same-owner", "-x", stdin=packed.getvalue())


class Lab(NamedTuple):
    """Who serves, and where the clients are."""

    node: Machine
    client: Machine

    def begin(self, mode: str, letters: Sequence[bytes]) -> None:
        """No mail but these letters, no folders, nothing that a client remembers."""
        homes = [f"/home/{USER}", "/var/mail"]
        self.node.run("find", *homes, "-mindepth", "1", "-delete")
        self.client.run("find", HOME, "-mindepth", "1", "-delete")
        self.node.write("/etc/labctl/mailbox_mode", f"{mode}\n", "-m", "644")
        # Also without letters: the spool's directory lets no user make a file in it.
        self.node.write(SPOOL, mbox(letters), "-m", "660", "-o", USER, "-g", "mail")


def mbox(letters: Sequence[bytes]) -> bytes:
    """The letters as local(8) would have put them one behind the other."""
    return b"".join(
        b"From bob@example.test Mon Jan  5 10:00:00 2004\n" + letter + b"\n"
        for letter in letters
    )


def docker(
    *words: str, stdin: bytes = b"", status: int | None = 0, timeout: float = DEADLINE + 20
) -> bytes:
    """Run docker(1); its output.  Another exit status than this is a failure; None is any."""
    done = subprocess.run(
        ["docker", *words],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
    )
    shown = done.stdout[-2000:].decode(errors="replace")
    assert status in (None, done.returncode), f"{words}: status {done.returncode}\n{shown}"
    return done.stdout


def until(happened: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Look until it has happened."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


@contextmanager
def laboratory() -> Iterator[Lab]:
    """A lab that is gone afterwards, whatever happens."""
    build_clients()
    name = f"labctl-clients-{secrets.token_hex(3)}"
    with ExitStack() as stack:
        prefix = stack.enter_context(network(name))
        node = Machine(f"{name}-node", f"{prefix}.2", "root")
        client = Machine(f"{name}-client", f"{prefix}.3", "reader")
        for machine, image in ((node, NODE_IMAGE), (client, CLIENT_IMAGE)):
            stack.enter_context(container(machine, image, name, prefix))
        serve(node)
        yield Lab(node, client)


def build_clients() -> None:
    """Build the image of the clients; Docker knows when nothing has changed."""
    there = [base for base in BASES if docker("images", "-q", base).strip()]
    base = (there or BASES[-1:])[0]
    words = ["build", "-q", "--build-arg", f"BASE={base}", "-t", CLIENT_IMAGE, str(HERE)]
    docker(*words, timeout=BUILDING)


@contextmanager
def network(name: str) -> Iterator[str]:
    """A network on the first small subnet that nobody has; the first three numbers of it."""
    for third in range(200, 232):
        prefix = f"198.19.{third}"
        words = ["--internal", "--subnet", f"{prefix}.0/28", "--gateway", f"{prefix}.1", name]
        told = docker("network", "create", *words, status=None)
        if b"overlap" not in told:
            break
    docker("network", "inspect", name)
    try:
        yield prefix
    finally:
        docker("network", "rm", name)


@contextmanager
def container(machine: Machine, image: str, network: str, prefix: str) -> Iterator[None]:
    """An idle container that knows both machines and us by name."""
    known = {
        HOST: f"{prefix}.2",
        "clients.example.test": f"{prefix}.3",
        "we.test": f"{prefix}.1",
    }
    hosts = [word for name, ip in known.items() for word in ("--add-host", f"{name}:{ip}")]
    where = ["--network", network, "--ip", machine.address, "--name", machine.container, *hosts]
    hostname = HOST if machine.user == "root" else "clients.example.test"
    try:
        docker(
            "run", "-d", "--init", "--hostname", hostname, *where, image, "sleep", "infinity"
        )
        yield
    finally:
        docker("rm", "-f", machine.container, status=None)


def serve(node: Machine) -> None:
    """One user, the mail system, the super-server."""
    for path, text in NODE_FILES.items():
        node.write(path, text, "-m", "644")
    node.run("useradd", "-m", USER)
    node.run("chpasswd", stdin=f"{USER}:{PASSWORD}\n".encode())
    docker("exec", "-d", node.container, "postfix", "start")
    docker("exec", "-d", node.container, "inetd")
    for port in (25, 110, 143):
        until(lambda port=port: answers(node.address, port), f"port {port} answers")  # type: ignore[misc]  # mypy knows no default of a lambda


def answers(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as attempt:
        attempt.settimeout(5)
        return attempt.connect_ex((address, port)) == 0
