"""procmail: what a user programs with recipes to sort mail; formail, lockfile beside it."""
