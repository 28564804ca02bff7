"""Services of a node as processes: order, readiness, respawn, reload, the end."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from labctl.node.base import programs
from labctl.node.base.events import EventLoop
from labctl.node.base.log import Log
from labctl.node.init import inittab
from labctl.node.init.services import Services

PROGRAMS = """
import pathlib, signal

def main(argv):
    name, log = argv[0], pathlib.Path(argv[1])
    with log.open("a") as file:
        file.write(f"{name} begins\\n")
    return ACTIONS[name](log)

def stay(log):
    signal.pause()

ACTIONS = {"worker": lambda log: 0, "failer": lambda log: 3, "stayer": stay}
"""


@pytest.fixture
def node(tmp_path, monkeypatch):
    (tmp_path / "init_test_programs.py").write_text(PROGRAMS)
    monkeypatch.syspath_prepend(tmp_path)
    names = ("worker", "failer", "stayer")
    monkeypatch.setattr(programs, "PROGRAMS", dict.fromkeys(names, "init_test_programs"))
    # As init does: what is loaded here is not loaded by every child.
    programs.load("worker")
    node = Node(tmp_path)
    yield node
    node.services.stop()
    node.loop.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGCONT, signal.SIG_DFL)


class Node:
    def __init__(self, directory: Path) -> None:
        self.said: list[str] = []
        self.log = directory / "events"
        self.loop = EventLoop()
        self.services = Services(self.loop, self.said.append, Log("init", path=os.devnull))
        self.loop.on_signal(signal.SIGCHLD, self.services.bury)

    def start(self, *lines: str) -> None:
        self.services.start(self.table(*lines))

    def table(self, *lines: str) -> list[inittab.Entry]:
        return inittab.parse("".join(f"{line} {self.log}\n" for line in lines))

    def until(self, condition) -> None:
        deadline = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < deadline, f"it did not happen: {self.said}"
            self.loop.run_once(0.05)

    def events(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


def test_services_start_in_order(node):
    """Maps must be made before the mail system reads them."""
    node.start("map:wait::worker", "mail:respawn::stayer")
    node.until(lambda: len(node.events()) == 2)

    assert node.events() == ["worker begins", "stayer begins"]
    assert [line.rpartition(" ")[0] for line in node.said] == [
        "service map ready",
        "service mail ready",
    ]
    assert node.services.all_ready


def test_a_step_that_fails_says_so(node):
    """`labctl up` must name the node and the service, and not wait for ever."""
    node.start("map:wait::failer")

    assert node.said == ["service map failed: exit status 3"]
    assert not node.services.all_ready


def test_a_service_that_fails_is_started_again(node, monkeypatch):
    """A daemon that dies at night must be there in the morning."""
    monkeypatch.setattr("labctl.node.init.services.QUICK", 0.001)
    node.start("mail:respawn::failer")
    node.until(lambda: node.events().count("failer begins") >= 2)

    assert "exit mail status 3" in node.said


def test_a_service_that_was_ended_on_purpose_stays_ended(node):
    """`postfix stop` must not be undone behind the student's back."""
    node.start("mail:respawn::worker")
    node.until(lambda: "exit mail status 0" in node.said)

    assert node.events() == ["worker begins"]


def test_a_reload_makes_a_map_again(node):
    """A changed source of a table has to be compiled anew."""
    node.start("map:wait::worker")

    assert node.services.reload("map") == ""
    assert node.events() == ["worker begins", "worker begins"]


def test_a_reload_of_nothing_is_an_error(node):
    """The engine must learn that a plan names a service which is not there."""
    assert node.services.reload("ghost") == "no service is called 'ghost'"


def test_a_new_table_changes_only_what_is_different(node):
    """`labctl up` after an edit must leave the rest alone."""
    node.start("one:respawn::stayer", "two:respawn::stayer")
    node.until(lambda: len(node.events()) == 2)
    node.services.change(node.table("two:respawn::stayer", "three:wait::worker"))

    assert node.events().count("stayer begins") == 2
    assert node.events()[-1] == "worker begins"
