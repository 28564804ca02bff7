"""Reasons that tables give to error(8) and retry(8)."""

import pytest

from labctl.node.mta.error.service import outcome


@pytest.mark.parametrize(
    ("nexthop", "temporary", "expected"),
    [
        pytest.param("5.1.6 moved away", False, ("5.1.6", "moved away"), id="as written"),
        pytest.param("closed", False, ("5.0.0", "closed"), id="no code"),
        pytest.param("4.7.1 not you", False, ("5.0.0", "not you"), id="error is for good"),
        pytest.param("4.3.2 come back", True, ("4.3.2", "come back"), id="retry"),
        pytest.param("5.1.1 later", True, ("4.0.0", "later"), id="retry never bounces"),
    ],
)
def test_status_and_reason(nexthop, temporary, expected):
    """transport(5): the next hop of error: is status and text."""
    found = outcome(nexthop, temporary=temporary)

    assert (found.status, found.reason) == expected
