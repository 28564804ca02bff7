"""inetd.conf(5), line by line."""

from __future__ import annotations

from labctl.node.inetd import builtin
from labctl.node.inetd.config import parse

PORTS = {"pop3": 110, "imap2": 143, "echo": 7, "daytime": 13}


def port_of(name: str, _protocol: str) -> int:
    if name.isdigit():
        return int(name)
    if name not in PORTS:
        raise ValueError(name)
    return PORTS[name]


def test_the_line_of_the_lab_sheet():
    """tcp without a digit is both families."""
    parsed = parse("pop3 stream tcp nowait root /usr/sbin/ipop3d ipop3d\n", port_of=port_of)

    first, second = parsed.entries
    assert (first.port, first.address, first.wait, first.user) == (
        110,
        "0.0.0.0",
        False,
        "root",
    )
    assert (first.program, first.arguments) == ("/usr/sbin/ipop3d", ("ipop3d",))
    assert (second.protocol, second.address) == ("tcp6", "::")
    assert parsed.complaints == ()


def test_limits_groups_and_addresses():
    """inetd.conf(5): nowait.max, user.group, address:service."""
    line = "127.0.0.1:imap2 stream tcp4 nowait.40 eve.mail /usr/sbin/imapd imapd -x\n"
    entry = parse(line, port_of=port_of).entries[0]

    assert (entry.address, entry.rate, entry.user, entry.group) == (
        "127.0.0.1",
        40,
        "eve",
        "mail",
    )


def test_a_bad_line_does_not_harm_the_others():
    """One typing error must not turn the mail off."""
    text = "# comment\n\nnosuch stream tcp nowait root /bin/cat cat\nfinger stream tcp\n"
    parsed = parse(text + "echo dgram udp4 wait root internal\n", port_of=port_of)

    assert [entry.service for entry in parsed.entries] == ["echo"]
    assert parsed.complaints == (
        "nosuch/tcp: unknown service",
        "nosuch/tcp6: unknown service",
        "syntax error in inetd config file",
        "syntax error in inetd config file",
    )


def test_the_character_generator_turns():
    """RFC 864: 72 characters, one further in each line."""
    assert builtin.character_line(0)[:4] == b' !"#'
    assert builtin.character_line(1)[:3] == b'!"#'
    assert len(builtin.character_line(94)) == 74
