"""Files that come with labctl: topologies and images, in the wheel or beside a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent


def shipped(kind: str) -> Path:
    """Give the folder of shipped "topologies" or "images"."""
    installed = PACKAGE / "data" / kind
    return installed if installed.is_dir() else PACKAGE.parent / kind
