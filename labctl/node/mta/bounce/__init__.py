"""bounce(8), defer(8), trace(8): keep the logs of deliveries, and tell the sender."""
