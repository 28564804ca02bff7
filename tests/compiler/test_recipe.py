"""A lab that runs is not compiled again while its topology stays the same."""

from labctl.compiler.plan import to_json
from labctl.compiler.recipe import plan_from, read_recipe

TOPOLOGY = """
lab: school  # ours
nodes:
  ns: {role: dns, hostname: "ns.${DOMAIN:-example}.test"}
"""


def recipe(tmp_path, text=TOPOLOGY, environment=None, name=""):
    file = tmp_path / "x.yml"
    file.write_text(text)
    return read_recipe(file, environment or {}, name=name)


def test_the_plan_of_a_running_lab_is_taken_as_it_is(tmp_path):
    """Not equal only, but unread: the models are not even loaded."""
    first = plan_from(recipe(tmp_path))
    kept = to_json(first).replace("ns.example.test", "kept.example.test")

    again = plan_from(recipe(tmp_path), kept)
    assert again.node("ns").hostname == "kept.example.test"


def test_whatever_the_plan_depends_on_makes_it_new(tmp_path):
    """An edit that `up` does not see would be worse than a slow `up`."""
    kept = to_json(plan_from(recipe(tmp_path)))

    edited = plan_from(recipe(tmp_path, TOPOLOGY.replace("ns.$", "dns.$")), kept)
    other = plan_from(recipe(tmp_path, environment={"DOMAIN": "other"}), kept)
    renamed = plan_from(recipe(tmp_path, name="seat7"), kept)
    assert edited.node("ns").hostname == "dns.example.test"
    assert other.node("ns").hostname == "ns.other.test"
    assert renamed.lab == "seat7"


def test_the_name_of_the_lab_is_known_before_the_file_is_understood(tmp_path):
    """The engine is asked for the kept plan by this name."""
    assert recipe(tmp_path).lab == "school"
    assert recipe(tmp_path, name="seat7").lab == "seat7"
    assert recipe(tmp_path, TOPOLOGY.replace("school", "${X:-y}")).lab == ""


def test_a_file_that_is_not_there_is_reported_by_the_compiler(tmp_path):
    """There is one place that says it."""
    found = read_recipe(tmp_path / "gone.yml", {})

    assert (found.lab, found.stamp) == ("", "")
