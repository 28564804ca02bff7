"""What is put before the content of a recipient's copy."""

from labctl.node.mta.lib.delivery.mail_copy import Copy, Field

COPY = Copy("ann@example.test", "list@example.test", "bob smith@example.test", 1795344460.0)


def test_the_headers_stand_in_the_order_of_postfix():
    """Scripts and readers look for Return-Path in the first line."""
    assert COPY.headers() == (
        b"Return-Path: <ann@example.test>\n"
        b"X-Original-To: list@example.test\n"
        b'Delivered-To: "bob smith"@example.test\n'
    )


def test_a_bounce_comes_from_the_daemon(monkeypatch):
    """The null sender has no name to put into a From line."""
    bounce = COPY._replace(sender="")

    assert bounce.from_line().startswith(b"From MAILER-DAEMON  ")
    assert bounce.headers(Field.RETURN_PATH) == b"Return-Path: <>\n"


def test_commands_get_a_from_line_and_no_quoting():
    """A command may want the message exactly as it came."""
    text = COPY.for_command(b"Subject: x\n\nFrom me\n", Field.NONE)

    assert text.endswith(b"\nSubject: x\n\nFrom me\n")
    assert text.startswith(b"From ann@example.test  ")
