"""The standard form of addresses, as rules of trivial-rewrite(8)."""

import pytest

from labctl.node.mta.rewrite.standard import Rules, standard_form

RULES = Rules(origin="origin.test", domain="dom.test")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("bob", "bob@origin.test", id="append_at_myorigin"),
        pytest.param("bob@host", "bob@host.dom.test", id="append_dot_mydomain"),
        pytest.param("bob@host.test", "bob@host.test", id="complete"),
        pytest.param("bob@host.test.", "bob@host.test", id="trailing dot"),
        pytest.param("bob@host..", "bob@host..", id="broken stays broken"),
        pytest.param("host!bob", "bob@host.dom.test", id="swap_bangpath"),
        pytest.param("bob%host", "bob@host.dom.test", id="allow_percent_hack"),
        pytest.param("bob%h@x.test", "bob%h@x.test", id="percent with a domain stays"),
        pytest.param("@a.test,@b.test:bob@c.test", "bob@c.test", id="source route"),
        pytest.param('"a@b"', '"a@b"@origin.test', id="quoted @ is no operator"),
        pytest.param("bob@[198.18.0.1]", "bob@[198.18.0.1]", id="address literal"),
        pytest.param("", "", id="null address"),
        pytest.param("@", '""', id="lone @"),
    ],
)
def test_addresses_become_complete(address, expected):
    """Tables and delivery see one form of each address."""
    assert standard_form(address, RULES) == expected
