"""What is told about a message that did not arrive."""

from types import SimpleNamespace

import pytest

from labctl.checks.evidence import trail

SENT = "x br postfix/smtp[1]: A1: to=<ann@example.test>, status=sent (250 Ok: queued as B1)"
BOUNCED = (
    'x mx postfix/local[2]: B1: to=<ann@example.test>, status=bounced (unknown user: "ann")'
)
DEFERRED = "x mx postfix/smtp[2]: B1: to=<ann@example.test>, status=deferred (No route to host)"
NAMED = "x mx postfix/cleanup[2]: B1: message-id=<probe-1@example.test>"


def lab(**logs: list[str]) -> SimpleNamespace:
    """A lab of which only the maillogs are asked."""
    plan = SimpleNamespace(nodes=[SimpleNamespace(name=name) for name in logs])
    return SimpleNamespace(plan=plan, ask=lambda node, *_, **__: {"lines": logs[node]})


@pytest.mark.parametrize(
    ("logs", "node", "cause", "status"),
    [
        pytest.param(
            {"mx": [NAMED, BOUNCED], "br": [SENT]},
            "mx",
            'mx says: unknown user: "ann"',
            "bounced",
            id="a refusal counts more than a hop",
        ),
        pytest.param(
            {"mx": [DEFERRED], "br": [SENT]},
            "mx",
            "mx says: No route to host",
            "deferred",
            id="a delay",
        ),
        pytest.param({"mx": [NAMED]}, "mx", "the last to see it was mx", "", id="still there"),
        pytest.param({"mx": []}, "", "it never entered a queue", "", id="nobody saw it"),
    ],
)
def test_the_log_line_that_explains_most_is_the_cause(logs, node, cause, status):
    """The order of the nodes in a topology says nothing about the way of a message."""
    told = trail("probe-1", lab(**logs))

    assert (told.node, told.cause, told.status) == (node, cause, status)
