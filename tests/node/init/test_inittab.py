"""The table of a node's services: what the host writes, init reads."""

from __future__ import annotations

import pytest

from labctl.node.init.inittab import Action, BadInittab, Entry, Probe, parse


def test_a_command_may_contain_colons():
    """postmap's argument is TYPE:PATH."""
    (entry,) = parse("postmap1:wait::postmap hash:/etc/postfix/transport\n")

    assert entry == Entry(
        "postmap1", Action.WAIT, (), ("postmap", "hash:/etc/postfix/transport")
    )


@pytest.mark.parametrize(
    ("text", "probe"),
    [
        pytest.param("unix=/dev/log", Probe("unix", "/dev/log"), id="a local socket"),
        pytest.param("smtp=198.18.0.10:25", Probe("smtp", "198.18.0.10", 25), id="a greeting"),
        pytest.param(
            "dns=198.18.0.2:53/beauvelo.fr",
            Probe("dns", "198.18.0.2", 53, "beauvelo.fr"),
            id="a zone",
        ),
        pytest.param("imap=[2001:db8::1]:143", Probe("imap", "2001:db8::1", 143), id="IPv6"),
    ],
)
def test_a_probe_says_how_a_service_shows_that_it_is_ready(text, probe):
    """Waiting for a process to exist is not waiting for an answer."""
    (entry,) = parse(f"name:respawn:{text}:program -x\n")

    assert entry.probes == (probe,)
    assert entry.argv == ("program", "-x")


def test_a_service_may_have_several_probes():
    """inetd is ready when each of its services answers."""
    (entry,) = parse("inetd:respawn:pop3=198.18.0.1:110,imap=198.18.0.1:143:inetd -i\n")

    assert [probe.kind for probe in entry.probes] == ["pop3", "imap"]


def test_comments_and_empty_lines_are_nothing():
    """A teacher may write into the file."""
    assert parse("# a node\n\n") == []


def test_a_line_that_cannot_be_read_is_named():
    """A node that leaves out a service quietly would be a riddle."""
    with pytest.raises(BadInittab, match="/etc/inittab:2: "):
        parse("# services\nnonsense\n")
