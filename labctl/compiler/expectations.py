"""What a lab promises."""

from __future__ import annotations

from labctl.compiler.expected import Expectation
from labctl.compiler.lab import Lab


def expectations(lab: Lab) -> tuple[Expectation, ...]:
    return ()
