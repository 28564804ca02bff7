"""YAML to plain data with positions."""

import pytest

from labctl.topology.source import parse


def data(text, environment=None):
    source = parse(text, "x.yml", environment or {})
    assert source.problems == []
    return source.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("mode: 0600", "0600", id="octal"),
        pytest.param("soft_bounce: yes", "yes", id="yes"),
        pytest.param("version: 1.10", "1.10", id="fraction"),
        pytest.param("since: 2014-01-09", "2014-01-09", id="date"),
        pytest.param("empty:", None, id="nothing"),
        pytest.param("empty: ~", None, id="tilde"),
        pytest.param("empty: ''", "", id="empty text"),
        pytest.param('word: "~"', "~", id="quoted tilde"),
    ],
)
def test_scalars_stay_as_they_were_typed(text, value):
    """Modes, main.cf settings and versions must not become numbers."""
    assert list(data(text).values()) == [value]


def test_variables_come_from_the_environment_or_have_a_default():
    """One file serves a class: the number of the seat comes from outside."""
    text = "lab: ${SEAT:-demo}\nother: ${OTHER:-x y}\npostfix: ${name?text} $myhostname"

    assert data(text, {"SEAT": "seat7"}) == {
        "lab": "seat7",
        "other": "x y",
        "postfix": "${name?text} $myhostname",
    }


def test_merge_keys_and_anchors_work():
    """Ten nodes that are alike are written once."""
    text = "base: &b {role: mta, image: node}\nmx: {<<: *b, role: primary}"

    assert data(text)["mx"] == {"role": "primary", "image": "node"}


def test_a_place_is_that_of_the_value_or_of_what_is_around_it():
    """A missing key is reported where it should stand."""
    source = parse("nodes:\n  mx:\n    role: dns\n", "x.yml", {})

    assert str(source.place(("nodes", "mx", "role"))) == "x.yml:3:11: nodes.mx.role"
    assert str(source.place(("nodes", "mx", "role"), key=True)) == "x.yml:3:5: nodes.mx.role"
    assert str(source.place(("nodes", "mx", "relay"))) == "x.yml:3:5: nodes.mx.relay"


@pytest.mark.parametrize(
    "text", ["a: [1, 2}", "a: b: c", "\ta: 1", "? [1, 2]\n: x", "a: \x00", "a: *nobody"]
)
def test_what_is_not_yaml_is_a_problem_with_a_place(text):
    """Everybody forgets a quote once."""
    problems = parse(text, "x.yml", {}).problems

    assert len(problems) == 1
    assert problems[0].place.line == 1
    assert problems[0].what.startswith("not YAML: ") or "plain word" in problems[0].what


def test_a_bomb_of_aliases_is_refused():
    """A file of a hundred bytes must not take the machine's memory."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    problems = parse(text, "x.yml", {}).problems

    assert [problem.what for problem in problems] == ["more than 100000 values"]
