"""Whatever stands in a topology file, the author gets problems and never a traceback."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from labctl.compiler.passes import compile_topology
from labctl.topology.load import load_text
from labctl.topology.models import NodeSpec, Topology
from labctl.topology.words import Role

WORDS = st.sampled_from(
    [
        *Topology.model_fields,
        *NodeSpec.model_fields,
        *Role,
        *("a", "mx", "ns", "lan", "example.test", "mx.example.test", "198.18.0.10", "x@y.test"),
    ]
).map(str)
SCALARS = WORDS | st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=6), inner)
    ),
    max_leaves=25,
)
NODES = st.dictionaries(
    st.sampled_from(["mx", "ns", "b"]),
    st.fixed_dictionaries(
        {
            "role": st.sampled_from([role.value for role in Role]),
            "hostname": st.sampled_from(["a.example.test", "b.example.test", "c.test"]),
        },
        optional={
            "domains": st.lists(st.sampled_from(["example.test", "c.test"])),
            "backup_for": st.lists(st.sampled_from(["example.test", "c.test"])),
            "virtual_domains": st.dictionaries(st.sampled_from(["v.test"]), VALUES),
            "alias_domains": VALUES,
            "relay": st.sampled_from(["mx", "ns", "b"]),
            "users": VALUES,
            "postfix": st.dictionaries(st.sampled_from(["relayhost", "mynetworks"]), SCALARS),
            "maps": VALUES,
            "networks": VALUES,
        },
    ),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(VALUES)
def test_any_data_gives_problems(data):
    """Types may be wrong everywhere at once."""
    loaded = load_text(yaml.safe_dump(data), "x.yml")

    assert loaded.topology is not None or loaded.problems


@settings(max_examples=40, deadline=None, derandomize=True)
@given(NODES)
def test_what_is_accepted_can_be_compiled(nodes):
    """The compiler asks no questions: what it cannot use is a problem before."""
    nodes = {**nodes, "dns": {"role": "dns", "hostname": "dns.test"}}
    loaded = load_text(yaml.safe_dump({"lab": "x", "nodes": nodes}), "x.yml")

    if loaded.topology is None:
        assert loaded.problems
    else:
        assert compile_topology(loaded.topology).lab == "x"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_gives_problems(text):
    """A file of something else was named by mistake."""
    assert load_text(text, "x.yml").problems
