"""The plan and its JSON form."""

from labctl.compiler.expected import MailExchanger, Mx
from labctl.compiler.plan import (
    File,
    Interface,
    Network,
    Node,
    Plan,
    Probe,
    Service,
    from_json,
    to_json,
)

PLAN = Plan(
    lab="school",
    networks=(Network("lan", "198.18.0.0/24"),),
    nodes=(
        Node(
            name="mx",
            hostname="mx.example.test",
            role="primary",
            image="node",
            interfaces=(Interface("lan", "198.18.0.10", 24),),
            files=(File("/etc/hostname", "mx\n"),),
            services=(Service("smtp", "master", ready=(Probe("smtp", "198.18.0.10", 25),)),),
        ),
    ),
    expectations=(
        Mx(
            id="dns.mx.example.test",
            domain="example.test",
            exchangers=(
                MailExchanger(preference=10, host="mx.example.test", address="198.18.0.10"),
            ),
            nodes=("mx",),
        ),
    ),
)


def test_a_plan_survives_json():
    """The plan of a running lab is kept in a file and compared with the next one."""
    assert from_json(to_json(PLAN)) == PLAN


def test_the_json_form_is_stable():
    """Golden files and `plan --detailed-exitcode` compare bytes."""
    assert to_json(PLAN) == to_json(from_json(to_json(PLAN)))


def test_an_expectation_says_its_kind_and_layer():
    """A reader of the JSON has no Python class to look at."""
    text = to_json(PLAN)

    assert '"kind": "mx",\n      "layer": "dns",' in text


def test_a_service_is_a_line_of_inittab():
    """init and the engines read the same line."""
    named = Service("named", "named -f", ready=(Probe("dns", "198.18.0.2", 53, "a.test"),))
    postmap = Service("postmap1", "postmap hash:/etc/postfix/transport", "wait")

    assert str(named) == "named:respawn:dns=198.18.0.2:53/a.test:named -f"
    assert str(postmap) == "postmap1:wait::postmap hash:/etc/postfix/transport"
