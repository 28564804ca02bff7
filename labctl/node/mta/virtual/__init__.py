"""virtual(8): mailboxes of users that have no account, found in tables."""
