"""Rules between the parts of a topology: what they must not complain about."""

import pytest

from labctl.topology.load import load_text

FRAME = """
lab: school
networks: {{lan: 198.18.0.0/24, dmz: 198.18.1.0/24}}
nodes:
  ns: {{role: dns, hostname: ns.example.test}}
  mx:
    role: primary
    hostname: mx.example.test
    domains: example.test
    users: [ann]
{}
"""


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("    networks: [lan, dmz]", id="two networks by name"),
        pytest.param("    networks: {dmz: 198.18.1.254}", id="the last address"),
        pytest.param("    aliases: {sales: [ann, eve@elsewhere.test]}", id="a foreign alias"),
        pytest.param('    aliases: {prog: "|/usr/bin/x"}', id="a command"),
        pytest.param("    aliases: {owner-list: postmaster}", id="a standard name"),
        pytest.param("    postfix: {ours_destination_rate_delay: 1s}", id="per transport"),
        pytest.param("    postfix: {us: x, mynetworks: $us}", id="a name of one's own"),
        pytest.param(
            "    postfix: {smtpd_restriction_classes: strict, strict: reject}", id="a class"
        ),
        pytest.param("    maps: {transport: {x.test: error:no}}", id="a table of the manual"),
        pytest.param(
            "    postfix: {canonical_maps: hash:/etc/postfix/c}\n"
            "    files: {/etc/postfix/c: x}",
            id="a table as a file",
        ),
        pytest.param(
            "    backup_for: [school.test]\n"
            "  other: {role: primary, hostname: mx.school.test, domains: [school.test],\n"
            "          backup_for: [example.test]}",
            id="backups of each other",
        ),
    ],
)
def test_what_is_right_is_no_problem(lines):
    """A false alarm teaches people not to read alarms."""
    loaded = load_text(FRAME.format(lines), "x.yml")

    assert loaded.problems == ()
    assert loaded.topology is not None
