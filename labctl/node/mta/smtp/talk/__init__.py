"""The conversation with one server, from its greeting to QUIT."""
