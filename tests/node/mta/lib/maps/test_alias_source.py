"""The source of an alias database."""

import pytest

from labctl.node.mta.lib.maps.alias_source import alias_entries


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("a: b,c", "b, c", id="a space behind a comma"),
        pytest.param("a: Ann  Smith<ann@x.test>", "Ann Smith <ann@x.test>", id="and before <"),
        pytest.param("a: \\bob", "bob", id="a backslash that quotes nothing"),
        pytest.param('a: "|cmd x, y"', '"|cmd x, y"', id="a command keeps its quotes"),
    ],
)
def test_values_are_written_in_the_usual_form(line, value):
    """postalias -s shows what local(8) will read."""
    assert [entry.value for entry in alias_entries([line + "\n"])] == [value]
