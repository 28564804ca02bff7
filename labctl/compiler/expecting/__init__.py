"""What a lab promises, read off its topology: one file per layer of checks."""

from labctl.compiler.expecting.everything import expectations

__all__ = ["expectations"]
