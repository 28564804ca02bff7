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


def about(report, **changes):
    """The same report with another recipient."""
    rcpt = Recipient(**{"address": "bob@example.test", **changes})
    return report._replace(outcomes=(Outcome(rcpt, SAID),))


def test_addresses_are_quoted_where_they_have_to_be(report):
    """RFC 3464 2.3.2: what programs read is the form of RFC 5321."""
    text = compose(about(report, address="no such@example.test")).decode()

    assert 'Final-Recipient: rfc822; "no such"@example.test' in text
    assert '<"no such"@example.test>: host' in text


def test_addresses_in_utf8_have_a_type_of_their_own(report):
    """RFC 6533 3."""
    text = compose(about(report, address="j\u00f6@example.test", original="j\u00f6")).decode()

    assert "Final-Recipient: utf-8; j\u00f6@example.test" in text
    assert "Original-Recipient: utf-8;j\u00f6" in text


@pytest.mark.parametrize(
    ("utf8", "encoding", "said"),
    [(True, "", "8bit"), (True, "7bit", "8bit"), (False, "8bit", "8bit"), (False, "", None)],
)
def test_the_encoding_is_that_of_the_original(report, utf8, encoding, said):
    """A report must not promise seven bits for what it returns."""
    original = report.original._replace(encoding=encoding)
    message = message_from_bytes(compose(report._replace(utf8=utf8, original=original)))

    assert message["Content-Transfer-Encoding"] == said
