"""Tables that change what a delivery status means."""

import pytest

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.delivery.status_filter import StatusFilter
from labctl.node.mta.lib.queue.dsn import deferred, failed, sent

TABLE = "inline:{{4.2.1 soft=5.2.1 hard} {5.1.1 no=2.0.0 yes} {2.0.0 ok=2.0.0 fine}}"


def change(status, warnings=None):
    config = Config({"smtp_delivery_status_filter": TABLE})
    heard = warnings if warnings is not None else []
    return StatusFilter.of(config, "smtp", heard.append).change(status)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(deferred("soft", "4.2.1"), failed("hard", "5.2.1"), id="give up at once"),
        pytest.param(sent("ok"), sent("fine"), id="another text"),
        pytest.param(failed("else", "5.1.1"), failed("else", "5.1.1"), id="not in the table"),
    ],
)
def test_the_table_decides(status, expected):
    """A provider's "later" that means never must not fill the queue for days."""
    assert change(status) == expected


def test_failure_does_not_become_success():
    """Mail that nobody took is not delivered, whatever a table says."""
    warnings = []

    assert change(failed("no", "5.1.1"), warnings) == failed("no", "5.1.1")
    assert warnings == ["smtp_delivery_status_filter: bad status code: 2.0.0 yes"]
