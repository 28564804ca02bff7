"""Lookup tables: one file per type."""
