"""Subnets in use on this machine."""

from labctl.compiler.plan import Network
from labctl.engine.docker.subnets import routes
from labctl.engine.subnets import holder, passed_over

TAKEN = {
    "198.18.0.0/24": "the Docker network other",
    "10.0.0.0/8": "this machine's interface eth0",
}


def test_what_holds_a_subnet_is_named():
    """ "Pool overlaps" helps nobody to find the lab that is in the way."""
    assert holder("198.18.0.0/24", TAKEN) == "the Docker network other"
    assert holder("10.1.2.0/24", TAKEN) == "this machine's interface eth0 (10.0.0.0/8)"
    assert holder("198.18.1.0/24", TAKEN) == ""


def test_an_unusual_subnet_is_explained():
    """The address in the course book is .0.10; who finds .1.10 wants to know why."""
    assert passed_over([Network("lan", "198.18.1.0/24")], TAKEN) == [
        "network lan is 198.18.1.0/24: 198.18.0.0/24 is taken by the Docker network other"
    ]
    assert passed_over([Network("lan", "198.18.0.0/24")], {}) == []


def test_routes_of_this_machine_are_subnets_in_use():
    """A lab on the subnet of the campus would cut this machine off."""
    table = (
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t000012C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    )

    assert list(routes(table)) == [("eth0", "198.18.0.0/24")]
