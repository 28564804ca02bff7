"""error(8) and retry(8): agents that fail on purpose, and say why."""
