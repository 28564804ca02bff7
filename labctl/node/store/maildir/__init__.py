"""The Maildir format: a file a message, flags in its name, UIDs in a list beside."""
