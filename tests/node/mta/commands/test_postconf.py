"""postconf as a student types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands import postconf

MAIN_CF = """\
# the course
myhostname = mail.example.test
relayhost = [hub.test]
mine = $mydomain extra
relay_domains = a,
   b
smtpd_banners = $mine
"""
MASTER_CF = """\
smtp inet n - n - - smtpd
relay unix - - n - - smtp
  -o syslog_name=postfix/$service_name
  -o { smtp_helo_name = two words }
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a configuration."""
    (tmp_path / "main.cf").write_text(MAIN_CF)
    (tmp_path / "master.cf").write_text(MASTER_CF)
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("relayhost biff", "relayhost = [hub.test]\nbiff = yes\n"),
        ("-h relayhost", "[hub.test]\n"),
        ("-d relayhost queue_run_delay", "relayhost =\nqueue_run_delay = 300s\n"),
        (
            "-x mydestination",
            "mydestination = mail.example.test, localhost.example.test, localhost\n",
        ),
        ("-xh -o mydomain=x.test mine", "x.test extra\n"),
        ("-h relay_domains", "a, b\n"),
        ("-M smtp/inet", "smtp       inet  n       -       n       -       -       smtpd\n"),
        ("-F smtp/inet/chroot", "smtp/inet/chroot = n\n"),
        ("-P relay/unix/syslog_name", "relay/unix/syslog_name = postfix/$service_name\n"),
        (
            "relay_destination_recipient_limit",
            "relay_destination_recipient_limit = $default_destination_recipient_limit\n",
        ),
    ],
)
def test_settings_are_shown(
    site: Path, capfd: pytest.CaptureFixture[str], words: str, expected: str
):
    """The most used command of a mail administrator."""
    postconf.main(["postconf", *words.split()])

    assert capfd.readouterr().out == expected


def test_a_misspelt_parameter_is_named(site: Path, capfd: pytest.CaptureFixture[str]):
    """`smtpd_banners` does nothing, and only this warning says so."""
    postconf.main(["postconf", "-n"])
    out, err = capfd.readouterr()

    assert "mine = $mydomain extra\n" in out
    assert "smtpd_banners" not in out
    assert err == (
        f"postconf: warning: {site}/main.cf: unused parameter: smtpd_banners=$mine\n"
    )


def test_edits_change_what_they_name_and_nothing_else(site: Path):
    """Comments and order are the administrator's own."""
    postconf.main(["postconf", "-e", "relay_domains=c", "added = 1"])
    postconf.main(["postconf", "-X", "mine"])
    postconf.main(["postconf", "-#", "relayhost"])

    assert (site / "main.cf").read_text() == (
        "# the course\nmyhostname = mail.example.test\n#relayhost = [hub.test]\n"
        "relay_domains = c\nsmtpd_banners = $mine\nadded = 1\n"
    )


def test_entries_of_master_cf_are_edited(site: Path, capfd: pytest.CaptureFixture[str]):
    """-Me, -Fe and -Pe, as the web recommends them."""
    postconf.main(["postconf", "-Me", "2525/inet=2525 inet n - n - - smtpd"])
    postconf.main(["postconf", "-Fe", "2525/inet/process_limit=3"])
    postconf.main(["postconf", "-Pe", "2525/inet/soft_bounce=yes"])
    postconf.main(["postconf", "-MX", "smtp/inet"])
    capfd.readouterr()
    postconf.main(["postconf", "-Mf"])

    assert capfd.readouterr().out == (
        "relay      unix  -       -       n       -       -       smtp\n"
        "    -o syslog_name=postfix/$service_name\n"
        "    -o {smtp_helo_name=two words}\n"
        "2525       inet  n       -       n       -       3       smtpd\n"
        "    -o soft_bounce=yes\n"
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["-e", "bad"], "missing '=' after attribute name: \"bad\""),
        (["-e"], "-e requires name=value argument"),
        (["-n", "-d"], "specify one of -d -n"),
        (["-e", "#x=y"], "-e, -X, or -# accepts no comment input"),
        (["-F", "smtp/inet/foo"], 'invalid service attribute name: "foo"'),
        (["-c", "/nosuch"], "open /nosuch/main.cf: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said(site: Path, words: list[str], complaint: str):
    """The words are those that people search for."""
    with pytest.raises(Fatal) as failure:
        postconf.main(["postconf", *words])
    assert str(failure.value) == complaint
