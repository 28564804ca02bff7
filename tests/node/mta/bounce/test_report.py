"""A report as its reader sees it."""

from email import message_from_bytes

import pytest

from labctl.node.mta.bounce.report import Original, Report, compose
from labctl.node.mta.lib.config.bounce_templates import BUILT_IN
from labctl.node.mta.lib.queue.bounce_log import Outcome
from labctl.node.mta.lib.queue.dsn import DeliveryStatus
from labctl.node.mta.lib.queue.queue_file import Recipient

SAID = DeliveryStatus(
    "5.2.2",
    "failed",
    "host mx.example.test[198.18.0.9] said: 552 5.2.2 full (in reply to RCPT TO command)",
    "smtp",
    "552 5.2.2 full",
    "dns",
    "mx.example.test",
)


@pytest.fixture
def report(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    return Report(
        template=BUILT_IN["failure"],
        text="It did not work.\n",
        hostname="mail.example.test",
        mail_name="Postfix",
        queue_id="NEW",
        now=1_000_000_000.0,
        to="ann@example.test",
        subject="Undelivered Mail Returned to Sender",
        auto_submitted="auto-replied",
        original=Original(
            "OLD", "ann@example.test", 999_999_999.0, content=b"Subject: x\n\nhi\n"
        ),
        outcomes=(Outcome(Recipient("bob@example.test", "bob", "rfc822;bob@x.test"), SAID),),
        kind="Undelivered ",
    )


def test_it_is_a_multipart_report_of_three(report):
    """RFC 6522: text for people, fields for programs, the original."""
    message = message_from_bytes(compose(report))

    assert message.get_content_type() == "multipart/report"
    assert [part.get_content_type() for part in message.get_payload()] == [
        "text/plain",
        "message/delivery-status",
        "message/rfc822",
    ]


def test_people_read_who_and_why(report):
    """The sentence names the address, the alias behind it and the reason, folded."""
    text = message_from_bytes(compose(report)).get_payload()[0].get_payload()

    assert text.splitlines()[2:] == [
        "<bob@example.test> (expanded from <bob>): host mx.example.test[198.18.0.9]",
        "    said: 552 5.2.2 full (in reply to RCPT TO command)",
    ]


def test_programs_read_fields(report):
    """RFC 3464 2.3."""
    status = message_from_bytes(compose(report)).get_payload()[1].get_payload()[1]

    assert dict(status) == {
        "Final-Recipient": "rfc822; bob@example.test",
        "Original-Recipient": "rfc822;bob@x.test",
        "Action": "failed",
        "Status": "5.2.2",
        "Remote-MTA": "dns; mx.example.test",
        "Diagnostic-Code": "smtp; 552 5.2.2 full",
    }


def test_the_boundary_names_the_message_it_is_about(report):
    """Two reports about one message must not share a boundary within a second's reach."""
    assert b'boundary="OLD.1000000000/mail.example.test"' in compose(report)
