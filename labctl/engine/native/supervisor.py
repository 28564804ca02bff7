"""The supervisor of a lab: PID 1 of its pid namespace, and the zygote of all its nodes.

It has the bridges in its network namespace, the files in its mount namespace, and imports all
programs of a node once, so that a node costs a fork and not an interpreter.  When it ends, the
kernel ends every process of the lab and forgets the rest: nothing can leak.

    python -m labctl.engine.native.supervisor FD

FD is a socket to the command line that starts it.  The first request, "serve", brings the
socket on which it listens from then on.

NOT HERE
    Which steps a lab needs is decided by the command line; here they are carried out.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import setproctitle

from labctl.compiler.codec import decode
from labctl.compiler.plan import Node
from labctl.engine import node_code
from labctl.engine.native import imports, kernel, protocol, rootfs
from labctl.engine.native.kernel import Mount, Namespace
from labctl.engine.native.lab import Lab
from labctl.engine.native.protocol import Closed, Message
from labctl.errors import LabError

LAB_NAMESPACES: Final = (
    Namespace.MOUNT | Namespace.NET | Namespace.UTS | Namespace.IPC | Namespace.PID
)
BACKLOG: Final = 64


def main(argv: list[str]) -> None:
    """Leave the caller's namespaces, become PID 1 of the lab's, and serve requests."""
    starter = socket.socket(fileno=int(argv[1]))
    namespaced = argv[2] == "namespaced"
    # Before anything is asked for: meanwhile the command line compiles the topology.
    preload, run_init = node_code.init()
    preload()
    try:
        if namespaced:
            _enter_user_namespace(starter)
        kernel.unshare(LAB_NAMESPACES)
        if os.fork():
            os._exit(0)
        # Also for the nodes: the first call has to come before anything clears the environment.
        setproctitle.setproctitle("labctl: supervisor of a lab")
        server = Supervisor(starter, run_init, unprivileged=namespaced)
    except OSError as error:
        refusal = LabError(
            f"this machine does not let a lab have its own namespaces: {error}",
            hint=NAMESPACE_HINT,
        )
        protocol.send(starter, protocol.refusal(refusal))
    except LabError as error:
        protocol.send(starter, protocol.refusal(error))
    else:
        server.run()


class Supervisor:
    """The event loop: requests of command lines, consoles of nodes, ends of processes."""

    def __init__(
        self,
        starter: socket.socket,
        run_init: Callable[[Sequence[str]], int],
        *,
        unprivileged: bool,
    ) -> None:
        kernel.mount("", "/", flags=Mount.REC | Mount.PRIVATE)
        kernel.mount("proc", "/proc", "proc", Mount.NOSUID | Mount.NODEV | Mount.NOEXEC)
        socket.sethostname("labctl")
        base = rootfs.prepare()
        move = imports.plan_move(bundled=base.interpreter is not None)
        self.lab = Lab(base, move, run_init, unprivileged=unprivileged)
        self._selector = selectors.DefaultSelector()
        self._visits: dict[int, socket.socket] = {}  # pid -> who waits for its end
        self._watchers: list[socket.socket] = []
        self._signals = _signal_pipe()
        self._stopping = False
        self._has_lab = False
        self._selector.register(self._signals, selectors.EVENT_READ, self._children_ended)
        self._welcome(starter)

    def run(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select():
                key.data()
                self._register_consoles()

    def _register_consoles(self) -> None:
        for name, fd in self.lab.new_consoles():
            self._selector.register(
                fd, selectors.EVENT_READ, lambda name=name, fd=fd: self._console(name, fd)
            )

    def _console(self, name: str, fd: int) -> None:
        data = os.read(fd, 65536)
        if not data:
            self._selector.unregister(fd)
            os.close(fd)
        for event in self.lab.console_output(name, data):
            self._publish(event)

    def _children_ended(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._signals, 4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self._child_ended(ended[0], os.waitstatus_to_exitcode(ended[1]))

    def _child_ended(self, pid: int, code: int) -> None:
        if channel := self._visits.pop(pid, None):
            with contextlib.suppress(Closed):
                protocol.send(channel, {"exit": code if code >= 0 else 128 - code})
        for event in self.lab.process_ended(pid, code):
            self._publish(event)

    def _publish(self, event: Message) -> None:
        for watcher in list(self._watchers):
            try:
                protocol.send(watcher, {"event": event})
            except (Closed, OSError):
                self._watchers.remove(watcher)

    # -- requests

    def _listen(self, listener: socket.socket) -> None:
        def accept() -> None:
            with contextlib.suppress(OSError):
                self._welcome(listener.accept()[0])

        self._selector.register(listener, selectors.EVENT_READ, accept)

    def _welcome(self, channel: socket.socket) -> None:
        channel.setblocking(True)
        channel.settimeout(30)
        self._selector.register(channel, selectors.EVENT_READ, lambda: self._request(channel))

    def _request(self, channel: socket.socket) -> None:
        try:
            request, fds = protocol.receive(channel)
        except (Closed, OSError):
            self._goodbye(channel)
            return
        try:
            reply = OPERATIONS[request["op"]](self, request, fds, channel)
        except LabError as error:
            reply = protocol.refusal(error)
        except OSError as error:
            reply = protocol.refusal(LabError(f"{request['op']}: {error}"))
        with contextlib.suppress(Closed):
            if reply is not None:
                protocol.send(channel, reply)

    def _goodbye(self, channel: socket.socket) -> None:
        """A command line has gone: what it was waiting for need not go on."""
        self._selector.unregister(channel)
        if channel in self._watchers:
            self._watchers.remove(channel)
        for pid, waiting in list(self._visits.items()):
            if waiting is channel:
                del self._visits[pid]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGHUP)
        channel.close()
        # Who started us has changed his mind: nobody could find us, or end us.
        self._stopping = self._stopping or not self._has_lab

    def serve(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        """Listen on the socket that came along; the lab has its name from now on."""
        listener = socket.socket(fileno=fds[0])
        listener.listen(BACKLOG)  # again, by us: SO_PEERCRED names the process that did it last
        self._listen(listener)
        self._has_lab = True
        return {}

    def observe(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        return self.lab.observed()

    def create_network(
        self, request: Message, fds: list[int], channel: socket.socket
    ) -> Message:
        self.lab.networks.create(request["name"], request["subnet"])
        return {}

    def remove_network(
        self, request: Message, fds: list[int], channel: socket.socket
    ) -> Message:
        self.lab.networks.remove(request["name"])
        return {}

    def create_node(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        self.lab.create_node(decode(Node, request["node"]), request["structure"])
        return {}

    def remove_node(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        self.lab.remove_node(request["name"])
        return {}

    def remember(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        self.lab.plan = request["plan"]
        return {}

    def recall(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        return {"plan": self.lab.plan}

    def change_files(self, request: Message, fds: list[int], channel: socket.socket) -> None:
        """Write, delete and reload in a running node; answered when it is done."""
        self._visits[self.lab.change_files(request)] = channel

    def set_link(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        self.lab.set_link(request["name"], up=request["up"])
        return {}

    def console(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        return {"text": self.lab.console(request["name"])}

    def watch(self, request: Message, fds: list[int], channel: socket.socket) -> Message:
        """Send all changes of state from now on."""
        self._watchers.append(channel)
        return {"states": self.lab.states()}

    def execute(
        self, request: Message, fds: list[int], channel: socket.socket
    ) -> Message | None:
        """Run a command in a node; answered when it ends."""
        try:
            self._visits[self.lab.execute(request, fds)] = channel
        finally:
            for fd in fds:
                os.close(fd)
        return None

    def terminal(self, request: Message, fds: list[int], channel: socket.socket) -> None:
        """Run a command on a new terminal, whose other end goes to the caller."""
        pid, controller = self.lab.terminal(request)
        self._visits[pid] = channel
        protocol.send(channel, {}, [controller])
        os.close(controller)

    def stop(self, request: Message, fds: list[int], channel: socket.socket) -> None:
        """End the lab; the caller sees the connection close when all is gone."""
        self._stopping = True


Operation = Callable[[Supervisor, Message, list[int], socket.socket], Message | None]

OPERATIONS: Final[Mapping[str, Operation]] = {
    "serve": Supervisor.serve,
    "observe": Supervisor.observe,
    "create network": Supervisor.create_network,
    "remove network": Supervisor.remove_network,
    "create node": Supervisor.create_node,
    "remove node": Supervisor.remove_node,
    "change files": Supervisor.change_files,
    "set link": Supervisor.set_link,
    "console": Supervisor.console,
    "remember": Supervisor.remember,
    "recall": Supervisor.recall,
    "watch": Supervisor.watch,
    "execute": Supervisor.execute,
    "terminal": Supervisor.terminal,
    "stop": Supervisor.stop,
}

NAMESPACE_HINT: Final = """\
A student's account needs unprivileged user namespaces. Ask whoever runs this machine to set
    sysctl kernel.unprivileged_userns_clone=1            (Debian 10 and older)
    sysctl kernel.apparmor_restrict_unprivileged_userns=0  (Ubuntu 23.10 and later)
    sysctl user.max_user_namespaces=15000
or use a Docker engine: labctl up --engine docker"""


def _enter_user_namespace(starter: socket.socket) -> None:
    kernel.unshare(Namespace.USER)
    protocol.ask(starter, {"op": "map me"})
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    with contextlib.suppress(PermissionError):  # one-uid labs: setgroups(2) is denied
        os.setgroups([])


def _signal_pipe() -> int:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    return reader


if __name__ == "__main__":
    main(sys.argv)
