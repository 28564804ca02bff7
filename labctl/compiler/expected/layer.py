"""The layers of the checks, from what everything needs to what needs everything."""

from __future__ import annotations

import enum


class Layer(enum.StrEnum):
    """What must work before what: a check is skipped when a lower layer has failed."""

    ENVIRONMENT = "environment"
    DNS = "dns"
    PORTS = "ports"
    LOGIN = "login"
    FLOW = "flow"
    POLICY = "policy"
    PROMISE = "promise"
    DRILL = "drill"
