"""The name server of a lab: authoritative only, from zone files."""
