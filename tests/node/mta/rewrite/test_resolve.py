"""Where recipients go, as transport(5), relocated(5) and postconf(5) have it."""

import pytest

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services.rewrite import ResolveFlag
from labctl.node.mta.rewrite.resolve import VERIFY, Resolver

BASE = {
    "myhostname": "mx.home.test",
    "mydomain": "home.test",
    "myorigin": "home.test",
    "mydestination": "home.test",
    "virtual_alias_domains": "alias.test",
    "virtual_mailbox_domains": "virtual.test",
    "relay_domains": "relay.test",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
}


@pytest.fixture
def resolver(tmp_path):
    def make(**parameters):
        log = Log("trivial-rewrite", path=str(tmp_path / "log"))
        config = Config({**BASE, **parameters}).with_warnings_to(log.warning)
        return Resolver(config, log)

    return make


@pytest.mark.parametrize(
    ("recipient", "route", "flag"),
    [
        pytest.param("bob@home.test", ("local", "mx.home.test"), ResolveFlag.LOCAL, id="local"),
        pytest.param(
            "bob@[127.0.0.1]", ("local", "mx.home.test"), ResolveFlag.LOCAL, id="our address"
        ),
        pytest.param(
            "x@alias.test",
            ("error", "5.1.1 User unknown in virtual alias table"),
            ResolveFlag.ALIAS,
            id="alias",
        ),
        pytest.param(
            "x@virtual.test", ("virtual", "virtual.test"), ResolveFlag.VIRTUAL, id="virtual"
        ),
        pytest.param("x@relay.test", ("relay", "relay.test"), ResolveFlag.RELAY, id="relay"),
        pytest.param("x@far.test", ("smtp", "far.test"), ResolveFlag.DEFAULT, id="default"),
    ],
)
def test_the_class_of_the_domain_decides(resolver, recipient, route, flag):
    """ADDRESS_CLASS_README."""
    resolved = resolver().resolve("ann@home.test", recipient)

    assert (resolved.transport, resolved.nexthop) == route
    assert resolved.flags & flag


@pytest.mark.parametrize(
    ("recipient", "settings", "final"),
    [
        pytest.param("bob%far.test@home.test", {}, "bob@far.test", id="percent"),
        pytest.param("far.test!bob@home.test", {}, "bob@far.test", id="bang"),
        pytest.param("bob@far.test@home.test", {}, "bob@far.test", id="quoted at"),
        pytest.param(
            "bob@far.test@home.test",
            {"resolve_dequoted_address": "no"},
            "bob@far.test@home.test",
            id="quotes left alone",
        ),
        pytest.param("bob@", {}, "bob@", id="no domain"),
        pytest.param("bob@", {"resolve_null_domain": "yes"}, "bob@mx.home.test", id="null"),
        pytest.param("bob@198.18.0.1", {}, "bob@198.18.0.1", id="numbers"),
        pytest.param(
            "bob@198.18.0.1",
            {"resolve_numeric_domain": "yes"},
            "bob@[198.18.0.1]",
            id="numbers in brackets",
        ),
        pytest.param("bob@far.test.", {}, "bob@far.test", id="trailing dot"),
        pytest.param("", {}, "MAILER-DAEMON@mx.home.test", id="nobody"),
    ],
)
def test_routing_in_local_parts_is_followed(resolver, recipient, settings, final):
    """An address with our domain may mean somebody elsewhere."""
    assert resolver(**settings).resolve("", recipient).recipient == final


@pytest.mark.parametrize("domain", ["1.2.3.4", "1.2.3", "-x.test", "a..test", "[x]", ""])
def test_what_is_no_domain_is_an_error(resolver, domain):
    """qmgr bounces it as bad address syntax, instead of asking name servers."""
    assert resolver().resolve("", f"bob@{domain}").flags & ResolveFlag.ERROR


def test_probes_may_go_other_ways(resolver):
    """postconf(5) address_verify_local_transport."""
    resolved = resolver(address_verify_local_transport="error:5.1.1 not here").resolve(
        "", "bob@home.test", VERIFY
    )

    assert (resolved.transport, resolved.nexthop) == ("error", "5.1.1 not here")


def test_a_table_of_domains_that_fails_names_its_parameter(resolver, tmp_path):
    """A list may have many tables; a domain of ours does not depend on the other lists."""
    broken = resolver(virtual_alias_domains="fail:x")
    resolved = broken.resolve("", "bob@home.test")
    log = (tmp_path / "log").read_text()

    assert not resolved.flags & ResolveFlag.FAIL
    assert "warning: virtual_alias_domains: fail:x: table lookup problem" in log
    assert "lookup failure" not in log


def test_a_literal_that_is_no_address_is_an_error_and_named(resolver, tmp_path):
    """The client hears of a bad address, the log says what is bad about it."""
    resolved = resolver().resolve("", "bob@[198.18.0]")

    assert resolved.flags & ResolveFlag.ERROR
    assert (
        "warning: valid_ipv4_hostaddr: invalid octet count: 198.18.0\n"
        in (tmp_path / "log").read_text()
    )


def test_a_broken_table_is_named_and_the_mail_waits(resolver, tmp_path):
    """Nothing may be delivered to the wrong place because a table is missing."""
    resolved = resolver(transport_maps="fail:broken").resolve("", "bob@home.test")

    assert resolved.flags & ResolveFlag.FAIL
    assert "transport_maps lookup failure" in (tmp_path / "log").read_text()


def test_the_sender_decides_about_the_relay(resolver):
    """postconf(5) sender_dependent_relayhost_maps: DUNNO has no opinion."""
    table = "inline:{{ann@home.test=[relay.ann]}, {bob@home.test=DUNNO}}"
    made = resolver(sender_dependent_relayhost_maps=table, relayhost="[all.test]")

    assert made.resolve("ann@home.test", "x@far.test").nexthop == "[relay.ann]"
    assert made.resolve("bob@home.test", "x@far.test").nexthop == "[all.test]"
