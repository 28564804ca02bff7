"""transport(5): keys in their order, and what an entry changes."""

import pytest

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.rewrite.transport_table import apply, find


@pytest.mark.parametrize(
    ("table", "found"),
    [
        pytest.param("u+x@a.b.test=1:", "1:", id="whole address"),
        pytest.param("u@a.b.test=2:", "2:", id="without extension"),
        pytest.param("a.b.test=3:", "3:", id="domain"),
        pytest.param(".b.test=4:", "4:", id="parent with a dot"),
        pytest.param("*=5:", "5:", id="wildcard"),
        pytest.param("b.test=6:", None, id="parent without a dot"),
    ],
)
def test_keys_of_an_address(table, found):
    """postconf(5) parent_domain_matches_subdomains leaves transport_maps out here."""
    settings = {
        "transport_maps": f"inline:{{{table}}}",
        "recipient_delimiter": "+",
        "parent_domain_matches_subdomains": "",
    }
    config = Config(settings)

    assert find(maps_of(config, "transport_maps"), "u+x@a.b.test", config) == found


@pytest.mark.parametrize(
    ("entry", "route"),
    [
        pytest.param(":", ("smtp", "hub"), id="changes nothing"),
        pytest.param("relay:", ("relay", "a.test"), id="null nexthop is the domain"),
        pytest.param(":[h]", ("smtp", "[h]"), id="null transport stays"),
        pytest.param("smtp:[h]:26", ("smtp", "[h]:26"), id="both"),
        pytest.param("error:5.1.1 gone", ("error", "5.1.1 gone"), id="text for error"),
        pytest.param("error:", ("error", "Address is undeliverable"), id="error, no text"),
    ],
)
def test_what_an_entry_makes_of_the_default_route(entry, route):
    """transport(5), RESULT FORMAT."""
    assert apply(entry, "a.test", "smtp", "hub") == route
