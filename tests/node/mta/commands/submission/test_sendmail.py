"""sendmail(1): its options, and the message that it makes of standard input."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.submission import sendmail
from labctl.node.mta.commands.submission.command_line import parse
from labctl.node.mta.commands.submission.delivery import named_recipients
from labctl.node.mta.commands.submission.message_text import header_recipients, message_lines


def command(*words):
    return parse(["sendmail", *words])


def test_options_may_be_joined_and_have_their_value_attached():
    """Programs call it in every way that Sendmail has ever allowed."""
    found = command("-oi", "-tfann@example.test", "-F", "Ann S", "bob", "-x")

    assert (found.dots_end, found.extract, found.sender) == (False, True, "ann@example.test")
    assert (found.full_name, found.recipients) == ("Ann S", ["bob", "-x"])


def test_everything_wrong_is_a_temporary_failure(capsys):
    """A cron job's mail must not be thrown away for an option."""
    with pytest.raises(Fatal, match=r"usage: sendmail \[options\]") as failure:
        command("-Q")

    assert failure.value.status == 75
    assert capsys.readouterr().err.count("sendmail: invalid option -- 'Q'") == 2


def test_a_refused_option_is_named():
    """-n is the one of Sendmail's options that cannot be honoured."""
    with pytest.raises(Fatal, match="-n option not supported"):
        command("-n")


@pytest.mark.parametrize(
    ("text", "dots_end", "lines"),
    [
        pytest.param(b"a\n.\nb\n", True, [b"a"], id="a lone dot ends"),
        pytest.param(b"a\n.\nb\n", False, [b"a", b".", b"b"], id="-i"),
        pytest.param(b"a\r\n", True, [b"a"], id="CRLF"),
        pytest.param(b"From x\nA: b\n", True, [b"A: b"], id="From_ line"),
        pytest.param(b"\nFrom x\n", True, [b"", b"From x"], id="From in the body"),
        pytest.param(b"no newline", True, [b"no newline"], id="last line"),
    ],
)
def test_standard_input_becomes_lines(text, dots_end, lines):
    """What a program writes is what is sent."""
    assert list(message_lines(text, dots_end=dots_end)) == lines


def test_resent_headers_alone_count_when_there_are_any():
    """RFC 5322 3.6.6: the first recipients have it already."""
    lines = [b"To: a@x.test, ", b" B <b@x.test>", b"Bcc: c@x.test", b"", b"To: body@x.test"]

    assert header_recipients(lines) == ["a@x.test", "b@x.test", "c@x.test"]
    assert header_recipients([b"Resent-To: d@x.test", *lines]) == ["d@x.test"]


def test_an_interval_for_the_queue_is_no_submission():
    """A start script of Sendmail says -bd -q15m; without -bd there is nothing to do."""
    assert command("-q15m").mode == "h"
    assert command("-q15m", "-bp").mode == "p"


def test_a_wrong_word_for_reports_is_named(capsys):
    """The mail goes out all the same, with the usual reports."""
    assert not command("-N", "success,bogus", "bob").notify
    assert (
        'unknown DSN NOTIFY command value "bogus" in "success,bogus"' in capsys.readouterr().err
    )


def test_smtp_on_standard_input_has_no_recipients_on_the_command_line(tmp_path, monkeypatch):
    """Both would be a contradiction."""
    (tmp_path / "main.cf").write_text("myhostname = mx.example.test\n")
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path))

    with pytest.raises(Fatal, match="stand-alone mode requires no recipient"):
        sendmail.main(["sendmail", "-bs", "bob"])
    with pytest.raises(Fatal, match="-t can be used only in delivery mode"):
        sendmail.main(["sendmail", "-bs", "-t"])
    with pytest.raises(Fatal, match="-t option cannot be used with -bv"):
        sendmail.main(["sendmail", "-bv", "-t"])


@pytest.mark.parametrize(
    ("setting", "text", "lines"),
    [
        pytest.param("always", b"a\nb\r\n", [b"a", b"b"], id="always"),
        pytest.param("strict", b"a\nb\r\n", [b"a", b"b\r"], id="strict, LF in the first line"),
        pytest.param(
            "strict", b"a\r\nb\r\n", [b"a", b"b"], id="strict, CRLF in the first line"
        ),
        pytest.param("never", b"a\r\nb\r\n", [b"a\r", b"b\r"], id="never"),
    ],
)
def test_carriage_returns_go_as_main_cf_says(setting, text, lines):
    """postconf(5) sendmail_fix_line_endings."""
    assert list(message_lines(text, dots_end=True, fix_line_ends=setting)) == lines


def test_an_empty_word_is_a_recipient_too():
    """A script with an unset variable: somebody hears of it, and the mail does not vanish."""
    assert named_recipients(["", "ann@x.test, bob@x.test", "  "]) == [
        "",
        "ann@x.test",
        "bob@x.test",
        "",
    ]


@pytest.mark.parametrize("option", ["-bp", "-q", "-bi", "-bd", "-bs"])
def test_a_broken_main_cf_is_a_temporary_failure_of_sendmail(option, tmp_path, monkeypatch):
    """Whatever program would do the work: it is not started."""
    (tmp_path / "main.cf").write_text("myhostname =\n")
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path))

    with pytest.raises(Fatal, match="bad string length 0 < 1: myhostname = ") as failure:
        sendmail.main(["sendmail", option])
    assert failure.value.status == 75
