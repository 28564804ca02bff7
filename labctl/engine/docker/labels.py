"""What labctl writes on containers and networks; the only state that the Docker engine has."""

from __future__ import annotations

import os
from typing import Final

PREFIX: Final = "dev.labctl"
LAB: Final = f"{PREFIX}.lab"
NODE: Final = f"{PREFIX}.node"
NETWORK: Final = f"{PREFIX}.network"
STRUCTURE: Final = f"{PREFIX}.structure"
OWNER: Final = f"{PREFIX}.owner"


def of_lab(lab: str) -> dict[str, str]:
    """Give the labels of everything in a lab."""
    return {LAB: lab, OWNER: str(os.getuid())}


def container_name(lab: str, node: str) -> str:
    """The name that `docker ps` shows for a node."""
    return f"labctl-{lab}-{node}"


def network_name(lab: str, network: str) -> str:
    """The name that `docker network ls` shows for a network."""
    return f"labctl-{lab}-{network}"


def filters(lab: str = "") -> dict[str, str | list[str] | bool]:
    """Give the Docker filter that finds what belongs to a lab of this user, or to any lab."""
    return {"label": [f"{LAB}={lab}" if lab else LAB, f"{OWNER}={os.getuid()}"]}
