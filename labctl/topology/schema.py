"""The JSON Schema of the topology language, for editors and for other programs."""

from __future__ import annotations

import json

from labctl.topology.models import Topology


def schema() -> str:
    """Give the JSON Schema as text; topologies/topology.schema.json is a copy of it."""
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Topology.model_json_schema(),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
