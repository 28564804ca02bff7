"""trivial-rewrite(8): addresses in standard form, and where each of them goes."""
