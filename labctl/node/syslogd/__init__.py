"""The log daemon of a node."""
