"""The table of parameters in step with the programs that read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labctl.node.mta.lib.config.parameters import PARAMETERS

NODE = Path(__file__).parents[5] / "labctl/node"
QUESTION = re.compile(
    r'(?:config\.(?:text|flag|number|seconds|words)\(|maps_of\([^,()]+,)\s*"([a-z0-9_]+)"'
)


def asked_for() -> set[str]:
    """Every parameter that some program asks Config for by its name."""
    return {
        name
        for path in NODE.rglob("*.py")
        for name in QUESTION.findall(path.read_text("utf-8"))
    }


def test_every_parameter_that_is_asked_for_is_in_the_table() -> None:
    """A name that is not there is a crash on the day that its program needs it."""
    assert asked_for() - PARAMETERS.keys() == set()


def test_what_is_asked_for_has_a_reader() -> None:
    """`postfix check` would warn of a parameter that does work."""
    without = {name for name in asked_for() if not PARAMETERS[name].is_read}

    assert len(asked_for()) > 100
    assert without == set()


def test_every_parameter_says_what_it_is_for() -> None:
    """The reference page is where a student looks first."""
    assert [one.name for one in PARAMETERS.values() if not one.doc.strip()] == []


@pytest.mark.parametrize(
    ("name", "bounds"),
    [("line_length_limit", (512, 0)), ("in_flow_delay", (0, 10)), ("reject_code", (0, 0))],
)
def test_bounds_are_those_of_postfix(name: str, bounds: tuple[int, int]) -> None:
    """0 stands for no bound."""
    assert PARAMETERS[name].bounds == bounds
