"""The name server of a lab."""
