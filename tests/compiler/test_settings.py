"""Roles become main.cf and master.cf; what the author wrote wins."""

from labctl.compiler.addressing import assign
from labctl.compiler.lab import make_lab
from labctl.compiler.master_cf import master_cf
from labctl.compiler.settings import main_cf, settings
from labctl.topology.load import load_text

FRAME = """
lab: school
nodes:
  ns: {role: dns, hostname: ns.example.test}
  mx:
    role: primary
    hostname: mx.example.test
    domains: [example.test, example.org]
    users: [ann]
"""


def lab(more=""):
    topology, problems = load_text(FRAME + more, "x.yml")
    assert problems == ()
    return make_lab(topology, assign(topology))


def test_a_primary_takes_mail_for_its_domains():
    """The course's minimal configuration."""
    found = settings(lab(), "mx")

    assert found["mydomain"] == "example.test"
    assert found["myorigin"] == "$mydomain"
    assert found["mydestination"] == "$myhostname, localhost, $mydomain, example.org"
    assert found["mailbox_command"] == "/usr/bin/procmail"
    assert found["relayhost"] == ""


def test_explicit_settings_win():
    """A topology that says something means it."""
    found = settings(lab("    postfix: {mydestination: localhost, mailbox_command: }\n"), "mx")

    assert found["mydestination"] == "localhost"
    assert found["mailbox_command"] == ""


def test_only_those_who_relay_here_are_trusted():
    """mynetworks of a whole network would hide every relaying mistake."""
    desk = "  desk: {role: client, hostname: desk.example.test, relay: mx}\n"

    assert settings(lab(desk), "mx")["mynetworks"] == "127.0.0.0/8, 198.18.0.11/32"


def test_a_null_client_delivers_nothing_itself():
    """STANDARD_CONFIGURATION_README, "Postfix on a null client"."""
    relay = "  relay: {role: null-client, hostname: relay.example.test, relay: mx}\n"
    found = settings(lab(relay), "relay")

    assert found["mydestination"] == ""
    assert found["relayhost"] == "[mx.example.test]"
    assert found["inet_interfaces"] == "loopback-only"
    assert found["local_transport"] == "error:local delivery is disabled"


def test_a_value_of_several_lines_is_continued():
    """postconf(5): a line that begins with white space continues the one before."""
    text = main_cf(lab("    postfix:\n      smtpd_banner: |\n        one\n        two\n"), "mx")

    assert "smtpd_banner = one\n    two\n" in text


def test_an_entry_of_the_author_replaces_the_service_of_its_name_and_type():
    """smtp is there twice: as a server (inet) and as a client (unix)."""
    node = lab('    master: ["smtp inet n - n - 5 smtpd -o soft_bounce=yes"]\n').spec("mx")
    lines = [line.split() for line in master_cf(node).splitlines() if line.startswith("smtp ")]

    assert lines == [
        ["smtp", "inet", "n", "-", "n", "-", "5", "smtpd", "-o", "soft_bounce=yes"],
        ["smtp", "unix", "-", "-", "n", "-", "-", "smtp"],
    ]
