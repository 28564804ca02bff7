"""Mailboxes on disk: mbox and Maildir, their locks, flags and UIDs."""
