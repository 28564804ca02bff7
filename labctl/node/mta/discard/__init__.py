"""discard(8): an agent that always succeeds and keeps nothing."""
