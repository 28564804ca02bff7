"""postconf(5) masquerade_domains: the order of the list decides."""

import pytest

from labctl.node.mta.cleanup.masquerade import masquerade


@pytest.mark.parametrize(
    ("address", "domains", "expected"),
    [
        pytest.param("a@pc.ex.test", ["ex.test"], "a@ex.test", id="subdomain"),
        pytest.param("a@ex.test", ["ex.test"], "a@ex.test", id="the domain itself"),
        pytest.param("a@notex.test", ["ex.test"], "a@notex.test", id="only at a dot"),
        pytest.param(
            "a@x.foo.ex.test", ["foo.ex.test", "ex.test"], "a@foo.ex.test", id="first"
        ),
        pytest.param("a@pc.ex.test", ["!pc.ex.test", "ex.test"], "a@pc.ex.test", id="excluded"),
        pytest.param(
            "a@x.pc.ex.test", ["!pc.ex.test", "ex.test"], "a@x.pc.ex.test", id="below"
        ),
        pytest.param("root@pc.ex.test", ["ex.test"], "root@pc.ex.test", id="exception"),
        pytest.param("A@PC.EX.test", ["ex.test"], "A@ex.test", id="case"),
    ],
)
def test_subdomains_are_hidden(address, domains, expected):
    """The outside world answers to the organisation, not to a workstation."""
    assert masquerade(address, domains, ["root"]) == expected
