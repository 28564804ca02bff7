"""What must exist: a topology becomes a plan, one thing added per pass."""
