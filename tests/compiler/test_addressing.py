"""Subnets and addresses: the same every time, and never one that is taken."""

from ipaddress import IPv4Network

import pytest

from labctl.compiler.addressing import Surroundings, assign
from labctl.errors import LabError
from labctl.topology.load import load_text

NODES = """
nodes:
  mx: {role: mta, hostname: mx.example.test}
  ns: {role: dns, hostname: ns.example.test}
  far: {role: mta, hostname: far.example.test, networks: [wan, lan]}
"""


def topology(networks, nodes=NODES):
    loaded = load_text(f"lab: school\nnetworks: {networks}{nodes}", "x.yml")
    assert loaded.problems == ()
    return loaded.topology


def addresses(topology, taken=()):
    interfaces = assign(topology, Surroundings(taken)).interfaces
    return {node: [one.address for one in ones] for node, ones in interfaces.items()}


def test_defaults_follow_the_order_of_the_file():
    """An address that is known by heart must not move when somebody looks away."""
    assert addresses(topology("{lan: , wan: }")) == {
        "mx": ["198.18.0.10"],
        "ns": ["198.18.0.2"],
        "far": ["198.18.1.10", "198.18.0.11"],
    }


def test_subnets_of_others_are_left_alone():
    """A second lab on the same Docker engine takes the next free network."""
    taken = [IPv4Network("198.18.0.0/23")]

    assert addresses(topology("{lan: , wan: }"), taken)["ns"] == ["198.18.2.2"]


def test_a_written_address_is_kept_and_not_given_twice():
    """The default of another node goes round it."""
    text = NODES.replace("[wan, lan]", "{lan: 198.18.0.10, wan: }")
    found = addresses(topology("{lan: 198.18.0.0/24, wan: }", text))

    assert found["far"] == ["198.18.0.10", "198.18.1.10"]
    assert found["mx"] == ["198.18.0.11"]


def test_a_small_network_is_filled_from_its_beginning():
    """A /28 has no .10 and up for many."""
    found = addresses(topology("{lan: 198.18.9.16/29, wan: }"))

    assert found == {
        "mx": ["198.18.9.19"],
        "ns": ["198.18.9.18"],
        "far": ["198.18.0.10", "198.18.9.20"],
    }


def test_a_full_network_says_so():
    """Docker's own message about it names no network."""
    nodes = "\nnodes:\n  ns: {role: dns, hostname: ns.example.test}\n" + "".join(
        f"  m{n}: {{role: mta, hostname: m{n}.example.test}}\n" for n in range(8)
    )

    with pytest.raises(LabError, match="network 'lan' is full"):
        assign(topology("{lan: 198.18.9.16/29}", nodes))


def test_a_lab_that_runs_keeps_its_subnet():
    """The neighbour that was in the way has gone; to move now would cost all nodes."""
    held = {"lan": IPv4Network("198.18.5.0/24")}

    networks = assign(topology("{lan: , wan: }"), Surroundings(held=held)).networks

    assert [network.subnet for network in networks] == ["198.18.5.0/24", "198.18.0.0/24"]
