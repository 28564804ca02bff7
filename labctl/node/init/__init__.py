"""PID 1 of a node."""
