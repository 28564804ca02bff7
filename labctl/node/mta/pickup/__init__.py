"""pickup(8): mail of local users, from maildrop to cleanup."""
