"""What every engine can do, and the values that go in and out of it.

An engine makes a ``Plan`` real with Linux namespaces, containers, or anything that has nodes
with files and processes.  It takes orders (``Step``), reports what happens (``Event``) and says
what it finds (``Observed``); it never reads a topology and never decides what should exist.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, NamedTuple, Protocol

from labctl.compiler.plan import Plan


class NodeState(enum.StrEnum):
    """Whether a node is there, and whether it works."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ObservedNode:
    """A node as it stands.

    ``structure``, ``files`` and ``directories`` (path -> digest) are what the engine was told
    when it made the node, not what a student has made of it since: ``up`` never undoes a
    student's work.
    """

    structure: str
    files: Mapping[str, str]
    state: NodeState
    directories: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """What exists of one lab; an empty one means that there is no such lab."""

    networks: Mapping[str, str] = field(default_factory=dict)  # name -> subnet
    nodes: Mapping[str, ObservedNode] = field(default_factory=dict)


class LabInfo(NamedTuple):
    """A lab that runs, in the one line that `labctl status` without a name prints."""

    name: str
    engine: str
    nodes: int
    ready: int


class StepKind(enum.StrEnum):
    """What a step does."""

    REMOVE_NODE = "remove node"
    REMOVE_NETWORK = "remove network"
    CREATE_NETWORK = "create network"
    CREATE_NODE = "create node"
    DELETE_FILES = "delete files"
    MAKE_DIRECTORIES = "make directories"
    WRITE_FILES = "write files"
    RELOAD = "reload"


@dataclass(frozen=True, slots=True)
class Step:
    """One change, and why it is needed.  ``service`` is what to reload."""

    kind: StepKind
    name: str
    cause: str
    paths: tuple[str, ...] = ()
    service: str = ""

    def __str__(self) -> str:
        what = f" {self.service}" if self.service else ""
        paths = (
            f" ({len(self.paths)} of them)"
            if len(self.paths) > 1
            else "".join(f" {path}" for path in self.paths)
        )
        return f"{self.kind} {self.name}{what}{paths}: {self.cause}"


class Event(NamedTuple):
    """One change of state, as it happens; ``seconds`` since the engine began."""

    subject: str
    state: str
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that has ended in a node; the exit code is the command's own."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Session(Protocol):
    """A process in a node whose standard input and output stay connected."""

    stdin: IO[bytes]
    stdout: IO[bytes]

    def close(self) -> None: ...


class Engine(Protocol):
    """The verbs.  Whatever can go wrong in the world is raised as ``LabError``."""

    name: str
    notice: str  # what the user should know of the labs that this engine makes here

    def labs(self) -> Sequence[LabInfo]:
        """List the running labs of this user."""

    def taken_subnets(self, lab: str) -> Mapping[str, str]:
        """List subnets that ``lab`` cannot have, each with what holds it."""

    def observe(self, lab: str) -> Observed:
        """Say what exists of a lab."""

    def expect(self) -> None:
        """A lab is about to be made: begin what takes time and needs no plan."""

    def prepare(self, plan: Plan, report: Callable[[str], None]) -> None:
        """Get ready what nodes are made from, which may take minutes the first time."""

    def apply(
        self, steps: Sequence[Step], plan: Plan, *, starting: Sequence[str], timeout: float
    ) -> Iterator[Event]:
        """Carry out ``steps`` in order, nodes side by side; wait until all nodes are ready.

        ``starting`` are nodes that an earlier, interrupted `up` has started.
        """

    def execute(
        self, lab: str, node: str, argv: Sequence[str], *, stdin: bytes = b"", user: str = ""
    ) -> Completed:
        """Run a command to its end."""

    def interact(self, lab: str, node: str, argv: Sequence[str], *, terminal: bool) -> int:
        """Run a command on the caller's own standard streams; give its exit code."""

    def attach(self, lab: str, node: str, argv: Sequence[str]) -> Session:
        """Start a command and keep its standard input and output open."""

    def console(self, lab: str, node: str) -> str:
        """Give what init and the services have printed, for a report of a failure."""

    def remember(self, lab: str, plan: str) -> None:
        """Keep the text of the plan with the lab, for commands that have no topology file."""

    def recall(self, lab: str) -> str:
        """Give the text that ``remember`` got last; empty when the lab has none."""

    def set_link(self, lab: str, node: str, *, up: bool) -> None:
        """Pull or plug in the network cable of a node."""

    def remove(self, lab: str) -> bool:
        """Remove all that belongs to a lab; say whether there was anything."""
