"""The mail filter procmail."""
