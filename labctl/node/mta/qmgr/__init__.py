"""The queue manager: what is delivered when, by whom, and what becomes of it."""
