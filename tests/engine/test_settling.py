"""Two labs that look for a free subnet at the same moment each get one."""

import pytest

from labctl.compiler.plan import Network, Plan
from labctl.engine.intention import Intention, settle
from labctl.engine.subnets import SubnetTaken


def intention(subnet: str) -> Intention:
    """What `up` means to do, as far as subnets go."""
    return Intention(None, Plan("small", (Network("lan", subnet),), ()), is_new=True)


def taking(free: str):
    """Somebody who carries out only what has the one free subnet."""

    def carry_out(wanted: Intention) -> str:
        subnet = wanted.plan.networks[0].subnet
        if subnet != free:
            raise SubnetTaken(f"{subnet} was taken")
        return subnet

    return carry_out


def test_who_comes_second_takes_the_next_subnet():
    """A class that starts its labs all at once must not see "Pool overlaps"."""
    plans = iter([intention(f"198.18.{number}.0/24") for number in range(3)])

    assert settle(lambda: next(plans), taking("198.18.2.0/24")) == "198.18.2.0/24"


def test_a_subnet_that_the_topology_names_is_not_fought_for():
    """Trying again would change nothing: the user has to decide."""
    with pytest.raises(SubnetTaken, match=r"198\.18\.0\.0/24 was taken"):
        settle(lambda: intention("198.18.0.0/24"), taking("198.18.1.0/24"))
