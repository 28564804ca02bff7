"""Golden files: what the compiler makes of each topology, and what it says of wrong ones."""

import json
from pathlib import Path

import pytest

from labctl.compiler.passes import compile_topology
from labctl.compiler.plan import from_json, to_json
from labctl.topology.load import load, load_text
from labctl.topology.schema import schema

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TOPOLOGIES = sorted((ROOT / "topologies").glob("*.yml"))
WRONG = sorted((HERE / "problems").glob("*.yml"))


@pytest.fixture
def golden(request):
    """Compare with a golden file, or write it."""

    def compare(path, text):
        if request.config.getoption("--rewrite-golden", default=False):
            path.write_text(text)
        assert text == path.read_text()

    return compare


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_every_topology_becomes_the_same_plan(path, golden):
    """A change of the compiler shows in the files of every node that it touches."""
    plan = compile_topology(load(path, {}))

    golden(HERE / "plans" / f"{path.stem}.json", to_json(plan))


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_a_plan_survives_its_json(path):
    """Engines and checks read the plan of a running lab from its file."""
    plan = compile_topology(load(path, {}))

    assert from_json(to_json(plan)) == plan


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_every_expectation_needs_others_that_come_before_it(path):
    """A check that waits for one that never ran would be skipped for no reason."""
    seen = set()
    for expectation in compile_topology(load(path, {})).expectations:
        assert expectation.id not in seen
        assert seen.issuperset(expectation.needs)
        seen.add(expectation.id)


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_every_problem_is_said_at_once(path, golden):
    """The author repairs the file in one go: where, what, and what to do."""
    loaded = load_text(path.read_text(), path.name)

    assert loaded.topology is None
    golden(path.with_suffix(".txt"), "".join(f"{problem}\n" for problem in loaded.problems))


def test_the_published_schema_is_the_one_of_the_models(golden):
    """Editors read the copy in the repository."""
    golden(ROOT / "topologies" / "topology.schema.json", schema())


def test_the_schema_knows_every_key():
    """A key that the schema does not have is underlined in red by editors."""
    nodes = json.loads(schema())["$defs"]["NodeSpec"]

    assert nodes["additionalProperties"] is False
    assert {"role", "hostname", "postfix", "backup_for"} <= nodes["properties"].keys()
