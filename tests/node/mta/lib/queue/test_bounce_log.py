"""The logs behind mailq and behind reports."""

from labctl.node.mta.lib.queue import bounce_log
from labctl.node.mta.lib.queue.bounce_log import Outcome
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify, deferred
from labctl.node.mta.lib.queue.queue_file import Recipient

FULL = DeliveryStatus("4.2.2", "delayed", "full", "smtp", "452 full", "dns", "mx.example.test")
BOB = Recipient("bob@example.test", "alias@example.test", "rfc822;x@y", Notify.FAILURE, 42)


def test_what_was_appended_is_read_back(tmp_path):
    """Every field matters in some report."""
    path = str(tmp_path / "defer" / "A" / "ABC")
    bounce_log.append(path, Outcome(BOB, FULL))
    bounce_log.append(path, Outcome(Recipient("eve@example.test"), deferred("busy")))

    first, second = bounce_log.read(path)
    assert first == Outcome(BOB, FULL)
    assert second.status.reason == "busy"


def test_no_log_is_an_empty_log(tmp_path):
    """A message that has not been tried has no log."""
    assert bounce_log.read(str(tmp_path / "none")) == []


def test_a_paragraph_cut_short_is_left_out():
    """A crash in the middle of a write must not stop the report of the others."""
    text = bounce_log.encode(Outcome(BOB, FULL)).decode() + "\n<eve@example.test>: bus"

    assert [outcome.recipient for outcome in bounce_log.decode(text)] == [BOB]
