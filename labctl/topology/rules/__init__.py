"""What must hold between the parts of a topology; each rule yields Problems."""

from labctl.topology.rules.table import check

__all__ = ["check"]
