"""The nodes of a running lab as the checks see them: an agent and a testinfra host each.

INPUT AND OUTPUT
    ``Nodes.ask(node, "dns", server=..., ...)`` gives the answer of the agent in that node;
    ``Nodes.host(node)`` gives a testinfra ``Host`` whose commands go through the same agent.

WHY AN AGENT
    A check that starts a process per question waits for processes; the agent is started once
    a node and then answers in well under a millisecond, on every engine.
"""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import testinfra.backend.base
import testinfra.host

from labctl.compiler.plan import Plan
from labctl.engine.interface import Engine, Session
from labctl.errors import ExitCode, LabError

AGENT: Final = Path(__file__).with_name("agent.py")
# Our nodes bring their interpreter; a node with the genuine programs has Debian's.
START: Final = (
    "for python in /usr/lib/labctl/python python3; do command -v $python >/dev/null && "
    'exec $python -I -S -c "$0"; done; echo "no Python in this node" >&2; exit 127'
)


class Nodes:
    """All nodes of a lab; a context manager that ends the agents it started."""

    def __init__(self, engine: Engine, plan: Plan) -> None:
        self.engine = engine
        self.plan = plan
        self._source = AGENT.read_text()
        self._agents: dict[str, Agent] = {}
        self._starting = threading.Lock()

    def __enter__(self) -> Nodes:
        # All of them now: they start side by side while the first one is asked.
        for node in self.plan.nodes:
            with contextlib.suppress(LabError):  # the checks of this node will say it
                self._agent(node.name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for agent in self._agents.values():
            agent.close()

    def ask(self, node: str, op: str, **arguments: Any) -> dict[str, Any]:
        """Have the agent of a node do something; what went wrong is in "error"."""
        return self._agent(node).ask({"op": op, **arguments})

    def ask_aside(self, node: str, op: str, **arguments: Any) -> dict[str, Any]:
        """Have an agent of its own do what takes seconds; nobody else waits for it."""
        agent = self._start(node)
        try:
            return agent.ask({"op": op, **arguments})
        finally:
            agent.close()

    def host(self, node: str) -> testinfra.host.Host:
        """Give the testinfra host of a node."""
        return testinfra.host.Host(LabBackend(self, node))

    def _agent(self, node: str) -> Agent:
        with self._starting:
            if node not in self._agents:
                self._agents[node] = self._start(node)
            return self._agents[node]

    def _start(self, node: str) -> Agent:
        command = ["/bin/sh", "-c", START, self._source]
        return Agent(node, self.engine.attach(self.plan.lab, node, command))


class Agent:
    """One agent: a question at a time, from any thread."""

    def __init__(self, node: str, session: Session) -> None:
        self._node = node
        self._session = session
        self._turn = threading.Lock()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._turn:
            try:
                self._session.stdin.write(json.dumps(request).encode() + b"\n")
                self._session.stdin.flush()
                line = self._session.stdout.readline()
            except OSError:
                line = b""
        if not line:
            raise LabError(
                f"node {self._node} does not answer any more",
                hint=f"Look at it: labctl status; labctl logs {self._node}",
                exit_code=ExitCode.FAILED,
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self._session.close()


class LabBackend(testinfra.backend.base.BaseBackend):  # type: ignore[misc]  # untyped library
    """testinfra's connection to a node, over the engine; needs no docker or ssh command."""

    NAME = "labctl"

    def __init__(self, nodes: Nodes, node: str) -> None:
        super().__init__(node)
        self._nodes = nodes

    def run(
        self, command: str, *args: str, **kwargs: Any
    ) -> testinfra.backend.base.CommandResult:
        text = self.get_command(command, *args)
        done = self._nodes.ask(self.hostname, "run", command=text)
        if "error" in done:
            return self.result(255, self.encode(text), "", done["error"])
        return self.result(done["code"], self.encode(text), done["out"], done["err"])
