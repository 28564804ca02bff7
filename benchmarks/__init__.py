"""What is measured, against what: one module a subject, `python -m benchmarks.NAME`."""
