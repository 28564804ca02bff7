"""The native engine: asks the supervisor of a lab for what the interface promises."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

from labctl.compiler.codec import encode
from labctl.compiler.plan import Node, Plan
from labctl.engine.interface import (
    Completed,
    Event,
    LabInfo,
    NodeState,
    Observed,
    ObservedNode,
    Session,
    Step,
    StepKind,
)
from labctl.engine.native import launch, protocol
from labctl.engine.native.protocol import Message
from labctl.engine.reconcile import structure_of
from labctl.errors import ExitCode, LabError


class NativeEngine:
    """Labs of Linux namespaces; see ``labctl.engine.interface.Engine`` for the verbs."""

    name = "native"

    def __init__(self) -> None:
        self.notice = ""
        self._starting: launch.Starting | None = None

    def labs(self) -> list[LabInfo]:
        labs = []
        for name in launch.running_labs():
            observed = self.observe(name)
            ready = sum(one.state is NodeState.READY for one in observed.nodes.values())
            labs.append(LabInfo(name, self.name, len(observed.nodes), ready))
        return labs

    def taken_subnets(self, lab: str) -> Mapping[str, str]:
        return {}  # a lab has a network namespace of its own

    def observe(self, lab: str) -> Observed:
        channel = launch.connect(lab)
        if channel is None:
            return Observed()
        with channel:
            message = protocol.ask(channel, {"op": "observe"})
        nodes = {
            name: ObservedNode(
                structure=one["structure"],
                files=one["files"],
                state=NodeState(one["state"]),
                directories=one.get("directories", {}),  # labs of older versions have none
                addresses=tuple(one["addresses"]),
                reason=one["reason"],
            )
            for name, one in message["nodes"].items()
        }
        return Observed(message["networks"], nodes)

    def expect(self) -> None:
        self._starting = launch.begin()

    def prepare(self, plan: Plan, report: Callable[[str], None]) -> None:
        pass  # nodes are made from what is installed here

    def apply(
        self, steps: Sequence[Step], plan: Plan, *, starting: Sequence[str], timeout: float
    ) -> Iterator[Event]:
        deadline = time.monotonic() + timeout
        channel = launch.connect(plan.lab)
        if channel is None:
            supervisor = self._starting or launch.begin()
            channel, self.notice = launch.give_lab(supervisor, plan.lab)
        with channel:
            began = time.monotonic()
            with self._connected(plan.lab) as watcher:
                states = protocol.ask(watcher, {"op": "watch"})["states"]
                waiting = {one for one in starting if states.get(one) == NodeState.STARTING}
                arrivals = _Arrivals(watcher, waiting)
                for step, request in _requests(steps, plan):
                    if request:
                        _carry_out(channel, step, request)
                    if step.kind is StepKind.CREATE_NODE:
                        waiting.add(step.name)
                    seconds = time.monotonic() - began
                    yield Event(step.name, step.kind.value, step.cause, seconds)
                    yield from arrivals.so_far()
                yield from arrivals.until(deadline)

    def execute(
        self, lab: str, node: str, argv: Sequence[str], *, stdin: bytes = b"", user: str = ""
    ) -> Completed:
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(open(_memory_file(name), "r+b")) for name in "ioe"]
            files[0].write(stdin)
            files[0].seek(0)
            code = self._run(lab, node, argv, [file.fileno() for file in files], user, {})
            for file in files[1:]:
                file.seek(0)
            return Completed(code, files[1].read(), files[2].read())

    def interact(self, lab: str, node: str, argv: Sequence[str], *, terminal: bool) -> int:
        environment = {"TERM": os.environ.get("TERM", "dumb")}
        if not terminal:
            return self._run(lab, node, argv, [0, 1, 2], "", environment)
        with self._connected(lab) as channel:
            request = _execute("terminal", node, argv, "", environment)
            protocol.send(channel, request)
            _, (controller,) = protocol.answer(channel)
            return _relay(channel, controller)

    def attach(self, lab: str, node: str, argv: Sequence[str]) -> Session:
        channel = self._connected(lab)
        ours, theirs = socket.socketpair()
        with theirs, open(os.devnull, "wb") as null:
            fds = [theirs.fileno(), theirs.fileno(), null.fileno()]
            protocol.send(channel, _execute("execute", node, argv, "", {}), fds)
        return _Attached(channel, ours)

    def console(self, lab: str, node: str) -> str:
        with self._connected(lab) as channel:
            return str(protocol.ask(channel, {"op": "console", "name": node})["text"])

    def remember(self, lab: str, plan: str) -> None:
        with self._connected(lab) as channel:
            protocol.ask(channel, {"op": "remember", "plan": plan})

    def recall(self, lab: str) -> str:
        with self._connected(lab) as channel:
            return str(protocol.ask(channel, {"op": "recall"})["plan"])

    def set_link(self, lab: str, node: str, *, up: bool) -> None:
        with self._connected(lab) as channel:
            protocol.ask(channel, {"op": "set link", "name": node, "up": up})

    def remove(self, lab: str) -> bool:
        channel = launch.connect(lab)
        if channel is None:
            return False
        with channel:
            launch.end(channel)
        return True

    def _connected(self, lab: str) -> socket.socket:
        channel = launch.connect(lab)
        if channel is None:
            raise LabError(
                f"no lab called {lab!r} is running on the native engine",
                hint="labctl status lists the labs; labctl up starts one.",
                exit_code=ExitCode.USAGE,
            )
        return channel

    def _run(
        self,
        lab: str,
        node: str,
        argv: Sequence[str],
        fds: Sequence[int],
        user: str,
        environment: Mapping[str, str],
    ) -> int:
        with self._connected(lab) as channel:
            channel.settimeout(None)  # the command's time is the user's
            protocol.send(channel, _execute("execute", node, argv, user, environment), fds)
            return int(protocol.answer(channel)[0]["exit"])


class _Attached:
    """A process at the other end of a socket."""

    def __init__(self, channel: socket.socket, pipe: socket.socket) -> None:
        self._channel = channel
        self._pipe = pipe
        self.stdin: IO[bytes] = pipe.makefile("wb")
        self.stdout: IO[bytes] = pipe.makefile("rb")

    def close(self) -> None:
        for stream in (self.stdin, self.stdout, self._pipe, self._channel):
            stream.close()


def _execute(
    operation: str, node: str, argv: Sequence[str], user: str, env: Mapping[str, str]
) -> Message:
    return {"op": operation, "name": node, "argv": list(argv), "user": user, "env": dict(env)}


def _requests(steps: Sequence[Step], plan: Plan) -> Iterator[tuple[Step, Message]]:
    """Each step with its request; the first that changes files of a node has that of all."""
    for step in steps:
        if make := REQUESTS.get(step.kind):
            yield step, make(step, plan)
    changed = dict.fromkeys(step.name for step in steps if step.kind in FILE_STEPS)
    for name in changed:
        yield from _file_request(name, [one for one in steps if one.name == name], plan)


def _file_request(
    name: str, steps: Sequence[Step], plan: Plan
) -> Iterator[tuple[Step, Message]]:
    paths = {kind: [p for s in steps if s.kind is kind for p in s.paths] for kind in FILE_STEPS}
    written = set(paths[StepKind.WRITE_FILES])
    files = [encode(file) for file in plan.node(name).files if file.path in written]
    made = set(paths[StepKind.MAKE_DIRECTORIES])
    directories = [encode(one) for one in plan.node(name).directories if one.path in made]
    request = {
        "op": "change files",
        "name": name,
        "write": files,
        "make": directories,
        "delete": paths[StepKind.DELETE_FILES],
        "reload": [step.service for step in steps if step.kind is StepKind.RELOAD],
    }
    for step in steps:
        if step.kind in FILE_STEPS:
            yield step, request
            request = {}


def _carry_out(channel: socket.socket, step: Step, request: Message) -> None:
    if protocol.ask(channel, request).get("exit", 0):
        raise LabError(
            f"node {step.name}: its files could not be changed, or a service not reloaded",
            hint=f"Look at it: labctl logs {step.name}   labctl logs {step.name} --console",
            exit_code=ExitCode.FAILED,
        )


def _create_node(step: Step, plan: Plan) -> Message:
    node: Node = plan.node(step.name)
    return {"op": "create node", "node": encode(node), "structure": structure_of(node)}


def _create_network(step: Step, plan: Plan) -> Message:
    subnet = next(one.subnet for one in plan.networks if one.name == step.name)
    return {"op": "create network", "name": step.name, "subnet": subnet}


def _remove(operation: str) -> Callable[[Step, Plan], Message]:
    return lambda step, plan: {"op": operation, "name": step.name}


class _Arrivals:
    """News of the nodes in ``waiting``, which become ready or fail.

    They have to be read while others are still being made: a supervisor whose watcher does
    not listen has to wait for it, and some tens of events fill a socket.
    """

    def __init__(self, watcher: socket.socket, waiting: set[str]) -> None:
        self._watcher, self._waiting = watcher, waiting

    def so_far(self) -> Iterator[Event]:
        """Give what has come already."""
        while select.select([self._watcher], [], [], 0)[0]:
            yield from self._next()

    def until(self, deadline: float) -> Iterator[Event]:
        """Give the rest; who is late is said to be."""
        while self._waiting:
            self._watcher.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                yield from self._next()
            except TimeoutError:
                for name in sorted(self._waiting):
                    yield Event(name, NodeState.STARTING.value, "not ready in time")
                return

    def _next(self) -> Iterator[Event]:
        event = protocol.answer(self._watcher)[0]["event"]
        if event["node"] in self._waiting:
            self._waiting.discard(event["node"])
            yield Event(event["node"], event["state"], event["detail"], event["seconds"])


def _memory_file(name: str) -> int:
    return os.memfd_create(f"labctl-{name}")


def _relay(channel: socket.socket, controller: int) -> int:
    """Be the other side of a node's terminal until its command ends."""
    saved = termios.tcgetattr(0)
    _copy_size(controller)
    previous = signal.signal(signal.SIGWINCH, lambda *_: _copy_size(controller))
    try:
        tty.setraw(0, termios.TCSADRAIN)  # what was typed ahead is kept
        _copy_until_end(controller)
    finally:
        signal.signal(signal.SIGWINCH, previous)
        termios.tcsetattr(0, termios.TCSADRAIN, saved)
        os.close(controller)
    return int(protocol.answer(channel)[0]["exit"])


def _copy_until_end(controller: int) -> None:
    sources = {0: controller, controller: 1}
    while True:
        ready, _, _ = select.select(list(sources), [], [])
        for source in ready:
            try:
                data = os.read(source, 65536)
            except OSError:
                data = b""  # EIO: the last process on the terminal has gone
            if not data and source == controller:
                return
            if not data:
                del sources[0]
            else:
                os.write(sources[source], data)


def _copy_size(controller: int) -> None:
    with contextlib.suppress(OSError):
        size = fcntl.ioctl(sys.stdin.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
        fcntl.ioctl(controller, termios.TIOCSWINSZ, size)


FILE_STEPS: Final = (
    StepKind.DELETE_FILES,
    StepKind.MAKE_DIRECTORIES,
    StepKind.WRITE_FILES,
    StepKind.RELOAD,
)
REQUESTS: Final[Mapping[StepKind, Callable[[Step, Plan], Any]]] = {
    StepKind.REMOVE_NODE: _remove("remove node"),
    StepKind.REMOVE_NETWORK: _remove("remove network"),
    StepKind.CREATE_NETWORK: _create_network,
    StepKind.CREATE_NODE: _create_node,
}
