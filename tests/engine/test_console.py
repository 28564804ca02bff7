"""What init says on its console, understood."""

import pytest

from labctl.engine.console import state_after
from labctl.engine.interface import NodeState


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        pytest.param([], NodeState.STARTING, id="nothing yet"),
        pytest.param(["service named ready 0.12"], NodeState.STARTING, id="one of several"),
        pytest.param(["service named ready 0.12", "ready"], NodeState.READY, id="all of them"),
        pytest.param(["ready", "service smtp failed: no answer"], NodeState.FAILED, id="later"),
    ],
)
def test_a_node_stands_as_its_console_says(lines, state):
    """`labctl status` must not call ready what never was."""
    assert state_after(lines).state is state


def test_a_failure_keeps_its_reason():
    """The reason is what the user needs."""
    said = state_after(["service smtp failed: no answer"])

    assert said.reason == "service smtp failed: no answer"
