"""The difference between a plan and what exists, as steps with causes."""

from dataclasses import replace

import pytest

from labctl.compiler.plan import Directory, File, Interface, Network, Node, Plan
from labctl.engine.interface import NodeState, Observed, ObservedNode
from labctl.engine.reconcile import digest_of, reconcile, structure_of

MX = Node(
    name="mx",
    hostname="mx.example.test",
    role="primary",
    image="node",
    interfaces=(Interface("lan", "198.18.0.10", 24),),
    files=(File("/etc/postfix/main.cf", "mydomain = example.test\n", reload="postfix"),),
)
PLAN = Plan(lab="small", networks=(Network("lan", "198.18.0.0/24"),), nodes=(MX,))


def observed(node: Node = MX, state: NodeState = NodeState.READY) -> Observed:
    files = {file.path: digest_of(file) for file in node.files}
    return Observed(
        {"lan": "198.18.0.0/24"}, {node.name: ObservedNode(structure_of(node), files, state)}
    )


def lines(plan: Plan, there: Observed) -> list[str]:
    return [str(step) for step in reconcile(plan, there)]


def test_a_lab_that_is_as_planned_needs_nothing():
    """The second `up` must not disturb a student's work."""
    assert reconcile(PLAN, observed()) == []


def test_a_new_lab_gets_networks_before_nodes():
    """A node cannot be plugged into a network that is not there."""
    assert lines(PLAN, Observed()) == [
        "create network lan: subnet 198.18.0.0/24",
        "create node mx: it does not exist yet",
    ]


def test_a_changed_file_is_written_and_its_service_reloaded():
    """One line of main.cf must not cost the mail in the node's queue."""
    changed = replace(MX, files=(replace(MX.files[0], content="mydomain = other.test\n"),))

    assert lines(replace(PLAN, nodes=(changed,)), observed()) == [
        "write files mx /etc/postfix/main.cf: their content changed",
        "reload mx postfix: /etc/postfix/main.cf changed",
    ]


def test_a_new_directory_is_made_in_the_node_that_runs():
    """A new user must not cost all others their mail."""
    home = Directory("/home/eve", owner="eve", group="eve", mode="0755")

    assert lines(replace(PLAN, nodes=(replace(MX, directories=(home,)),)), observed()) == [
        "make directories mx /home/eve: they are new, or their owner or mode changed",
    ]


def test_a_file_that_left_the_topology_is_deleted():
    """A lookup table that nobody wrote down any more would go on deciding."""
    assert lines(replace(PLAN, nodes=(replace(MX, files=()),)), observed()) == [
        "delete files mx /etc/postfix/main.cf: the topology has these files no more",
    ]


@pytest.mark.parametrize(
    ("node", "there", "cause"),
    [
        pytest.param(
            replace(MX, hostname="mail.example.test"),
            observed(),
            "its interfaces, image or host name changed",
            id="a new host name",
        ),
        pytest.param(MX, observed(state=NodeState.FAILED), "it has failed", id="it failed"),
    ],
)
def test_what_cannot_change_in_place_is_made_anew(node, there, cause):
    """Each replacement says why, since it costs what is in the node."""
    assert lines(replace(PLAN, nodes=(node,)), there) == [
        f"remove node mx: {cause}",
        f"create node mx: {cause}",
    ]


def test_a_node_that_left_the_topology_goes_before_others_come():
    """It may hold the address that a new node wants."""
    other = replace(MX, name="mail")

    assert lines(replace(PLAN, nodes=(other,)), observed()) == [
        "remove node mx: the topology has no such node",
        "create node mail: it does not exist yet",
    ]


def test_a_network_with_another_subnet_takes_its_nodes_along():
    """Their addresses belong to the old one."""
    moved = replace(
        PLAN,
        networks=(Network("lan", "198.18.7.0/24"),),
        nodes=(replace(MX, interfaces=(Interface("lan", "198.18.7.10", 24),)),),
    )

    assert [line.split(":")[0] for line in lines(moved, observed())] == [
        "remove node mx",
        "remove network lan",
        "create network lan",
        "create node mx",
    ]
