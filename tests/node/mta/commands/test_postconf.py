"""postconf as a student types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands import postconf
from labctl.node.mta.commands.postconf.names import LEGACY
from labctl.node.mta.lib.config.expansion import names_in
from labctl.node.mta.lib.config.parameters import PARAMETERS

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


def test_every_old_name_that_a_default_mentions_is_known():
    """A main.cf of ten years ago must not be full of unused parameters."""
    mentioned = {name for row in PARAMETERS.values() for name in names_in(row.default)}
    # What a delivery or a reply knows of: default_rbl_reply, forward_path.
    elsewhere = {name for name in mentioned if name.startswith("rbl_")} | {"extension", "home"}

    assert mentioned - PARAMETERS.keys() - elsewhere == LEGACY


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["-d", "-n"], "specify one of -d -n"),
        (["-M", "-F"], "specify one of -F -M"),
        (["-x", "biff=no"], "specify one of -e -x"),
        (["-m", "-h"], "with option -m, do not specify -h"),
        (["-F", "-X", "smtp/inet/chroot"], "with option -F, do not specify -X"),
        (["-b", "-t"], "specify one of -b and -t"),
        (["-e"], "-e requires name=value argument"),
        (["-C", "all,odd"], 'unknown -C option value "odd" in "all,odd"'),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    site: Path, words: list[str], complaint: str
):
    """Half of a wish that is granted looks like the whole."""
    with pytest.raises(Fatal) as failure:
        postconf.main(["postconf", "-c", str(site), *words])
    assert str(failure.value) == complaint


def test_values_of_services_are_expanded(site: Path, capsys: pytest.CaptureFixture[str]):
    """`-x` shows what the service is going to see."""
    (site / "master.cf").write_text(
        "sub inet n - n - - smtpd\n  -o syslog_name=postfix/$service_name\n"
    )

    postconf.main(["postconf", "-c", str(site), "-Px", "sub/inet/syslog_name"])
    assert capsys.readouterr().out == "sub/inet/syslog_name = postfix/sub\n"


def test_databases_have_their_settings_in_main_cf(
    site: Path, capsys: pytest.CaptureFixture[str]
):
    """`sqlite:users` makes users_query a parameter."""
    with open(site / "main.cf", "a") as file:
        file.write("virtual_alias_maps = sqlite:users\nusers_query = q\nusers_odd = x\n")

    postconf.main(["postconf", "-c", str(site), "-n", "-C", "user"])
    captured = capsys.readouterr()
    assert "users_query = q\n" in captured.out
    assert f"{site}/main.cf: unused parameter: users_odd=x\n" in captured.err
