"""Lists of domains in main.cf, and addresses with extensions."""

from __future__ import annotations

from pathlib import Path

import pytest

from labctl.node.mta.lib.config.address_parts import split_extension
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps.match_list import domain_list


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        pytest.param("A.Test", True, id="case does not matter"),
        pytest.param("www.a.test", True, id="relay_domains include subdomains"),
        pytest.param("no.a.test", False, id="an exclusion before the rule"),
        pytest.param("table.test", True, id="from a table"),
        pytest.param("file.test", True, id="from a file"),
        pytest.param("xa.test", False, id="a label is whole or not there"),
    ],
)
def test_the_first_item_that_matches_decides(tmp_path: Path, domain: str, expected: bool):
    """postconf(5) relay_domains: all the forms a list may have."""
    (tmp_path / "domains").write_text("# ours\nfile.test\n")
    words = f"!no.a.test, a.test, inline:{{table.test=x}}, {tmp_path}/domains"

    assert (
        domain in domain_list(Config({"relay_domains": words}), "relay_domains")
    ) is expected


def test_mydestination_does_not_include_subdomains():
    """parent_domain_matches_subdomains does not name it."""
    domains = domain_list(Config({"mydestination": "a.test"}), "mydestination")

    assert "www.a.test" not in domains


@pytest.mark.parametrize(
    ("local", "delimiters", "expected"),
    [
        ("ann+work", "+", ("ann", "+work")),
        ("ann", "+", ("ann", "")),
        ("ann-x+y", "+-", ("ann", "-x+y")),
        ("owner-list", "-", ("owner-list", "")),
        ("list-request", "-", ("list-request", "")),
        ("mailer-daemon", "-", ("mailer-daemon", "")),
        ("+x", "+", ("+x", "")),
    ],
)
def test_extensions_are_split_off(local: str, delimiters: str, expected: tuple[str, str]):
    """Names that the mail system itself uses keep their dashes."""
    assert split_extension(local, delimiters) == expected


def test_names_of_lists_may_be_split_when_main_cf_says_so():
    """postconf(5) owner_request_special = no: bob-request is bob, with an extension."""
    assert split_extension("bob-request", "-", owner_request_special=False) == (
        *("bob", "-request"),
    )
