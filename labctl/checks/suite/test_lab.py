"""The checks of a lab as pytest items, one for each expectation of its plan.

Run by `labctl verify`, which passes the lab to the plugin in ``labctl.checks.plugin``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labctl.checks.flow import check_flow
from labctl.checks.inbox import Inboxes
from labctl.checks.kinds import CHECKS, PROMISES
from labctl.checks.nodes import Nodes
from labctl.checks.post import Posted
from labctl.checks.report import LEFT_OUT
from labctl.checks.wrong_password import Tried, check_refuse_login
from labctl.compiler.expected import Expectation, Flow, RefuseLogin


def test_expectation(
    expectation: Expectation,
    nodes: Nodes,
    posted: Mapping[str, Posted],
    tried: Tried,
    inboxes: Inboxes,
    record_property: Callable[[str, object], None],
) -> None:
    """The lab does what its topology promises."""
    if isinstance(expectation, Flow):
        if left_out := check_flow(expectation, nodes, posted[expectation.id], inboxes):
            record_property(LEFT_OUT, left_out)
    elif isinstance(expectation, RefuseLogin):
        check_refuse_login(expectation, tried)
    elif check := PROMISES.get(expectation.kind):
        check(expectation, nodes, posted[expectation.id])
    else:
        CHECKS[expectation.kind](expectation, nodes)
