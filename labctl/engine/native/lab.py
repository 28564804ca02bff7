"""The state of one native lab, as its supervisor holds it: networks, nodes, consoles."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from labctl.compiler.codec import decode
from labctl.compiler.plan import Directory, File, Node
from labctl.engine.console import understand
from labctl.engine.interface import NodeState
from labctl.engine.native import imports, rootfs
from labctl.engine.native import node as nodes
from labctl.engine.native.network import Networks, cable_name, forget_neighbours
from labctl.engine.native.node import Birth, Visit
from labctl.engine.native.protocol import Message
from labctl.engine.reconcile import digest_of
from labctl.errors import ExitCode, LabError

CONSOLE_LINES: Final = 500
TERMINAL_DEADLINE: Final = 10.0  # seconds


@dataclass(slots=True)
class Running:
    """A node that has been started, and what became of it."""

    node: Node
    structure: str
    number: int
    pid: int
    began: float
    state: NodeState = NodeState.STARTING
    reason: str = ""
    files: dict[str, str] = field(default_factory=dict)
    directories: dict[str, str] = field(default_factory=dict)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=CONSOLE_LINES))
    unfinished: str = ""


class Lab:
    """Carries out one operation at a time; whoever calls owns the event loop."""

    def __init__(
        self,
        base: rootfs.Base,
        move: imports.Move,
        run_init: Callable[[Sequence[str]], int],
        *,
        unprivileged: bool,
    ) -> None:
        self.networks = Networks()
        self.plan = ""
        self._base = base
        self._move = move
        self._run_init = run_init
        self._unprivileged = unprivileged
        self._nodes: dict[str, Running] = {}
        self._consoles: list[tuple[str, int]] = []
        self._numbers = 0

    def observed(self) -> Message:
        return {
            "networks": self.networks.subnets(),
            "nodes": {
                name: {
                    "structure": one.structure,
                    "files": one.files,
                    "directories": one.directories,
                    "state": one.state.value,
                    "reason": one.reason,
                    "addresses": [interface.address for interface in one.node.interfaces],
                }
                for name, one in self._nodes.items()
            },
        }

    def states(self) -> dict[str, str]:
        return {name: one.state.value for name, one in self._nodes.items()}

    def new_consoles(self) -> Iterator[tuple[str, int]]:
        """Give the consoles that nobody watches yet."""
        while self._consoles:
            yield self._consoles.pop()

    def create_node(self, node: Node, structure: str) -> None:
        """Start a node; it becomes ready, or fails, later."""
        self._numbers += 1
        rootfs.make_node(self._base, node.name)
        reader, writer = os.pipe()
        birth = Birth(
            node=node,
            number=self._numbers,
            bridges=[self.networks.bridge(one.network) for one in node.interfaces],
            base=self._base,
            unprivileged=self._unprivileged,
            console=writer,
            run_init=self._run_init,
            move=self._move,
        )
        pid = nodes.start(birth)
        os.close(writer)
        self._nodes[node.name] = Running(
            node,
            structure,
            self._numbers,
            pid,
            time.monotonic(),
            files=_digests(node.files),
            directories=_digests(node.directories),
        )
        self._consoles.append((node.name, reader))

    def remove_node(self, name: str) -> None:
        """End all processes of a node and forget its files."""
        one = self._nodes.pop(name, None)
        if one is None:
            return
        if one.state in (NodeState.STARTING, NodeState.READY):
            os.kill(one.pid, signal.SIGKILL)
            os.waitpid(one.pid, 0)
        rootfs.remove_node(self._base, name)

    def change_files(self, request: Message) -> int:
        """Fork the process that changes files in a node; give its pid."""
        one = self._running(request["name"])
        files = [decode(File, file) for file in request["write"]]
        directories = [decode(Directory, one) for one in request["make"]]
        gone: list[str] = request["delete"]
        services: list[str] = request["reload"]

        def change() -> int:
            nodes.delete_files(gone)
            nodes.write_files(files, directories)
            return nodes.reload_services(services)

        pid = nodes.visit(one.pid, self._move, change)
        one.files.update(_digests(files))
        one.directories.update(_digests(directories))
        for path in gone:
            one.files.pop(path, None)
        return pid

    def execute(self, request: Message, fds: Sequence[int]) -> int:
        """Fork a command into a node; give its pid."""
        command = Visit(request["argv"], request["user"], request["env"], fds, terminal=False)
        one = self._running(request["name"])
        return nodes.visit(one.pid, self._move, lambda: nodes.run_command(command))

    def terminal(self, request: Message) -> tuple[int, int]:
        """Fork a command onto a terminal of the node; give its pid and the terminal's end."""
        one = self._running(request["name"])
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.settimeout(TERMINAL_DEADLINE)
            ours.settimeout(TERMINAL_DEADLINE)

            def run() -> int:
                # Opened in the node, so that tty(1) there finds it in /dev/pts.
                controller, terminal = os.openpty()
                socket.send_fds(theirs, [b"t"], [controller])
                os.close(controller)
                fds = (terminal, terminal, terminal)
                return nodes.run_command(
                    Visit(request["argv"], request["user"], request["env"], fds, terminal=True)
                )

            pid = nodes.visit(one.pid, self._move, run)
            _, (controller,), _, _ = socket.recv_fds(ours, 1, 1)
        return pid, controller

    def set_link(self, name: str, *, up: bool) -> None:
        one = self._running(name)
        for position, _ in enumerate(one.node.interfaces):
            self.networks.set_link(cable_name(one.number, position), up=up)
        addresses = {interface.address for interface in one.node.interfaces}
        others = [other for other in self._nodes.values() if other is not one]
        for other in others:
            nodes.visit(other.pid, self._move, lambda: forget_neighbours(addresses))

    def console(self, name: str) -> str:
        one = self._nodes.get(name)
        return "\n".join(one.lines) if one else ""

    def console_output(self, name: str, data: bytes) -> Iterator[Message]:
        """Take what a node printed; give the changes of state that it reports."""
        one = self._nodes.get(name)
        if one is None:
            return
        *lines, one.unfinished = (one.unfinished + data.decode(errors="replace")).split("\n")
        for line in lines:
            one.lines.append(line)
            yield from self._console_line(name, one, line)

    def process_ended(self, pid: int, code: int) -> Iterator[Message]:
        """Take the end of a process; give the change of state if it was a node's init."""
        for name, one in self._nodes.items():
            if one.pid == pid:
                one.state = NodeState.FAILED
                one.reason = one.reason or f"init ended with status {code}"
                yield self._event(name, one, one.reason)

    def _console_line(self, name: str, one: Running, line: str) -> Iterator[Message]:
        if said := understand(line):
            one.state, one.reason = said
            yield self._event(name, one, said.reason)

    def _event(self, name: str, one: Running, detail: str) -> Message:
        return {
            "node": name,
            "state": one.state.value,
            "detail": detail,
            "seconds": round(time.monotonic() - one.began, 3),
        }

    def _running(self, name: str) -> Running:
        one = self._nodes.get(name)
        if one is None:
            raise LabError(
                f"no node is called {name!r}",
                hint=f"This lab has: {', '.join(sorted(self._nodes))}.",
                exit_code=ExitCode.USAGE,
            )
        if one.state is NodeState.FAILED and not _alive(one.pid):
            raise LabError(f"node {name} has ended: {one.reason}", hint="labctl up starts it.")
        return one


def _digests(them: Iterable[File | Directory]) -> dict[str, str]:
    return {one.path: digest_of(one) for one in them}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
