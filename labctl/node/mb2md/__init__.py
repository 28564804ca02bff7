"""mb2md: turn an mbox into a Maildir."""
