"""The way of a message, worked out from settings."""

import pytest

from labctl.compiler.addressing import assign
from labctl.compiler.lab import make_lab
from labctl.compiler.routing import sender_after, way
from labctl.topology.load import load_text

TOPOLOGY = """
lab: school
nodes:
  ns: {role: dns, hostname: ns.example.test}
  main:
    role: primary
    hostname: mx.example.test
    domains: [example.test]
    users: [ann, pipe]
    master: [slow unix - - n - 1 smtp]
    maps:
      transport:
        school.test: smtp:[host.school.test]
        odd.test: "filter:"
        bob@branch.test: "slow:"
        pipe@example.test: "filter:"
      canonical: {"@old.test": "@example.test", ann@mx.example.test: ann}
      virtual: {boss@example.test: bob@branch.test}
  branch: {role: primary, hostname: mx.branch.test, domains: [branch.test], users: [bob]}
  backup: {role: backup-mx, hostname: b.example.test, backup_for: [branch.test]}
  quiet: {role: null-client, hostname: q.example.test, relay: main}
  host:
    role: virtual-host
    hostname: host.school.test
    virtual_domains: {school.test: [eve]}
    alias_domains: {odd.test: {joe: bob@branch.test}}
"""


@pytest.mark.parametrize(
    ("first", "recipient", "nodes", "final"),
    [
        pytest.param("main", "ann@example.test", ("main",), "ann@example.test", id="local"),
        pytest.param(
            "branch", "ann@example.test", ("branch", "main"), "ann@example.test", id="MX"
        ),
        pytest.param(
            "backup", "bob@branch.test", ("backup", "branch"), "bob@branch.test", id="a backup"
        ),
        pytest.param(
            "quiet",
            "bob@branch.test",
            ("quiet", "main", "branch"),
            "bob@branch.test",
            id="relay",
        ),
        pytest.param(
            "main", "eve@school.test", ("main", "host"), "eve@school.test", id="transport"
        ),
        pytest.param(
            "main",
            "boss@example.test",
            ("main", "branch"),
            "bob@branch.test",
            id="virtual alias",
        ),
        pytest.param(
            "main", "bob@branch.test", ("main", "branch"), "bob@branch.test", id="by name"
        ),
        pytest.param(
            "branch", "joe@odd.test", ("branch", "host", "branch"), "bob@branch.test", id="back"
        ),
    ],
)
def test_a_message_takes_the_way_that_the_settings_say(first, recipient, nodes, final):
    """The Received chain that `verify` expects comes from here."""
    topology = load_text(TOPOLOGY, "x.yml").topology
    found = way(make_lab(topology, assign(topology)), first, recipient)

    assert (found.nodes, found.recipient) == (nodes, final)


@pytest.mark.parametrize("recipient", ["joe@odd.test", "pipe@example.test"])
def test_a_transport_of_the_authors_own_has_no_known_way(recipient):
    """No expectation is better than a wrong one; transports come before local domains."""
    topology = load_text(TOPOLOGY, "x.yml").topology

    assert way(make_lab(topology, assign(topology)), "main", recipient) is None


@pytest.mark.parametrize(
    ("sender", "after"),
    [
        pytest.param("eve@old.test", "eve@example.test", id="a whole domain"),
        pytest.param("ann@mx.example.test", "ann@example.test", id="a bare name"),
        pytest.param("bob@branch.test", "bob@branch.test", id="nobody of ours"),
    ],
)
def test_canonical_maps_change_the_sender_on_the_way(sender, after):
    """Return-Path is what the last of the servers was told."""
    topology = load_text(TOPOLOGY, "x.yml").topology
    lab = make_lab(topology, assign(topology))

    assert sender_after(lab, ("quiet", "main"), sender) == after
